"""Importing files: choose a layout, look at the rows, try, load, and see the batch."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.desk import scopes
from ops.engines.desk.base import Screen
from ops.engines.desk.states import Tone, register_states
from ops.engines.http.entitled import EntitledFile
from ops.engines.identity.scopes import scope_kinds
from ops.engines.kernel.errors import BadInput, OpsError
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.tables import selectors, services, storage
from ops.engines.tables.choices import BatchState
from ops.engines.tables.errors import BatchMissing
from ops.engines.tables.intake import Preview, open_intake
from ops.engines.tables.registry import Registered, profile_named, profiles
from ops.engines.tables.types import BatchInfo

MOST_REASONS: Final = 12

register_states(
    {
        BatchState.PREVIEWED: Tone.WAITING,
        BatchState.DONE_WITH_REJECTS: Tone.WAITING,
        BatchState.REFUSED: Tone.STOPPED,
    }
)


class Imports(Screen):
    """`/imports/`: the newest batches, and bringing a new file."""

    policy = SIGNED_IN
    title = gettext_lazy("Imports")
    nav = "imports"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the upload form and the newest batches."""
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Read and check a file; its batch waits for the decision to load."""
        upload, profile = request.FILES.get("file"), request.POST.get("profile", "")
        if not isinstance(upload, UploadedFile) or not profile:
            return self._page(request, error=_("Choose a layout and a file."), status=422)
        options = {
            kind: request.POST[f"scope-{kind}"]
            for kind in scope_kinds()
            if request.POST.get(f"scope-{kind}")
        }
        try:
            batch = self._begin(upload, profile, options)
        except OpsError as refusal:
            return self._page(request, error=str(refusal), status=refusal.status)
        if batch.known:
            words = _("This file was imported before as %(number)s; nothing new was read.")
            self.say(request, "warning", words % {"number": batch.number})
        return HttpResponseRedirect(reverse("desk:import", args=[batch.id]))

    def _begin(
        self, upload: UploadedFile[Any], profile: str, options: Mapping[str, Any]
    ) -> BatchInfo:
        with tempfile.NamedTemporaryFile(prefix="guifan-upload-") as kept:
            for chunk in upload.chunks():
                kept.write(chunk)
            kept.flush()
            return services.begin_batch(
                profile=profile,
                path=Path(kept.name),
                name=str(upload.name),
                actor=self.actor,
                at=self.at,
                options=options,
            )

    def _page(self, request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
        allowed = [entry for entry in profiles() if entry.policy.allows(self.actor)]
        context = {
            "screen": self,
            "title": self.title,
            "profiles": [(e.profile.name, e.profile.title) for e in allowed],
            "profile": request.POST.get("profile", request.GET.get("profile", "")),
            "kinds": _scope_choices(self, allowed),
            "batches": [
                (batch, BatchState(batch.state), _title(batch))
                for batch in selectors.batches(actor=self.actor, limit=25)
            ],
            "errors": [("file", error)] if error else [],
        }
        return render(request, "desk/imports.html", context, status=status)


class BatchScreen(Screen):
    """`/imports/<id>/`: one batch: first rows, trial, result, rejects."""

    policy = SIGNED_IN
    nav = "imports"

    def get(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Show the batch."""
        return self._page(request, selectors.batch(batch_id=batch_id, actor=self.actor))

    def post(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """Try the load and take it back, or load."""
        batch = selectors.batch(batch_id=batch_id, actor=self.actor)
        if request.POST.get("step") == "try":
            return self._page(request, batch, trial=self._try(request, batch))
        if request.POST.get("step") != "load":
            raise BadInput("imports.step", _("This page has no such action."))
        try:
            done = services.run_batch(batch_id=batch_id, actor=self.actor, at=self.at)
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            return HttpResponseRedirect(request.path)
        words = _("%(number)s: %(accepted)s rows imported.")
        self.say(request, "success", words % {"number": done.number, "accepted": done.accepted})
        return HttpResponseRedirect(request.path)

    def _try(self, request: HttpRequest, batch: BatchInfo) -> BatchInfo | None:
        path = selectors.source_of(batch_id=batch.id, actor=self.actor)
        try:
            return services.import_file(
                profile=batch.profile,
                path=path,
                name=batch.file_name,
                actor=self.actor,
                at=self.at,
                options=dict(batch.options),
                dry_run=True,
            )
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            return None

    def _page(
        self, request: HttpRequest, batch: BatchInfo, *, trial: BatchInfo | None = None
    ) -> HttpResponse:
        is_open = batch.state == BatchState.PREVIEWED
        shown = trial or batch
        context = {
            "screen": self,
            "title": f"{batch.number} {batch.file_name}",
            "batch": batch,
            "shown": shown,
            "is_trial": trial is not None,
            "state": BatchState(batch.state),
            "profile_title": _title(batch),
            "is_open": is_open,
            "preview": self._preview(batch) if is_open else None,
            "reasons": _reasons(shown),
            "will_accept": max(shown.rows_read - shown.rejected - shown.duplicate, 0),
        }
        return render(request, "desk/import.html", context)

    def _preview(self, batch: BatchInfo) -> Preview | None:
        try:
            path = selectors.source_of(batch_id=batch.id, actor=self.actor)
            with open_intake(path, profile_named(batch.profile).profile, name=path.name) as intake:
                return intake.preview()
        except (OpsError, OSError):
            # The batch page must open even when its file is gone; the load would say why.
            return None


class Rejects(Screen):
    """`/imports/<id>/rejects/`: the refused rows with line, column and reason."""

    policy = SIGNED_IN

    def get(self, request: HttpRequest, batch_id: int) -> HttpResponse | FileResponse:
        """Hand the file out."""
        batch = selectors.batch(batch_id=batch_id, actor=self.actor)
        if not batch.rejects_file:
            raise BatchMissing("tables.no_rejects", _("This import has no refused rows."))
        path = storage.full_path(batch.rejects_file)
        name = f"{batch.number}-rejects.csv"
        return FileResponse(
            EntitledFile(path.open("rb"), request),
            as_attachment=True,
            filename=name,
            content_type="text/csv",
        )


def _title(batch: BatchInfo) -> str:
    try:
        return str(profile_named(batch.profile).profile.title)
    except OpsError:
        return batch.profile


def _reasons(batch: BatchInfo) -> Sequence[tuple[str, int]]:
    return sorted(batch.reasons.items(), key=lambda pair: -pair[1])[:MOST_REASONS]


def _scope_choices(screen: Screen, allowed: Sequence[Registered]) -> list[Any]:
    """Return the scope kinds a file may belong to, with the objects this person works in."""
    if not any(entry.scope is not None for entry in allowed):
        return []
    return [
        (kind, title, choices)
        for kind in scope_kinds()
        if kind != "department"
        for title, choices in [scopes.codes(actor=screen.actor, kind=kind)]
        if choices
    ]
