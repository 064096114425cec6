"""Take files in, hand them out, erase their bytes."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from ops.engines.audit import services as audit
from ops.engines.files import disk, selectors
from ops.engines.files.errors import FileDamaged, FileMissing, FileTooLarge, QuotaReached
from ops.engines.files.holders import holder_of
from ops.engines.files.judging import judge
from ops.engines.files.models import Attachment
from ops.engines.files.names import display_name, stored_name
from ops.engines.files.sniffing import sniff
from ops.engines.files.types import AttachmentInfo, OpenedFile
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor

MAX_BYTES = 20 * 1024 * 1024  # one file; setting FILES_MAX_BYTES
PER_OBJECT = 50  # files on one record; setting FILES_PER_OBJECT
DAILY_BYTES = 500 * 1024 * 1024  # one person in 24 hours; setting FILES_DAILY_BYTES


def store(
    *,
    object_type: str,
    object_id: object,
    name: str,
    data: bytes,
    actor: Actor,
    at: dt.datetime,
    note: str = "",
) -> AttachmentInfo:
    """Keep a file for a record; the same bytes on the same record are kept once.

    Raises FileTooLarge, FileRefused (kind, mismatch, empty, broken, pixels, two kinds, active),
    QuotaReached; LookupError when no app declared the object type.
    """
    holder_of(object_type)
    require_size(len(data))
    shown = display_name(name)
    kind = sniff(data, name=shown)
    judge(kind.content_type, data)
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        _lock_object(object_type, str(object_id))
        same = Attachment.objects.filter(
            object_type=object_type, object_id=str(object_id), sha256=sha256
        ).first()
        if same is not None:
            return selectors.describe(same)
        _check_room(object_type, str(object_id), len(data), actor, at)
        row = Attachment(
            object_type=object_type,
            object_id=str(object_id),
            name=shown,
            content_type=kind.content_type,
            sha256=sha256,
            size=len(data),
            stored_name=stored_name(kind.ending),
            note=parse.text(note),
            uploaded_by_id=actor.person_id,
            uploaded_at=at,
        )
        _insert_with_bytes(row, data)
        audit.record(
            actor=actor,
            at=at,
            action="files.stored",
            obj=(object_type, object_id),
            body={"attachment": row.pk, "name": shown, "sha256": sha256, "size": len(data)},
        )
    return selectors.describe(row)


def require_size(size: int) -> None:
    """Refuse a file over the limit; a door asks before it reads the bytes. Raises FileTooLarge."""
    most = int(getattr(settings, "FILES_MAX_BYTES", MAX_BYTES))
    if size > most:
        raise FileTooLarge(
            "files.too_large",
            _("The file is larger than %(most)s MiB.") % {"most": most // (1024 * 1024)},
            most=most,
        )


def open_file(*, attachment_id: int, actor: Actor) -> OpenedFile:
    """Return a file's path after its bytes were compared with the hash taken at storing.

    Raises FileMissing (also for erased bytes), FileDamaged.
    """
    row = selectors.attachment(attachment_id=attachment_id, actor=actor)
    path = disk.path_of(row.stored_name)
    if not path.is_file():
        raise FileMissing("files.missing", _("No such file."))
    if disk.digest(path) != row.sha256:
        raise FileDamaged(
            "files.damaged", _("The stored file no longer matches its hash and is not handed out.")
        )
    return OpenedFile(selectors.describe(row), path)


def erase_file(*, attachment_id: int, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Destroy a file's bytes, as a person may demand of their data; the row and its hash stay.

    Raises FileMissing.
    """
    row = selectors.attachment(attachment_id=attachment_id, actor=actor)
    with transaction.atomic():
        audit.record(
            actor=actor,
            at=at,
            action="files.erased",
            obj=(row.object_type, row.object_id),
            body={"attachment": row.pk, "sha256": row.sha256, "reason": reason},
        )
        path = disk.path_of(row.stored_name)
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _check_room(object_type: str, object_id: str, size: int, actor: Actor, at: dt.datetime) -> None:
    per_object = int(getattr(settings, "FILES_PER_OBJECT", PER_OBJECT))
    held = Attachment.objects.filter(object_type=object_type, object_id=object_id).count()
    if held >= per_object:
        raise QuotaReached(
            "files.object_full",
            _("A record holds at most %(most)s files.") % {"most": per_object},
        )
    if actor.person_id is None:
        return
    daily = int(getattr(settings, "FILES_DAILY_BYTES", DAILY_BYTES))
    recent = Attachment.objects.filter(
        uploaded_by_id=actor.person_id, uploaded_at__gt=at - dt.timedelta(days=1)
    ).aggregate(total=Sum("size"))["total"]
    if (recent or 0) + size > daily:
        raise QuotaReached(
            "files.daily_quota",
            _("At most %(most)s MiB may be handed in within a day.")
            % {"most": daily // (1024 * 1024)},
        )


def _insert_with_bytes(row: Attachment, data: bytes) -> None:
    path = disk.write(row.stored_name, data)
    try:
        row.save(force_insert=True)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _lock_object(object_type: str, object_id: str) -> None:
    """Let one upload at a time count what hangs on a record."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"files:{object_type}:{object_id}"],
        )
