"""Promotions after the decision: scheduled, in force, paused, over, reviewed (CAT-4.4-01).

What is live in a channel has a version; every change of it raises the version in the same
transaction, so that whoever prices by an older one finds out with one look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from catalog.choices.promotions import CheckOccasion, PromotionState
from catalog.errors import promotions as errors
from catalog.errors.goods import ReasonNeeded
from catalog.events import PromotionChanged
from catalog.models import Promotion, PromotionRun, PromotionVersion
from catalog.models.promotions import LIVE
from catalog.selectors import content_tasks, promotion_figures, promotions
from catalog.selectors.promotion_gifts import without_gifts
from catalog.services import promotion_checks, publicity
from catalog.types.promotions import CourseReport, PromotionInfo
from ops.engines.approvals import selectors as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices

SUBJECT: Final = "catalog.promotion"
# The job comes every minute and writes what starts before it comes again, with the exact start.
AHEAD: Final = timedelta(seconds=75)

_BUMP: Final = """
INSERT INTO catalog_promotionversion (channel_id, version)
SELECT c, 1 FROM unnest(%(channels)s::bigint[]) AS c ORDER BY c
ON CONFLICT (channel_id) DO UPDATE SET version = catalog_promotionversion.version + 1
"""
_OPEN_COUNTERS: Final = """
INSERT INTO catalog_promotioncounter (promotion_id, uses, pieces, gift_pieces, amount)
VALUES (%(promotion)s, 0, 0, 0, 0)
ON CONFLICT (promotion_id) DO UPDATE SET uses = catalog_promotioncounter.uses
"""
_RENEW_BUYERS: Final = """
UPDATE catalog_promotionbuyer SET uses = uses WHERE promotion_id = %(promotion)s
"""
_CUT: Final = """
UPDATE catalog_promotionrun
   SET valid = CASE WHEN lower(valid) >= %(at)s THEN 'empty'::tstzrange
               ELSE tstzrange(lower(valid), %(at)s::timestamptz) END,
       cut_why = %(why)s
 WHERE promotion_id = ANY(%(promotions)s) AND upper(valid) > %(at)s
"""
_AT_LIMIT: Final = """
SELECT p.id FROM catalog_promotion p JOIN catalog_promotioncounter c ON c.promotion_id = p.id
 WHERE p.state = 'running'
   AND (c.uses >= c.uses_limit OR c.pieces >= c.pieces_limit OR c.gift_pieces >= c.gift_limit
        OR c.amount >= c.budget)
"""
_CHANGED: Final = gettext_noop("The plan was changed.")
_PAUSED: Final = gettext_noop("A promotion paused: %(number)s")
_MISSED: Final = gettext_noop("A promotion never took effect: its time had passed: %(number)s")


def schedule(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Put an approved promotion on the calendar; runs inside the deciding transaction.

    The material it needs is asked for at once (CAT-4.4-05).
    Raises PromotionsConflict when an exclusive one was approved meanwhile for the same goods.
    """
    promotion = locked(request.subject_id)
    if promotion.state != PromotionState.SUBMITTED or promotion.approval_id != request.id:
        raise errors.PromotionClosed(promotion.state)
    lock_channel(promotion.channel_id)
    promotion_figures.refuse_conflicts(promotion_figures.plan_of(promotion))
    promotion.state = PromotionState.SCHEDULED
    promotion.save(update_fields=["state"])
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_COUNTERS, {"promotion": promotion.pk})
        cursor.execute(_RENEW_BUYERS, {"promotion": promotion.pk})
    publicity.spawn(promotion, actor=actor, at=at)


def take_back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Give a returned promotion back to its drafter; a withdrawn one is over."""
    promotion = locked(request.subject_id)
    promotion.state = (
        PromotionState.WITHDRAWN
        if request.state == RequestState.WITHDRAWN
        else PromotionState.RETURNED
    )
    promotion.save(update_fields=["state"])


def give_way(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Take out of force what a changed request replaces; runs inside the changing transaction."""
    promotion = locked(request.subject_id)
    if promotion.state in LIVE:
        cut([promotion], _CHANGED, at=at)
        promotion.state, promotion.paused_why = PromotionState.RETURNED, ""
        promotion.save(update_fields=["state", "paused_why"])


def run_clock(*, actor: Actor, at: datetime) -> CourseReport:
    """Start what is due, end what is over, pause what reached a limit; once a minute.

    A promotion starts on its second (its run is written ahead), or now when that has passed. Before
    it starts every limit is looked at: what would cross one is paused instead (CAT-4.4-04).
    One whose material is not approved stays scheduled, and starts once it is (CAT-4.4-05).
    """
    with transaction.atomic():
        started, late, missed, held = _start_due(actor=actor, at=at)
        ended = _end_due(actor=actor, at=at)
        limited = _pause_at_limits(actor=actor, at=at)
        return CourseReport(
            started=started, late=late, missed=missed, ended=ended, paused=held + limited
        )


def check_running(*, actor: Actor, at: datetime) -> int:
    """Pause what crosses a limit by what is true now; hourly (CAT-4.4-04).

    Floor with all rules that may combine, reference price, stock, budget and the other caps; every
    look is logged. Baskets are worked out before anything is locked. Returns how many were paused.
    """
    running = list(Promotion.objects.filter(state=PromotionState.RUNNING).order_by("pk"))
    with transaction.atomic():
        reasons = promotion_checks.judge(running, CheckOccasion.HOURLY, at=at)
        crossed = [row.pk for row in running if reasons[row.pk]]
        still = Promotion.objects.filter(pk__in=crossed, state=PromotionState.RUNNING)
        return _pause_each(_locked_all(still), reasons, actor=actor, at=at)


def pause(*, promotion_id: int, reason: str, actor: Actor, at: datetime) -> PromotionInfo:
    """Stop a promotion at once, for a reason; approver and owner are told.

    Raises Forbidden, PromotionMissing, PromotionClosed, ReasonNeeded.
    """
    with transaction.atomic():
        promotion = _mine(promotion_id, actor)
        if not reason.strip():
            raise ReasonNeeded
        if promotion.state not in {PromotionState.SCHEDULED, PromotionState.RUNNING}:
            raise errors.PromotionClosed(promotion.state)
        _pause([promotion], reason.strip()[:200], actor=actor, at=at)
        return promotions.info(promotion)


def resume(*, promotion_id: int, actor: Actor, at: datetime) -> PromotionInfo:
    """Let a paused promotion go on under its approval, while its window is open.

    Raises Forbidden, PromotionMissing, PromotionClosed (also once the window has passed), UsedUp,
    PromotionsConflict, PromotionBelowFloor, PromotionAboveReference, MaterialMissing.
    """
    with transaction.atomic():
        promotion = _mine(promotion_id, actor)
        if promotion.state != PromotionState.PAUSED or promotion.ends_at <= at:
            raise errors.PromotionClosed(promotion.state)
        lock_channel(promotion.channel_id)
        if reached := promotions.standing(promotion_id=promotion.pk).reached:
            raise errors.UsedUp(number=promotion.number, why=reached)
        promotion_figures.refuse_conflicts(promotion_figures.plan_of(promotion))
        promotion_checks.refuse_crossed(promotion, at=at)
        if promotion.starts_at > at + AHEAD:
            promotion.state, promotion.paused_why = PromotionState.SCHEDULED, ""
            promotion.save(update_fields=["state", "paused_why"])
        else:
            publicity.refuse_lacking(promotion)
            _begin([promotion], at=at)
        _record([promotion], "resumed", actor=actor, at=at)
        return promotions.info(promotion)


def end(*, promotion_id: int, reason: str, actor: Actor, at: datetime) -> PromotionInfo:
    """End an approved promotion before its time, for good.

    Raises Forbidden, PromotionMissing, PromotionClosed, ReasonNeeded.
    """
    with transaction.atomic():
        promotion = _mine(promotion_id, actor)
        if not reason.strip():
            raise ReasonNeeded
        if promotion.state not in LIVE:
            raise errors.PromotionClosed(promotion.state)
        cut([promotion], reason.strip()[:200], at=at)
        promotion.state, promotion.ended_at = PromotionState.ENDED, at
        promotion.save(update_fields=["state", "ended_at"])
        publicity.call_off([promotion], actor=actor, at=at)
        _record([promotion], "ended", actor=actor, at=at, why=reason.strip()[:200])
        return promotions.info(promotion)


def review(*, promotion_id: int, outcome: str, actor: Actor, at: datetime) -> PromotionInfo:
    """Say in words what came of an ended promotion; that closes it (CAT-4.4-01).

    Raises Forbidden, PromotionMissing, PromotionClosed, PlanIncomplete.
    """
    may("catalog", "C").require(actor)
    with transaction.atomic():
        promotion = locked(promotion_id)
        require_mine(promotion, actor, "C")
        if promotion.state != PromotionState.ENDED:
            raise errors.PromotionClosed(promotion.state)
        if not outcome.strip():
            raise errors.PlanIncomplete("outcome")
        promotion.state, promotion.outcome = PromotionState.REVIEWED, outcome.strip()[:1000]
        promotion.reviewed_by, promotion.reviewed_at = actor.person_id or 0, at
        promotion.save(update_fields=["state", "outcome", "reviewed_by", "reviewed_at"])
        _record([promotion], "reviewed", actor=actor, at=at, why=promotion.outcome)
        return promotions.info(promotion)


def locked(promotion_id: int) -> Promotion:
    """Lock one promotion; raises PromotionMissing."""
    rows = _locked_all(Promotion.objects.filter(pk=promotion_id))
    if not rows:
        raise errors.PromotionMissing(promotion_id)
    return rows[0]


def lock_channel(channel_id: int) -> None:
    """Let one promotion of a channel at a time be compared with the others."""
    PromotionVersion.objects.bulk_create(
        [PromotionVersion(channel_id=channel_id)], ignore_conflicts=True
    )
    PromotionVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=channel_id)


def require_mine(promotion: Promotion, actor: Actor, right: str) -> None:
    """Raise PromotionMissing for a promotion outside the actor's channels."""
    allowed = actor.scope_ids("channel", "catalog", right)
    if allowed is not None and promotion.channel_id not in allowed:
        raise errors.PromotionMissing(promotion.pk)


def cut(stopped: Sequence[Promotion], why: str, *, at: datetime) -> None:
    """End the runs of promotions now, and say so to whoever prices by them."""
    values: dict[str, Any] = {"promotions": [row.pk for row in stopped], "at": at, "why": why}
    with connection.cursor() as cursor:
        cursor.execute(_CUT, values)
    _bump({row.channel_id for row in stopped})


def _mine(promotion_id: int, actor: Actor) -> Promotion:
    may("catalog", "A").require(actor)
    promotion = locked(promotion_id)
    require_mine(promotion, actor, "A")
    return promotion


def _locked_all(rows: Iterable[Promotion]) -> list[Promotion]:
    found = rows.select_for_update(of=("self",), no_key=True)  # type: ignore[attr-defined]
    return list(found.order_by("pk"))


def _start_due(*, actor: Actor, at: datetime) -> tuple[int, int, int, int]:
    due = _locked_all(
        Promotion.objects.filter(state=PromotionState.SCHEDULED, starts_at__lte=at + AHEAD)
    )
    missed = [row for row in due if row.ends_at <= at]
    rest = _with_material([row for row in due if row.ends_at > at], actor=actor, at=at)
    reasons = promotion_checks.judge(rest, CheckOccasion.START, at=at)
    held = [row for row in rest if reasons[row.pk]]
    begun = [row for row in rest if not reasons[row.pk]]
    _begin(begun, at=at)
    _record(begun, "started", actor=actor, at=at)
    _pause_each(held, reasons, actor=actor, at=at)
    _end_all(missed, actor=actor, at=at)
    _record(missed, "missed", actor=actor, at=at)
    for row in missed:
        _tell(row, _MISSED, [row.drafted_by], actor=actor, at=at)
    return len(begun), sum(row.starts_at < at for row in begun), len(missed), len(held)


def _with_material(due: Sequence[Promotion], *, actor: Actor, at: datetime) -> Sequence[Promotion]:
    """Return those of due promotions whose material is approved; the others are held."""
    asked = [row.pk for row in due if row.materials]
    lacking = content_tasks.lacking(promotion_ids=asked) if asked else {}
    waiting = [row for row in due if row.pk in lacking]
    # Who writes ahead of the start is not late yet.
    publicity.hold([row for row in waiting if row.starts_at <= at], lacking, actor=actor, at=at)
    return [row for row in due if row.pk not in lacking]


def _begin(begun: Sequence[Promotion], *, at: datetime) -> None:
    if not begun:
        return
    PromotionRun.objects.bulk_create(
        [
            PromotionRun(
                promotion=row,
                channel_id=row.channel_id,
                approval_id=row.approval_id or 0,
                rule=row.rule,
                valid=(max(row.starts_at, at), row.ends_at),
            )
            for row in begun
        ]
    )
    for row in begun:
        row.state, row.paused_why = PromotionState.RUNNING, ""
    Promotion.objects.filter(pk__in=[row.pk for row in begun]).update(
        state=PromotionState.RUNNING, paused_why=""
    )
    _bump({row.channel_id for row in begun})


def _end_due(*, actor: Actor, at: datetime) -> int:
    waiting = (PromotionState.RUNNING, PromotionState.PAUSED)
    over = _locked_all(Promotion.objects.filter(state__in=waiting, ends_at__lte=at))
    _end_all(over, actor=actor, at=at)
    _record(over, "ended", actor=actor, at=at)
    return len(over)


def _end_all(over: Sequence[Promotion], *, actor: Actor, at: datetime) -> None:
    """Close promotions at their planned end: their runs ended on the second by themselves."""
    Promotion.objects.filter(pk__in=[row.pk for row in over]).update(
        state=PromotionState.ENDED, ended_at=F("ends_at")
    )
    publicity.call_off(over, actor=actor, at=at)


def _pause_at_limits(*, actor: Actor, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_AT_LIMIT)
        ids = [pk for (pk,) in cursor.fetchall()]
    reached = _locked_all(Promotion.objects.filter(pk__in=ids, state=PromotionState.RUNNING))
    standings = promotions.standings(promotion_ids=[row.pk for row in reached])
    for row in reached:
        why = promotion_checks.REACHED[standings[row.pk].reached or "uses"]
        _pause([row], why, actor=actor, at=at)
    running = Promotion.objects.filter(state=PromotionState.RUNNING)
    dry = _locked_all(running.filter(pk__in=without_gifts()))
    _pause(dry, promotion_checks.OUT_OF_GIFTS, actor=actor, at=at)
    return len(reached) + len(dry)


def _pause_each(
    stopped: Sequence[Promotion], reasons: Mapping[int, str], *, actor: Actor, at: datetime
) -> int:
    """Pause promotions, those with the same reason together; return how many."""
    for why in sorted({reasons[row.pk] for row in stopped}):
        _pause([row for row in stopped if reasons[row.pk] == why], why, actor=actor, at=at)
    return len(stopped)


def _pause(stopped: Sequence[Promotion], why: str, *, actor: Actor, at: datetime) -> None:
    if not stopped:
        return
    cut(stopped, why, at=at)
    for row in stopped:
        row.state, row.paused_why = PromotionState.PAUSED, why
    Promotion.objects.filter(pk__in=[row.pk for row in stopped]).update(
        state=PromotionState.PAUSED, paused_why=why
    )
    _record(stopped, "paused", actor=actor, at=at, why=why)
    deciders = approvals.decisions_of(request_ids=[row.approval_id or 0 for row in stopped])
    for row in stopped:
        told = {one.person_id for one in deciders.get(row.approval_id or 0, ())}
        _tell(row, _PAUSED, {row.drafted_by, *told}, actor=actor, at=at, body=why)


def _bump(channels: Collection[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BUMP, {"channels": sorted(channels)})


def _record(
    rows: Sequence[Promotion], what: str, *, actor: Actor, at: datetime, why: str = ""
) -> None:
    for row in rows:
        audit.record(
            actor=actor,
            at=at,
            action=f"catalog.promotion_{what}",
            obj=(SUBJECT, row.pk),
            body={"number": row.number, "approval": row.approval_id, "reason": why},
        )
    publish(
        *(
            PromotionChanged(promotion_id=row.pk, channel_id=row.channel_id, what=what)
            for row in rows
        )
    )


def _tell(
    row: Promotion,
    title: str,
    persons: Collection[int],
    *,
    actor: Actor,
    at: datetime,
    body: str = "",
) -> None:
    notices.notify(
        person_ids=sorted(persons),
        kind="act",
        title=title,
        body=body,
        params={"number": row.number},
        link=f"/promotions/{row.pk}/",
        subject=f"{SUBJECT}:{row.pk}",
        actor=actor,
        at=at,
    )
