"""What the warehouse does by the clock: days and months end, their report is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from inventory.selectors import closing as totals
from inventory.services import closing, count_plans, equipment, levels
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import daily, every, monthly, quarterly, weekly
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.reports import services as reports
from ops.engines.reports.choices import Format

_RUN = may("inventory", "P")
_UNPOSTED = gettext_noop("Unposted documents of %(day)s")
_UNPOSTED_BODY = gettext_noop("%(count)s documents wait to be posted before the day ends.")
_DRAFT = gettext_noop("The stock report of %(month)s is being made")


@job(
    "stock_level_watch",
    family="watch",
    cadence=every(minutes=5),
    clauses=["SCM-2.3-01"],
    policy=_RUN,
    title=_("Watch stock against its levels"),
)
def watch_levels(run: Run) -> Mapping[str, Any]:
    """Open and end alerts for low, out and over-stock."""
    return asdict(levels.watch(actor=run.actor, at=run.at))


@job(
    "stock_day_list",
    family="run",
    cadence=daily("21:30"),
    clauses=["SCM-2.3-02"],
    policy=_RUN,
    title=_("List the unposted documents of the day"),
    catch_up=1,
)
def list_unposted(run: Run) -> Mapping[str, Any]:
    """Tell keeper and store manager of each warehouse what is not posted yet."""
    documents = totals.unposted_documents(day=run.last)
    by_warehouse: dict[int, list[str]] = {}
    for document in documents:
        by_warehouse.setdefault(document.warehouse_id, []).append(document.number)
    for warehouse_id, numbers in by_warehouse.items():
        for role in (Role.WAREHOUSE_KEEPER, Role.STORE_MANAGER):
            notices.notify(
                kind=NoticeKind.ACT,
                title=_UNPOSTED,
                body=_UNPOSTED_BODY,
                params={"day": run.period, "count": len(numbers)},
                subject=f"inventory.warehouse:{warehouse_id}:{run.period}",
                role=role,
                area="inventory",
                scope=("warehouse", warehouse_id),
                actor=run.actor,
                at=run.at,
            )
    return {
        "documents": len(documents),
        "numbers": [document.number for document in documents[:200]],
    }


@job(
    "stock_day_close",
    family="run",
    cadence=daily("00:15", back=1),
    clauses=["SCM-2.3-02"],
    policy=_RUN,
    title=_("Freeze the past day of the stock ledger"),
    atomic=False,
)
def close_days(run: Run) -> Mapping[str, Any]:
    """Close the past day of every warehouse, and what an earlier night missed."""
    closed = closing.close_past_days(until=run.last, actor=run.actor, at=run.at)
    return {
        "closed": sum(day.is_new for day in closed),
        "moves": sum(day.moves for day in closed),
        "late": len(totals.late_documents(day=run.last)),
    }


@job(
    "stock_month_close",
    family="run",
    cadence=monthly(day=1, at="00:30", back=1),
    clauses=["SCM-2.3-02", "FIN-7.2-02"],
    policy=_RUN,
    title=_("Close the past month of the stock ledger"),
)
def close_month(run: Run) -> Mapping[str, Any]:
    """Close the month and store its balances and value."""
    closed = closing.close_month(month=run.first, actor=run.actor, at=run.at)
    return {
        "month": run.period,
        "revision": closed.revision,
        "moves": closed.moves,
        "quantity": closed.quantity,
        "value": str(closed.value),
        "content_hash": closed.content_hash,
    }


@job(
    "stock_month_report_build",
    family="report",
    cadence=monthly(day=-3, at="07:00"),
    clauses=["SCM-2.3-04"],
    policy=_RUN,
    title=_("Make the month's in, out and on-hand report"),
)
def build_month_report(run: Run) -> Mapping[str, Any]:
    """Start the draft of the month's report before the month ends, and tell its readers."""
    started = reports.start(
        name="stock_in_out_onhand",
        period=run.period,
        fmt=Format.XLSX,
        actor=run.actor,
        at=run.at,
    )
    for role in (Role.OPERATIONS_DIRECTOR, Role.STORE_MANAGER):
        notices.notify(
            kind=NoticeKind.FYI,
            title=_DRAFT,
            params={"month": run.period},
            link="/reports/stock_in_out_onhand/",
            subject=f"reports.run:{started.id}",
            role=role,
            actor=run.actor,
            at=run.at,
        )
    return {"run": started.id}


@job(
    "stock_quarter_count_open",
    family="open",
    # The last week of the quarter (SCM-2.3-05).
    cadence=quarterly(month=3, day=-7, at="08:00"),
    clauses=["SCM-2.3-05"],
    policy=_RUN,
    title=_("Open the quarter-end counts"),
)
def open_quarter_counts(run: Run) -> Mapping[str, Any]:
    """Open the count of the quarter in every warehouse."""
    opened = count_plans.open_quarter_counts(day=run.last, actor=run.actor, at=run.at)
    return {"opened": [count.number for count in opened]}


@job(
    "stock_cycle_count_open",
    family="open",
    cadence=weekly(1, "06:30"),
    clauses=["SCM-2.3-07"],
    policy=_RUN,
    title=_("Open the cycle counts of the week"),
    catch_up=1,
)
def open_cycle_counts(run: Run) -> Mapping[str, Any]:
    """Choose places by value and last count and open their counts."""
    opened = count_plans.open_cycle_counts(day=run.last, actor=run.actor, at=run.at)
    return {"opened": [count.number for count in opened]}


@job(
    "safety_equipment_watch",
    family="watch",
    cadence=daily("08:00"),
    clauses=["SCM-2.2-10"],
    policy=_RUN,
    title=_("Watch the inspection dates of safety equipment"),
    catch_up=1,
)
def watch_equipment(run: Run) -> Mapping[str, Any]:
    """Tell store managers what is overdue for inspection."""
    return {"overdue": equipment.watch_dates(today=run.last, actor=run.actor, at=run.at)}
