"""Statements, runs and breaks, as far as an actor may see their channels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TypeVar

from django.db import connection
from django.db.models import (
    Count,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Coalesce, Greatest, TruncDate

from finance.choices import BreakSource, BreakState
from finance.models import Break, Reconciliation, SettlementFile, SettlementLine
from finance.types import BreakInfo, ChannelStanding, DeskStanding, FileInfo, RunInfo
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day

Row = TypeVar("Row", bound=Model)
ZERO = Decimal("0.00")
# The files stand in every row, also where no channel was reconciled yet.
_DESK: Final = """
SELECT f.fresh, r.channel_id, c.name, r.first_day, r.last_day, r.statement_lines,
       r.statement_lines - b.lines, b.difference
  FROM (SELECT count(*) AS fresh FROM finance_settlementfile
         WHERE reconciled_at IS NULL
           AND (%(channels)s::bigint[] IS NULL OR channel_id = ANY(%(channels)s::bigint[]))) f
  LEFT JOIN (SELECT DISTINCT ON (channel_id) channel_id, first_day, last_day, statement_lines
               FROM finance_reconciliation
              WHERE %(channels)s::bigint[] IS NULL OR channel_id = ANY(%(channels)s::bigint[])
              ORDER BY channel_id, id DESC LIMIT %(most)s) r ON true
  LEFT JOIN catalog_channel c ON c.id = r.channel_id
  LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE source <> ALL(%(ours)s::text[])) AS lines,
              coalesce(sum(abs(coalesce(statement_amount, 0) - coalesce(our_amount, 0))), 0)
                  AS difference
         FROM finance_break WHERE channel_id = r.channel_id AND state = %(open)s) b ON true
 ORDER BY r.channel_id
"""


def files(*, actor: Actor) -> QuerySet[SettlementFile]:
    """Return the settlement files of the actor's channels."""
    return _mine(SettlementFile.objects.select_related("channel"), actor)


def runs(*, actor: Actor) -> QuerySet[Reconciliation]:
    """Return the reconciliations of the actor's channels."""
    return _mine(Reconciliation.objects.select_related("channel"), actor)


def breaks(*, actor: Actor) -> QuerySet[Break]:
    """Return the breaks of the actor's channels."""
    return _mine(Break.objects.select_related("channel", "line"), actor)


def lines_of(*, file_id: int, actor: Actor) -> QuerySet[SettlementLine]:
    """Return the lines of one file."""
    return _mine(SettlementLine.objects.filter(file_id=file_id), actor)


def file_info(row: SettlementFile) -> FileInfo:
    """Return a file as plain data."""
    return FileInfo(
        row.pk,
        row.number,
        row.channel_id,
        row.first_day,
        row.last_day,
        row.lines,
        row.income,
        row.expense,
        row.reconciled_at,
    )


def run_info(row: Reconciliation) -> RunInfo:
    """Return a run as plain data."""
    return RunInfo(
        row.pk,
        row.number,
        row.channel_id,
        row.first_day,
        row.last_day,
        row.statement_lines,
        row.our_records,
        row.matched,
        row.posted,
        row.found,
        row.cleared,
        row.open_breaks,
        row.difference,
    )


def break_info(row: Break, *, at: dt.datetime) -> BreakInfo:
    """Return a break with its age on the business day of a moment."""
    end = row.resolved_at or at
    return BreakInfo(
        id=row.pk,
        type=row.type,
        source=row.source,
        channel_id=row.channel_id,
        order_no=row.order_no,
        refund_no=row.refund_no,
        statement_amount=row.statement_amount,
        our_amount=row.our_amount,
        difference=difference(row),
        occurred_on=row.occurred_on,
        age_days=max((business_day(end) - row.occurred_on).days, 0),
        owner_person_id=row.owner_person_id,
        due_on=row.due_on,
        state=row.state,
        resolution=row.resolution,
        resolution_no=row.resolution_no,
        reason=row.reason,
        file_id=row.file_id,
        line_id=row.line_id,
        our_type=row.our_type,
        our_id=row.our_id,
        entry_id=row.entry_id,
    )


def difference(row: Break) -> Decimal:
    """Return what the statement has beyond our side."""
    return (row.statement_amount or ZERO) - (row.our_amount or ZERO)


def age(today: dt.date) -> Combinable:
    """Return the age of a break in days, as a column."""
    end = Coalesce(TruncDate("resolved_at", tzinfo=BUSINESS_ZONE), Value(today))
    return Greatest(ExpressionWrapper(Days(end, F("occurred_on")), IntegerField()), 0)


class Days(Func):
    """The days between two dates."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


def ages(*, actor: Actor, at: dt.datetime) -> tuple[int, int, int]:
    """Return how many open breaks are at most 3, at most 7, and more than 7 days old."""
    today = business_day(at)
    found = (
        breaks(actor=actor)
        .filter(state=BreakState.OPEN)
        .order_by()
        .aggregate(
            young=Count("id", filter=Q(occurred_on__gte=today - dt.timedelta(days=3))),
            week=Count("id", filter=Q(occurred_on__gte=today - dt.timedelta(days=7))),
            every=Count("id"),
        )
    )
    return found["young"], found["week"] - found["young"], found["every"] - found["week"]


def open_sum(rows: QuerySet[Break]) -> tuple[int, Decimal]:
    """Return how many breaks are open and the sum of their differences, each above zero."""
    open_rows = rows.filter(state=BreakState.OPEN)
    total = open_rows.aggregate(
        total=Coalesce(
            Sum(Abs(Coalesce(F("statement_amount"), ZERO) - Coalesce(F("our_amount"), ZERO))),
            ZERO,
        )
    )["total"]
    return open_rows.count(), total


def desk_standing(*, actor: Actor, most: int) -> DeskStanding:
    """Return the files to reconcile and where the first channels stand, in one statement."""
    allowed = actor.scope_ids("channel", "finance")
    given = {
        "channels": None if allowed is None else sorted(allowed),
        "most": most,
        "ours": [BreakSource.BOOKS.value, BreakSource.FILE.value],
        "open": BreakState.OPEN.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DESK, given)
        rows = cursor.fetchall()
    return DeskStanding(
        fresh_files=rows[0][0],
        channels=[ChannelStanding(*row[1:]) for row in rows if row[1] is not None],
    )


def latest_runs(*, actor: Actor, channel_ids: Iterable[int] | None = None) -> list[Reconciliation]:
    """Return the newest run of every channel."""
    rows = runs(actor=actor).order_by("channel_id", "-id").distinct("channel_id")
    return list(rows if channel_ids is None else rows.filter(channel_id__in=list(channel_ids)))


def _mine(rows: QuerySet[Row], actor: Actor) -> QuerySet[Row]:
    allowed = actor.scope_ids("channel", "finance")
    return rows if allowed is None else rows.filter(channel_id__in=allowed)


def channels_with_work(*, actor: Actor) -> set[int]:
    """Return the channels that have open breaks."""
    rows = breaks(actor=actor).filter(state=BreakState.OPEN).order_by()
    return set(rows.values_list("channel_id", flat=True).distinct())


def last_resolution(*, actor: Actor, channel_id: int, person_id: int | None) -> str:
    """Return the number of the last resolution a person made in a channel, empty when none."""
    if person_id is None:
        return ""
    rows = breaks(actor=actor).filter(channel_id=channel_id, resolved_by=person_id)
    return rows.order_by("-resolved_at").values_list("resolution_no", flat=True).first() or ""
