"""What marketing does by the clock: build the facts, send the daily sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from marketing.selectors import board, sheet
from marketing.services import facts
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

_RUN = may("marketing", "C")
_SHEET = gettext_noop("Sales of %(day)s")
_FLAGGED = gettext_noop("%(count)s channels left their usual range: %(channels)s")
_USUAL = gettext_noop("No channel left its usual range.")
_CONFIRM = gettext_noop("Confirm the sales of %(day)s by 10:00")


@job(
    "metrics_daily_build",
    family="report",
    cadence=daily("06:00", back=1),
    clauses=["HR-1.2-22", "MKT-5.4-05", "SYS-6.1-04"],
    policy=_RUN,
    title=_("Build the facts of the day before and send the daily sheet"),
    catch_up=3,
)
def build_facts(run: Run) -> Mapping[str, Any]:
    """Build yesterday and every day that changed, then tell supervisors and specialists."""
    facts.note(days=[run.last], at=run.at)
    built = facts.build_changed(at=run.at, with_months=True)
    rows = sheet.sheet(day=run.last, channels=board.my_channels(run.actor))
    flagged = [row.name for row in rows if row.is_flagged]
    day = run.last.isoformat()
    if rows:
        _tell(run, day, flagged)
    return {
        "days": built.days,
        "rows": built.rows,
        "months": built.months,
        "channels": len(rows),
        "flagged": flagged,
    }


@job(
    "metrics_refresh",
    family="run",
    cadence=every(minutes=15),
    clauses=["SYS-6.1-01"],
    policy=_RUN,
    title=_("Bring the sales of changed days up to date"),
    catch_up=1,
)
def refresh(run: Run) -> Mapping[str, Any]:
    """Build the days that changed since the last time; months wait for the night."""
    built = facts.build_changed(at=run.at, with_months=False)
    return {"days": built.days, "rows": built.rows}


def _tell(run: Run, day: str, flagged: list[str]) -> None:
    told = {"count": len(flagged), "channels": "、".join(flagged[:8])}
    for role in (Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_SPECIALIST, Role.DATA_ANALYST):
        is_analyst = role == Role.DATA_ANALYST
        notices.notify(
            kind=NoticeKind.ACT if is_analyst else NoticeKind.FYI,
            title=_CONFIRM if is_analyst else _SHEET,
            body=_FLAGGED if flagged else _USUAL,
            params={"day": day, **told},
            link=f"/marketing/days/{day}/",
            subject=f"marketing.daysheet:{day}",
            role=role,
            actor=run.actor,
            at=run.at,
        )
