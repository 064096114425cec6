"""Matching statements with our side, a whole channel at once (FIN-7.3-01)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction

from catalog.selectors import channels
from finance import rules
from finance.models import Reconciliation, SettlementFile
from finance.selectors.settlement import run_info
from finance.services import journal
from finance.services import matching_sql as sql
from finance.types import EntryDraft, RunInfo
from ops.engines.audit import services as audit
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering

SERIES: Final = "RC"
SOURCE: Final = "finance.reconciliation"
# A payment so short before the end of the covered days may stand in the next statement.
EDGE: Final = dt.timedelta(minutes=60)
_DUE_DAYS: Final = dt.timedelta(days=3)
_RUN: Final = may("finance", "P")


def run(
    *, channel_id: int, first: dt.date, last: dt.date, actor: Actor, at: dt.datetime
) -> RunInfo:
    """Match the statements of a channel with our payments and book what agrees.

    Looks at the business days asked for, at all files not yet reconciled and back to the oldest
    open break. What differs becomes a break; breaks that later data explains are cleared. Run
    again, nothing is booked twice. Raises Forbidden, PeriodClosed.
    """
    _RUN.require(actor)
    with transaction.atomic(), connection.cursor() as cursor:
        # A month of a big channel is ranked and joined in memory, not on the disk.
        cursor.execute("SET LOCAL work_mem = '128MB'")
        params = _params(cursor, channel_id, first, last, actor=actor, at=at)
        for statement in (
            sql.DAYS, sql.OURS, sql.LINES, "ANALYZE rec_ours", "ANALYZE rec_line", sql.PAIRS,
            "ANALYZE rec_pair", sql.VERDICTS, sql.FEES, "ANALYZE rec_fee", sql.FEE_VERDICTS,
        ):  # fmt: skip
            cursor.execute(statement, params)
        cursor.execute(sql.BREAKS, params)
        found = sum(is_new for (is_new,) in cursor.fetchall())
        cursor.execute(sql.CLEAR, params)
        params["cleared"] = [subject for (subject,) in cursor.fetchall()]
        cursor.execute(sql.DUE, params)
        due = cursor.fetchall()
        cursor.execute(sql.COUNTS, params)
        lines, ours, matched, still_open, difference = cursor.fetchone()
        cursor.execute(sql.RECONCILED, params)
        posted = journal.post(
            _vouchers(due, number=params["run"], currency=channels.channel(channel_id).currency),
            actor=actor,
            at=at,
        )
        made = Reconciliation.objects.create(
            number=params["run"],
            channel_id=channel_id,
            first_day=params["first"],
            last_day=params["last"],
            statement_lines=lines,
            our_records=ours,
            matched=matched,
            posted=len(posted.vouchers),
            found=found,
            cleared=len(params["cleared"]),
            open_breaks=still_open,
            difference=difference,
            run_at=at,
            run_by=actor.person_id,
        )
        audit.record(
            actor=actor,
            at=at,
            action="finance.reconciled",
            obj=(SOURCE, made.pk),
            body={
                "number": made.number,
                "days": [params["first"], params["last"]],
                "lines": lines,
                "matched": matched,
                "found": found,
                "cleared": made.cleared,
                "open": still_open,
                "difference": difference,
                "vouchers": list(posted.vouchers)[:50],
            },
        )
        for table in ("rec_day", "rec_ours", "rec_line", "rec_pair", "rec_verdict", "rec_fee"):
            cursor.execute(f"DROP TABLE {table}")
    return run_info(made)


def run_due(*, first: dt.date, last: dt.date, actor: Actor, at: dt.datetime) -> list[RunInfo]:
    """Reconcile every channel that has statements, one after the other."""
    ids = SettlementFile.objects.order_by("channel_id").values_list("channel_id", flat=True)
    return [
        run(channel_id=channel_id, first=first, last=last, actor=actor, at=at)
        for channel_id in ids.distinct()
    ]


def _params(
    cursor: Any,
    channel_id: int,
    first: dt.date,
    last: dt.date,
    *,
    actor: Actor,
    at: dt.datetime,
) -> dict[str, Any]:
    params: dict[str, Any] = {"channel": channel_id, "first": first, "last": last, "at": at}
    cursor.execute(sql.LOCK, params)
    cursor.execute(sql.SPAN, params)
    params["first"], params["last"] = cursor.fetchone()
    provider = SettlementFile.objects.filter(channel_id=channel_id).order_by("-id").first()
    owners = sorted(h.person_id for h in identity.holders(role=Role.FINANCE_OFFICER, at=at))
    return params | {
        "provider": provider.provider if provider else "",
        "edge": EDGE,
        "owner": actor.person_id or (owners[0] if owners else None),
        "due": business_day(at) + _DUE_DAYS,
        "run": numbering.take_one(SERIES, at=at),
    }


def _vouchers(
    due: list[tuple[dt.date, str, Decimal, int]], *, number: str, currency: str
) -> list[EntryDraft]:
    days: dict[dt.date, dict[str, Decimal]] = defaultdict(dict)
    for day, kind, amount, _count in due:
        days[day][kind] = amount
    return [
        _voucher(day, sums, number=number, currency=currency) for day, sums in sorted(days.items())
    ]


def _voucher(
    day: dt.date, sums: Mapping[str, Decimal], *, number: str, currency: str
) -> EntryDraft:
    return EntryDraft(
        effect_key=f"settle:{number}:{day:%Y%m%d}",
        business_day=day,
        source_type=SOURCE,
        source_id=number,
        memo=f"settlement {number} {day.isoformat()}",
        lines=rules.settled(sums),
        currency=currency,
    )
