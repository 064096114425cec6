"""Files of a record on its page: shown to who may see the record, added by who works on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ops.engines.desk import formats
from ops.engines.desk.base import why_lacking
from ops.engines.files import selectors, services
from ops.engines.files.types import AttachmentInfo, OpenedFile
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import Policy

Text = str | Promise
MOST_AT_ONCE: Final = 10
_TITLE: Final = gettext_lazy("Files")
_ADD: Final = gettext_lazy("Add files")
_EMPTY: Final = gettext_lazy("No files yet.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Which files a page shows, and who may add to them now.

    The app declares with `files.holders.declare_holder` who may see the files of its records;
    `why_not` says why nobody adds any in this state.
    """

    object_type: str
    object_id: object
    title: Text = _TITLE
    add: Policy | None = None
    add_label: Text = _ADD
    why_not: Text = ""
    empty: Text = _EMPTY


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One file as it stands in the page."""

    name: str
    href: str
    note: str
    is_image: bool


@dataclass(frozen=True, slots=True)
class ShownFiles:
    """The files of a record as they stand in the page."""

    files: Files
    rows: Sequence[ShownFile]
    may_add: bool
    why_not: str


def shown(files: Files, *, actor: Actor) -> ShownFiles:
    """Return the files this actor may see, and whether more may be added."""
    rows = selectors.attachments(
        object_type=files.object_type, object_id=files.object_id, actor=actor
    )
    why = str(files.why_not)
    if files.add is not None and not files.add.allows(actor):
        why = why_lacking(files.add)
    return ShownFiles(
        files=files,
        rows=[_shown(row) for row in rows],
        may_add=files.add is not None and not why,
        why_not=why if files.add is not None else "",
    )


def add(
    files: Files, uploads: Sequence[UploadedFile[bytes]], *, actor: Actor, at: dt.datetime
) -> str:
    """Keep uploaded files on a record and say how many.

    Raises BadInput (none, too many), Forbidden, and what the files engine refuses.
    """
    if files.add is None or files.why_not:
        raise BadInput("files.closed", str(files.why_not) or _("No files are added here."))
    files.add.require(actor)
    if not 1 <= len(uploads) <= MOST_AT_ONCE:
        raise BadInput(
            "files.number", _("Choose 1 to %(most)s files at once.") % {"most": MOST_AT_ONCE}
        )
    for upload in uploads:
        services.require_size(upload.size or 0)
        services.store(
            object_type=files.object_type,
            object_id=files.object_id,
            name=upload.name or "file",
            data=upload.read(),
            actor=actor,
            at=at,
        )
    words = ngettext("%(count)s file added.", "%(count)s files added.", len(uploads))
    return words % {"count": len(uploads)}


def handed_out(found: OpenedFile) -> FileResponse:
    """Answer with a file somebody sent in: a picture to be seen, all else to be saved.

    Whatever it holds, the browser runs none of it: it is of the kind we say, and in a sandbox.
    """
    answer = FileResponse(
        found.path.open("rb"),
        as_attachment=not found.info.content_type.startswith("image/"),
        filename=found.info.name,
        content_type=found.info.content_type,
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _shown(row: AttachmentInfo) -> ShownFile:
    size = f"{formats.number(max(row.size // 1024, 1))} KiB"
    return ShownFile(
        name=row.name,
        href=reverse("desk:file", args=[row.id]),
        note=f"{size} · {formats.moment(row.uploaded_at)}",
        is_image=row.content_type.startswith("image/"),
    )
