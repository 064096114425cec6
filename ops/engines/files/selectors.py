"""Read what hangs on records."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ops.engines.files.errors import FileMissing
from ops.engines.files.holders import holder_of
from ops.engines.files.models import Attachment
from ops.engines.files.types import AttachmentInfo
from ops.engines.kernel.actor import Actor


def describe(row: Attachment) -> AttachmentInfo:
    """Return a row as plain values."""
    return AttachmentInfo(
        id=row.pk,
        object_type=row.object_type,
        object_id=row.object_id,
        name=row.name,
        content_type=row.content_type,
        sha256=row.sha256,
        size=row.size,
        note=row.note,
        uploaded_by_id=row.uploaded_by_id,
        uploaded_at=row.uploaded_at,
    )


def attachments(*, object_type: str, object_id: object, actor: Actor) -> list[AttachmentInfo]:
    """Return the files of one record, oldest first; none for who may not see the record."""
    holder = holder_of(object_type)
    if not (holder.policy.allows(actor) and holder.visible(actor, str(object_id))):
        return []
    rows = Attachment.objects.filter(object_type=object_type, object_id=str(object_id))
    return [describe(row) for row in rows.order_by("pk")]


def attachment(*, attachment_id: int, actor: Actor) -> Attachment:
    """Return one row the actor may see.

    Raises FileMissing, the same for no such file and for one that is not theirs.
    """
    row = Attachment.objects.filter(pk=attachment_id).first()
    if row is not None:
        holder = holder_of(row.object_type)
        if holder.policy.allows(actor) and holder.visible(actor, row.object_id):
            return row
    raise FileMissing("files.missing", _("No such file."))


def counts(*, object_type: str, object_ids: Iterable[object]) -> dict[str, int]:
    """Count the files of many records of one type in one query."""
    wanted = [str(object_id) for object_id in object_ids]
    found: dict[str, int] = dict.fromkeys(wanted, 0)
    rows = Attachment.objects.filter(object_type=object_type, object_id__in=wanted)
    for object_id in rows.values_list("object_id", flat=True):
        found[object_id] += 1
    return found
