"""Reading what lies in the folders of the sources, and telling owners what is wrong or late.

Files are read one by one, each in a transaction of its own with its import, oldest first. A file
that is refused, or a loader that breaks, stops neither the other files nor the other sources.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.sources import inbox, selectors
from ops.engines.sources.choices import FileState
from ops.engines.sources.feeds import feeds
from ops.engines.sources.models import SentFile, Source
from ops.engines.sources.services.keeping import SUBJECT
from ops.engines.sources.types import TakeReport
from ops.engines.tables import services as tables
from ops.engines.tables.choices import BatchState
from ops.engines.tables.types import BatchInfo

MOST_TRIES: Final = 3
_LOG: Final = logging.getLogger(__name__)
_LATE: Final = gettext_noop("No figures since %(since)s: %(source)s")
_NEVER: Final = gettext_noop("No figures yet: %(source)s")
_OWED: Final = gettext_noop("They were owed on %(day)s. Send the file, or change when it is owed.")
_TROUBLE: Final = gettext_noop("A file of %(source)s brought nothing: %(file)s")
_REJECTS: Final = gettext_noop("A file of %(source)s left %(rejected)s rows out: %(file)s")
_LOOK: Final = gettext_noop("The page of the source says why; mend the file and send it again.")

Progress = Callable[[int, int | None, str], None]


def take_waiting(*, actor: Actor, at: dt.datetime, progress: Progress) -> TakeReport:
    """Read every waiting file of the open sources, then tell owners whose figures are late.

    Once per file and once per spell of lateness, however often this runs.
    """
    rows = SentFile.objects.filter(state=FileState.WAITING, source__profile__in=feeds())
    waiting = list(rows.order_by("pk").values_list("pk", "source__code"))
    came: Counter[str] = Counter()
    for done, (pk, code) in enumerate(waiting):
        progress(done, len(waiting), code)
        came[_take(pk, actor=actor, at=at)] += 1
    return TakeReport(
        taken=came[FileState.TAKEN],
        known=came[FileState.KNOWN],
        refused=came[FileState.REFUSED],
        failed=came[FileState.FAILED],
        late=tell_late(actor=actor, at=at),
    )


def tell_late(*, actor: Actor, at: dt.datetime) -> int:
    """Tell the owners of sources whose figures are late; each once until figures come again."""
    told = 0
    calendar = selectors.calendar()
    for row in selectors.sources(actor=actor).filter(closed_at__isnull=True).order_by("pk"):
        owed = selectors.late_since(row, last_at=row.last_at, calendar=calendar, at=at)
        if owed is not None:
            since = business_day(row.last_at).isoformat() if row.last_at else ""
            told += bool(
                _tell(
                    row,
                    _LATE if since else _NEVER,
                    _OWED,
                    {"since": since, "day": business_day(owed).isoformat()},
                    key=f"late:{since}",
                    actor=actor,
                    at=at,
                )
            )
    return told


def _take(file_id: int, *, actor: Actor, at: dt.datetime) -> str:
    """Read one file; returns what came of it, "" when another run has it.

    One that broke is "failed", also while it waits to be tried again. Whatever breaks in a loader
    is written down with the file, so that the run goes on.
    """
    try:
        with transaction.atomic():
            row = _locked(file_id)
            return "" if row is None else _read(row, actor=actor, at=at)
    except Exception:  # noqa: BLE001 - a broken file or loader must not stop the others
        _LOG.exception("sent file %s could not be read", file_id)
        with transaction.atomic():
            row = _locked(file_id)
            return "" if row is None else _failed(row, actor=actor, at=at)


def _locked(file_id: int) -> SentFile | None:
    """Lock a waiting file; None when another run has it."""
    rows = SentFile.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return rows.select_related("source").filter(pk=file_id, state=FileState.WAITING).first()


def _read(row: SentFile, *, actor: Actor, at: dt.datetime) -> str:
    source = row.source
    try:
        batch = tables.import_file(
            profile=source.profile,
            path=inbox.place(source.pk, row.key),
            name=row.file_name,
            actor=actor,
            at=at,
            options={**source.options, "source": source.code},
        )
    except OpsError as refusal:
        return _finish(row, FileState.REFUSED, str(refusal), None, actor=actor, at=at)
    if batch.state == BatchState.REFUSED:
        return _finish(row, FileState.REFUSED, batch.message, batch, actor=actor, at=at)
    state = FileState.KNOWN if batch.known else FileState.TAKEN
    return _finish(row, state, "", batch, actor=actor, at=at)


def _failed(row: SentFile, *, actor: Actor, at: dt.datetime) -> str:
    """Count a broken reading; the third one ends the file."""
    row.tries += 1
    if row.tries >= MOST_TRIES:
        words = _("It broke three times while it was read; the log of the house says where.")
        return _finish(row, FileState.FAILED, words, None, actor=actor, at=at)
    row.save(update_fields=["tries"])
    return FileState.FAILED


def _finish(
    row: SentFile,
    state: FileState,
    message: str,
    batch: BatchInfo | None,
    *,
    actor: Actor,
    at: dt.datetime,
) -> str:
    row.state, row.message, row.read_at = state, message or "", at
    row.batch_id = batch.id if batch else None
    row.save(update_fields=["state", "message", "read_at", "batch", "tries"])
    audit.record(
        actor=actor,
        at=at,
        action="sources.file_read",
        obj=(SUBJECT, row.source_id),
        body={
            "file": row.file_name,
            "sha256": row.sha256,
            "state": str(state.value),
            "batch": batch.number if batch else "",
            "rows": batch.rows_read if batch else 0,
            "accepted": batch.accepted if batch else 0,
            "rejected": batch.rejected if batch else 0,
        },
    )
    _tell_of(row, batch, actor=actor, at=at)
    transaction.on_commit(lambda: inbox.drop(row.source_id, row.key))
    return state


def _tell_of(row: SentFile, batch: BatchInfo | None, *, actor: Actor, at: dt.datetime) -> None:
    """Tell the owner of a file that brought nothing or left rows out; figures settle what was."""
    brought = row.state == FileState.TAKEN and batch is not None and batch.accepted
    if brought:
        notices.settle(subject=f"{SUBJECT}:{row.source_id}", at=at)
    if row.state == FileState.KNOWN:
        return
    if brought and batch is not None and not batch.rejected:
        return
    title = _REJECTS if brought else _TROUBLE
    params = {"file": row.file_name, "rejected": batch.rejected if batch else 0}
    _tell(row.source, title, _LOOK, params, key=f"file:{row.pk}", actor=actor, at=at)


def _tell(
    source: Source,
    title: str,
    body: str,
    params: dict[str, Any],
    *,
    key: str,
    actor: Actor,
    at: dt.datetime,
) -> int:
    scope = (source.scope_kind, source.scope_id) if source.scope_id is not None else None
    return notices.notify(
        kind=NoticeKind.ACT,
        title=title,
        body=body,
        params={"source": source.title, **params},
        link=f"/outside-sources/{source.pk}/",
        subject=f"{SUBJECT}:{source.pk}",
        role=source.owner,
        area=feeds()[source.profile].readers.area,
        scope=scope,
        effect_key=f"source:{source.pk}:{key}",
        actor=actor,
        at=at,
    )
