"""Sending a file: it lies in the folder of its source until the job reads it."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.sources import inbox, selectors
from ops.engines.sources.choices import KEPT, FileState
from ops.engines.sources.errors import InboxFull, SourceClosed, bad
from ops.engines.sources.feeds import feed_named
from ops.engines.sources.models import SentFile, Source
from ops.engines.sources.services.keeping import SUBJECT
from ops.engines.sources.types import FileInfo
from ops.engines.tables.limits import DEFAULT, MIB
from ops.engines.tables.storage import shown_name

MOST_WAITING: Final = 50


def send_file(*, source_id: int, path: Path, name: str, actor: Actor, at: dt.datetime) -> FileInfo:
    """Put a file into the folder of a source; the same bytes again, renamed or not, are `known`.

    Who may import files of the layout there may send them. Raises SourceMissing, SourceClosed,
    Forbidden, InboxFull, BadInput (empty, too large).
    """
    source = selectors.source(source_id=source_id, actor=actor)
    entry = feed_named(source.profile).entry
    entry.policy.require(actor)
    if not entry.reaches(actor, source.scope_kind, source.scope_id):
        raise Forbidden("tables.scope", _("You may not import files there."))
    size = path.stat().st_size
    if size == 0:
        raise bad("file", "empty", _("The file is empty."))
    if size > DEFAULT.file_bytes:
        words = _("The file is larger than %(limit)s MB.") % {"limit": DEFAULT.file_bytes // MIB}
        raise bad("file", "too_large", words)
    sha256 = inbox.digest(path)
    with transaction.atomic():
        # One sender at a time: the same bytes sent twice at once are kept once.
        Source.objects.select_for_update(of=("self",), no_key=True).get(pk=source.pk)
        if source.closed_at is not None:
            raise SourceClosed
        same = SentFile.objects.filter(source=source.pk, sha256=sha256, state__in=KEPT).first()
        if same is not None:
            return selectors.described(same, known=True)
        waiting = SentFile.objects.filter(source=source.pk, state=FileState.WAITING).count()
        if waiting >= MOST_WAITING:
            raise InboxFull(MOST_WAITING)
        return selectors.described(_keep(source, path, name, size, sha256, actor=actor, at=at))


def _keep(
    source: Source, path: Path, name: str, size: int, sha256: str, *, actor: Actor, at: dt.datetime
) -> SentFile:
    key = uuid.uuid4()
    inbox.keep(path, source.pk, key)
    try:
        row = SentFile.objects.create(
            key=key,
            source=source,
            file_name=shown_name(name),
            sha256=sha256,
            size=size,
            sent_by=actor.person_id,
            sent_name=actor.name[:120],
            sent_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="sources.file_sent",
            obj=(SUBJECT, source.pk),
            body={"file": row.file_name, "sha256": sha256, "size": size},
        )
    except BaseException:
        inbox.drop(source.pk, key)
        raise
    return row
