"""Forms that take a file: it is looked at first, tried, then loaded on the page of its import."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.screens import Done, Field, FormScreen
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.tables import services as tables

FILE = Field("file", _("File"), "file", accept=".csv,.xlsx")
GOOD_ROWS = Field(
    "good_rows_only", _("Load the good rows even if others are wrong"), "flag", required=False
)


class FromFile(FormScreen, abstract=True):
    """A file under `profile`; every other field of the form is an option of its import."""

    policy = may("catalog", "C")
    submit_label = _("Look at the file")
    profile: ClassVar[str]
    list_url: ClassVar[str]

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Read and check the file; its batch waits for the decision to load."""
        upload = values["file"]
        options = {
            key: value.isoformat() if isinstance(value, dt.datetime) else value
            for key, value in values.items()
            if key != "file" and value
        }
        with tempfile.NamedTemporaryFile(prefix="guifan-upload-") as kept:
            for chunk in upload.chunks():
                kept.write(chunk)
            kept.flush()
            batch = tables.begin_batch(
                profile=self.profile,
                path=Path(kept.name),
                name=str(upload.name),
                actor=actor,
                at=at,
                options=options,
            )
        return Done(
            message=gettext("Try the file, or load it."),
            href=reverse("desk:import", args=[batch.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse(self.list_url)
