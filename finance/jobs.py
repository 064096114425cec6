"""What finance does by the clock: match, compare, close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from finance.choices import CloseState, ItemState
from finance.services import agreement, closing, reconciliation
from inventory.services import closing as stock
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import daily, monthly
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

_RUN = may("finance", "P")
_OPEN = gettext_noop("The close of %(month)s waits: %(count)s items are open")


@job(
    "payment_reconcile",
    family="run",
    cadence=daily("03:30", back=1),
    clauses=["FIN-7.1-10", "FIN-7.3-01"],
    policy=_RUN,
    title=_("Match statements with payments, refunds and orders"),
    longest=dt.timedelta(hours=2),
)
def reconcile(run: Run) -> Mapping[str, Any]:
    """Match every channel that has statements."""
    made = reconciliation.run_due(first=run.first, last=run.last, actor=run.actor, at=run.at)
    return {
        "runs": [one.number for one in made],
        "matched": sum(one.matched for one in made),
        "found": sum(one.found for one in made),
        "cleared": sum(one.cleared for one in made),
        "open": sum(one.open_breaks for one in made),
    }


@job(
    "three_way_agreement",
    family="run",
    cadence=daily("00:45", back=1),
    clauses=["SCM-2.3-03"],
    policy=_RUN,
    title=_("Compare stock with the general ledger"),
)
def compare_books(run: Run) -> Mapping[str, Any]:
    """Compare the books at the end of the past day."""
    found = agreement.record(day=run.last, actor=run.actor, at=run.at)
    return {
        "stock": str(found.stock_value),
        "ledger": str(found.ledger_value),
        "agrees": found.agrees,
        "differences": len(found.details),
    }


@job(
    "finance_month_close",
    family="run",
    cadence=monthly(day=3, at="06:00", back=1),
    clauses=["FIN-7.4-01"],
    policy=_RUN,
    title=_("Check the close list and lock the past month"),
)
def close_month(run: Run) -> Mapping[str, Any]:
    """Close stock, look at the list, and close the ledger when every item is done."""
    stock.close_month(month=run.first, actor=run.actor, at=run.at)
    seen = closing.check(month=run.first, actor=run.actor, at=run.at)
    waiting = [item.key for item in seen.items if item.state != ItemState.DONE]
    if not waiting:
        seen = closing.close_month(month=run.first, actor=run.actor, at=run.at)
    elif seen.state != CloseState.CLOSED:
        for role in (Role.FINANCE_OFFICER, Role.FINANCE_MANAGER):
            notices.notify(
                kind=NoticeKind.ACT,
                title=_OPEN,
                params={"month": run.period, "count": len(waiting)},
                link=f"/finance/close/{run.period}/",
                subject=f"finance.monthclose:{seen.id}",
                role=role,
                actor=run.actor,
                at=run.at,
            )
    return {"month": run.period, "state": seen.state, "open": waiting}
