"""Reading outside sources, inside what the asking person may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from ops.engines.clocks import selectors as clocks
from ops.engines.clocks.calendars import Calendar
from ops.engines.kernel.actor import Actor

from .choices import FileState
from .errors import SourceMissing
from .feeds import feeds
from .models import SentFile, Source
from .rules import Timetable, missed
from .types import FileInfo, SourceInfo

_FIGURES = Q(files__state=FileState.TAKEN, files__batch__accepted__gt=0)


def sources(*, actor: Actor) -> QuerySet[Any]:
    """Return the sources whose figures the actor may see, each with `last_at` and `waiting`.

    `last_at` is when the newest file came that brought a row, None while none has.
    """
    return Source.objects.filter(_seen(actor)).annotate(
        last_at=Max("files__sent_at", filter=_FIGURES),
        waiting=Count("files", filter=Q(files__state=FileState.WAITING)),
    )


def source(*, source_id: int, actor: Actor) -> Any:
    """Return one source; raises SourceMissing, the same for one that is not theirs."""
    found = sources(actor=actor).filter(pk=source_id).first()
    if found is None:
        raise SourceMissing(source_id)
    return found


def files(*, actor: Actor) -> QuerySet[SentFile]:
    """Return the files of the sources the actor may see, newest first."""
    rows = SentFile.objects.filter(source__in=Source.objects.filter(_seen(actor)))
    return rows.select_related("source", "batch").order_by("-pk")


def late_since(
    row: Source, *, last_at: dt.datetime | None, calendar: Calendar, at: dt.datetime
) -> dt.datetime | None:
    """Return when figures of a source were owed that are not there, None when nothing is late."""
    if row.closed_at is not None:
        return None
    return missed(timetable(row), calendar, opened_at=row.opened_at, last_at=last_at, at=at)


def calendar() -> Calendar:
    """Return the working calendar by which figures are owed."""
    return clocks.calendar()


def timetable(row: Source) -> Timetable:
    """Return when figures of a source are owed."""
    return Timetable(rhythm=row.rhythm, weekday=row.weekday, hour=row.hour)


def newest_read() -> dt.datetime | None:
    """Return when a sent file was last read: the evidence of regular figures from outside."""
    rows = SentFile.objects.filter(state=FileState.TAKEN)
    return rows.order_by("-pk").values_list("read_at", flat=True).first()


def describe(row: Source) -> SourceInfo:
    """Return a source as plain values."""
    return SourceInfo(id=row.pk, code=row.code, profile=row.profile, is_open=row.closed_at is None)


def described(row: SentFile, *, known: bool = False) -> FileInfo:
    """Return a sent file as plain values."""
    return FileInfo(
        id=row.pk,
        source_id=row.source_id,
        state=row.state,
        file_name=row.file_name,
        sha256=row.sha256,
        sent_at=row.sent_at,
        known=known,
    )


def _seen(actor: Actor) -> Q:
    """Return the sources whose feed's area the actor may view, there where they are about."""
    seen = Q(pk__in=())
    for each in feeds().values():
        if not each.readers.allows(actor):
            continue
        kind = each.readers.objects
        allowed = actor.scope_ids(kind, each.readers.area)
        mine = Q(profile=each.profile)
        if allowed is not None:
            mine &= Q(scope_kind=kind, scope_id__in=allowed) | Q(scope_id__isnull=True)
        seen |= mine
    return seen
