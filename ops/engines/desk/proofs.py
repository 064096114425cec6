"""The field by which a person proves to be there before a deed is done (S13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.fields import Field, LineFields
from ops.engines.http.actors import demo_code
from ops.engines.kernel.actor import Actor

PROOF: Final = Field(
    "code",
    _("One-time code"),
    "proof",
    most=6,
    autocomplete="one-time-code",
    hint=_("The code your app shows now. It proves you for this deed alone."),
)


def demo_codes(
    fields: Iterable[Field | LineFields], request: HttpRequest, *, actor: Actor, at: dt.datetime
) -> dict[str, str]:
    """Return what a demo person's app would show, for the fields that ask for it; else nothing."""
    asked = [each.key for each in fields if isinstance(each, Field) and each.kind == "proof"]
    return {key: demo_code(request, actor, at=at) for key in asked}
