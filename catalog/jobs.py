"""The clock of prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.selectors.promotions import running_channels
from catalog.services import (
    content_tasks,
    displaying,
    festivals,
    impact,
    patrol,
    pricing,
    promotions,
    quality_watch,
    ranging,
    recommending,
    searching,
    shown_stock,
    upkeep,
)
from ops.engines.jobs.cadences import daily, every, monthly, several, weekly
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may


@job(
    "price_promo_activate",
    family="run",
    cadence=every(minutes=1),
    clauses=["CAT-4.2-01", "CAT-4.4-01", "CAT-4.4-05", "CAT-4.4-08"],
    policy=may("ops", "P"),
    title=_("Start and end approved prices and promotions"),
    # What one run missed the next one does: only the newest minute counts.
    catch_up=1,
)
def activate(run: Run) -> Mapping[str, Any] | None:
    """Let due price changes and promotions take effect, end what is over, pause at a limit."""
    report = pricing.activate_due(actor=run.actor, at=run.at, progress=run.progress)
    ended = pricing.end_due(actor=run.actor, at=run.at)
    course = promotions.run_clock(actor=run.actor, at=run.at)
    return {**asdict(report), "ended": ended, "promotions": asdict(course)}


@job(
    "price_patrol",
    family="scan",
    cadence=several(every(minutes=60), daily("03:00"), weekly(1, "05:30")),
    clauses=["CAT-4.2-03", "CAT-4.2-06", "CAT-4.4-04"],
    policy=may("ops", "P"),
    title=_("Patrol the prices channels show, and compare with rivals"),
    catch_up=1,
    atomic=False,
)
def patrol_prices(run: Run) -> Mapping[str, Any] | None:
    """Open cases for offers that are not what was approved; on Mondays compare with rivals.

    Every hour the running promotions are checked, and the offers of their channels.
    """
    if "T" in run.period:  # an hour, not a day or a week
        return _check_promotions(run)
    if (run.last - run.first).days:
        return asdict(patrol.check_rivals(actor=run.actor, at=run.at))
    return asdict(patrol.patrol(actor=run.actor, at=run.at))


def _check_promotions(run: Run) -> Mapping[str, Any]:
    """Pause what would pass its floor or reached a limit, then patrol where promotions run."""
    paused = promotions.check_running(actor=run.actor, at=run.at)
    channels = running_channels()
    found = patrol.patrol(actor=run.actor, at=run.at, channel_ids=channels) if channels else None
    return {"paused": paused, **(asdict(found) if found else {})}


@job(
    "campaign_calendar_watch",
    family="watch",
    cadence=daily("07:00"),
    clauses=["CAT-4.4-03"],
    policy=may("ops", "P"),
    title=_("Remind of festivals without a promotion, and flag promotions that share goods"),
    # What was not told on a day that was missed is told today.
    catch_up=1,
)
def watch_calendar(run: Run) -> Mapping[str, Any]:
    """Thirty days before a marked festival ask for a draft; tell of promotions that overlap."""
    return asdict(festivals.watch(actor=run.actor, at=run.at))


@job(
    "recommendation_build",
    family="run",
    cadence=daily("02:40", back=1),
    clauses=["CAT-4.1-04"],
    policy=may("ops", "P"),
    title=_("Build recommendations from what sells together"),
    # A version looks back over its whole window: only the newest night counts.
    catch_up=1,
)
def build_recommendations(run: Run) -> Mapping[str, Any]:
    """Measure the live versions on real orders and publish what changed."""
    made = recommending.build_due(day=run.last, actor=run.actor, at=run.at)
    return {"sets": len(made), "pairs": sum(each.pairs for each in made)}


@job(
    "impact_outcome_build",
    family="report",
    cadence=daily("04:30"),
    clauses=["CAT-4.2-01", "CAT-4.4-02"],
    policy=may("ops", "P"),
    title=_("Compare what came of prices and promotions with their forecasts"),
    # Yesterday and all days before it are measured in one run.
    catch_up=1,
    atomic=False,
)
def build_outcomes(run: Run) -> Mapping[str, Any] | None:
    """Measure every running or just ended proposal up to yesterday, beside its forecast."""
    return impact.measure_outcomes(actor=run.actor, at=run.at)


@job(
    "impact_replay_whole",
    family="run",
    cadence=every(minutes=1),
    clauses=["CAT-4.4-02"],
    policy=may("ops", "P"),
    title=_("Replay all orders where a part of them stood for all"),
    # What was asked for in a minute that was missed still waits.
    catch_up=1,
    atomic=False,
)
def replay_whole(run: Run) -> Mapping[str, Any] | None:
    """Quote every basket under promotions whose first answer was of a part."""
    return impact.replay_whole(actor=run.actor, at=run.at, progress=run.progress)


@job(
    "listing_quality_scan",
    family="scan",
    cadence=several(daily("02:10"), weekly(1, "05:00")),
    clauses=["CAT-4.3-01", "CAT-4.3-09", "CAT-4.3-11"],
    policy=may("ops", "P"),
    title=_("Look whether listings are complete, true and fresh"),
    # Whatever was missed stands in today's listings too.
    catch_up=1,
    atomic=False,
)
def scan_listings(run: Run) -> Mapping[str, Any] | None:
    """Every night judge what is on the shelf; on Mondays look for what nobody verified lately.

    How often content passes at once is measured in the same night.
    """
    content_tasks.measure(day=run.last, at=run.at)
    scan = upkeep.scan_freshness if (run.last - run.first).days else upkeep.scan_completeness
    return asdict(scan(actor=run.actor, at=run.at, progress=run.progress))


@job(
    "credential_expiry_watch",
    family="watch",
    cadence=daily("06:00"),
    clauses=["CAT-4.3-06"],
    policy=may("ops", "P"),
    title=_("Warn of papers that expire, and stop what rests on expired ones"),
    catch_up=1,
)
def watch_credentials(run: Run) -> Mapping[str, Any] | None:
    """Warn 60, 30 and 7 days before a quality report is over; take goods off when it is."""
    return asdict(quality_watch.watch(actor=run.actor, at=run.at))


@job(
    "feedback_digest_build",
    family="report",
    cadence=weekly(1, "06:00"),
    clauses=["SYS-6.2-09"],
    policy=may("ops", "P"),
    title=_("Build the list of searches without result"),
    # A week missed is in the list all the same; only the newest one is told.
    catch_up=1,
)
def build_feedback_digest(run: Run) -> Mapping[str, Any]:
    """Tell those who decide what nobody found in the week."""
    told = searching.tell_week(week_on=run.first, actor=run.actor, at=run.at)
    return {"words": told.words, "times": told.times, "undecided": told.undecided}


@job(
    "channel_stock_sync",
    family="sync",
    cadence=every(minutes=5),
    clauses=["CAT-4.3-10"],
    policy=may("ops", "P"),
    title=_("Compare the stock channels show with ours, correct and log what differs"),
    # What one run missed the next one finds: only the newest counts.
    catch_up=1,
    atomic=False,
)
def sync_channel_stock(run: Run) -> Mapping[str, Any]:
    """Tell channels what changed unheard, and what they show otherwise than they were told."""
    return asdict(shown_stock.sync(actor=run.actor, at=run.at))


@job(
    "display_slot_watch",
    family="watch",
    cadence=every(minutes=5),
    clauses=["CAT-4.1-03"],
    policy=may("ops", "P"),
    title=_("Look which goods stand in the place of others in display plans"),
    # What one run missed the next one finds: only the newest counts.
    catch_up=1,
    atomic=False,
)
def watch_display_slots(run: Run) -> Mapping[str, Any]:
    """Write down and tell what was replaced in a slot, and what is back."""
    return asdict(displaying.watch(actor=run.actor, at=run.at))


@job(
    "range_review_build",
    family="report",
    cadence=monthly(day=3, at="05:20", back=1),
    clauses=["CAT-4.1-05"],
    policy=may("ops", "P"),
    title=_("Rank the range and propose what to keep, push or drop"),
    # A month that was missed is reviewed too, but nobody decides on a range of last year.
    catch_up=3,
)
def build_range_review(run: Run) -> Mapping[str, Any]:
    """Review the month that is over."""
    made = ranging.build(first=run.first, last=run.last, actor=run.actor, at=run.at)
    if made is None:
        return {"skus": 0}
    return {"skus": made.rows, "push": made.pushed, "drop": made.dropped}
