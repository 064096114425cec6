"""Price changes after the decision: scheduled, in force, over, taken off sale.

Everything is set-based: a change of a hundred thousand lines costs the same few statements as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext, gettext_noop

from catalog.choices.prices import PriceChangeState
from catalog.errors import prices as errors
from catalog.errors.goods import ReasonNeeded
from catalog.events import PriceChanged
from catalog.models import PriceChange
from catalog.services import price_sql as sql
from catalog.types.prices import ActivationReport
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices

# The job comes every minute and writes what starts before it comes again, with the exact start, so
# that a price takes effect on its second and not when the machine gets to it.
AHEAD: Final = timedelta(seconds=75)
_INSTANT: Final = timedelta(microseconds=1)
_MOST_NAMED: Final = 50

Progress = Callable[[int, int, str], None]


def schedule(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Put an approved change on the calendar; runs inside the deciding transaction.

    Raises ChangesOverlap when another change was approved for the same SKUs and time meanwhile.
    """
    change = _locked(request.subject_id)
    if change.state != PriceChangeState.SUBMITTED or change.approval_id != request.id:
        raise errors.PriceChangeClosed(change.state)
    refuse_overlaps(change, at=at)
    change.state = PriceChangeState.SCHEDULED
    change.save(update_fields=["state"])


def take_back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Give a returned change back to its drafter; a withdrawn one is over."""
    change = _locked(request.subject_id)
    change.state = (
        PriceChangeState.WITHDRAWN
        if request.state == RequestState.WITHDRAWN
        else PriceChangeState.RETURNED
    )
    change.save(update_fields=["state"])


def refuse_overlaps(change: PriceChange, *, at: datetime) -> None:
    """Refuse a change whose SKUs another approved change already prices in the same time.

    A lasting change counts as the moment it starts, a limited one as its whole window. Raises
    ChangesOverlap naming the other change.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            sql.OVERLAPS,
            {
                "change": change.pk,
                "channel": change.channel_id,
                "tier": change.tier,
                "starts": max(change.starts_at, at),
                "ends": change.ends_at,
                "at": at,
            },
        )
        rows = cursor.fetchall()
    if rows:
        raise errors.ChangesOverlap(
            number=rows[0][0], sku_ids=[sku for number, sku in rows if number == rows[0][0]]
        )


def activate_due(
    *, actor: Actor, at: datetime, progress: Progress | None = None
) -> ActivationReport:
    """Let every scheduled change whose start has come take effect, in order of their starts.

    A change takes effect at its start, or now when that has passed (late, and the report says so);
    one whose whole window has passed ends without effect, one that would overlap a price of
    another change is suspended: both tell the drafter. The return to the former price is written
    at the same time, so it needs no machine to happen.
    """
    with transaction.atomic():
        due = list(
            PriceChange.objects.select_for_update(of=("self",), no_key=True)
            .filter(state=PriceChangeState.SCHEDULED, starts_at__lte=at + AHEAD)
            .order_by("starts_at", "pk")
        )
        last, written, missed, clashing, started = None, 0, [], [], []
        waves = sorted({change.starts_at for change in due})
        for done, starts_at in enumerate(waves, start=1):
            effective = max(starts_at, at)
            # Late changes follow each other at once, in the order of their planned starts.
            if last is not None and effective <= last:
                effective = last + _INSTANT
            wave = [change for change in due if change.starts_at == starts_at]
            over = [c for c in wave if c.ends_at is not None and c.ends_at <= effective]
            missed += over
            begun, clashes, prices = _begin(
                [change for change in wave if change not in over], effective
            )
            started += begun
            clashing += clashes
            written += prices
            last = effective
            if progress is not None:
                progress(done, len(waves), "activate")
        _set_state(started, PriceChangeState.ACTIVE)
        _set_state(missed, PriceChangeState.ENDED)
        _suspend_all(clashing, at=at)
        _announce(started, "started", prices=written, actor=actor, at=at)
        _tell(
            missed,
            gettext_noop("A price change never took effect: its time had passed: %(number)s"),
            actor=actor,
            at=at,
        )
        _tell(
            clashing,
            gettext_noop(
                "A price change was suspended: another price stands in its way: %(number)s"
            ),
            actor=actor,
            at=at,
        )
        return ActivationReport(
            changes=len(started),
            prices=written,
            late=sum(change.starts_at < at for change in started),
            missed=len(missed),
            conflicts=len(clashing),
        )


def end_due(*, actor: Actor, at: datetime) -> int:
    """Mark the changes whose window has passed as ended; return how many.

    Their prices ended on the second by themselves.
    """
    with transaction.atomic():
        over = list(
            PriceChange.objects.select_for_update(of=("self",), no_key=True)
            .filter(state=PriceChangeState.ACTIVE, ends_at__lte=at)
            .order_by("pk")
        )
        _set_state(over, PriceChangeState.ENDED)
        _announce(over, "ended", prices=None, actor=actor, at=at)
        return len(over)


def suspend(*, change_id: int, reason: str, actor: Actor, at: datetime) -> int:
    """Take a wrong price off sale at once; the right one needs its own approval (CAT-4.2-01).

    A scheduled change never starts; the prices of an active one end now, until the former price
    returns at the planned end (if it has one) or another change is approved. Returns how many
    prices ended. Raises Forbidden, PriceChangeMissing, PriceChangeClosed, ReasonNeeded.
    """
    may("catalog", "A").require(actor)
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        change = _locked(change_id)
        allowed = actor.scope_ids("channel", "catalog", "A")
        if allowed is not None and change.channel_id not in allowed:
            raise errors.PriceChangeMissing(change_id)
        if change.state not in {PriceChangeState.SCHEDULED, PriceChangeState.ACTIVE}:
            raise errors.PriceChangeClosed(change.state)
        change.state = PriceChangeState.SUSPENDED
        change.suspended_at = at
        change.suspended_why = reason.strip()[:200]
        change.save(update_fields=["state", "suspended_at", "suspended_why"])
        with connection.cursor() as cursor:
            cursor.execute(sql.CUT_OFF, {"change": change.pk, "at": at})
            ended = int(cursor.rowcount)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.price_change_suspended",
            obj=("catalog.pricechange", change.pk),
            body={"number": change.number, "reason": change.suspended_why, "prices": ended},
        )
        publish(_fact(change, "suspended"))
        _tell(
            [change],
            gettext_noop("Your price change was taken off sale: %(number)s"),
            actor=actor,
            at=at,
        )
        return ended


def _locked(change_id: int) -> PriceChange:
    found = (
        PriceChange.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=change_id)
        .first()
    )
    if found is None:
        raise errors.PriceChangeMissing(change_id)
    return found


def _begin(
    wave: Sequence[PriceChange], effective: datetime
) -> tuple[list[PriceChange], list[PriceChange], int]:
    """Write the prices of changes that start together; return begun, clashing, prices written."""
    if not wave:
        return [], [], 0
    values: dict[str, Any] = {"changes": [change.pk for change in wave], "start": effective}
    with connection.cursor() as cursor:
        cursor.execute(sql.CLASHES, values)
        clashing = {row[0] for row in cursor.fetchall()}
        values["changes"] = [change.pk for change in wave if change.pk not in clashing]
        for statement in (sql.CUT, sql.EMPTY, sql.START):
            cursor.execute(statement, values)
        prices = int(cursor.rowcount)
        cursor.execute(sql.RETURN, values)
    return (
        [change for change in wave if change.pk not in clashing],
        [change for change in wave if change.pk in clashing],
        prices,
    )


def _set_state(changes: Sequence[PriceChange], state: PriceChangeState) -> None:
    if changes:
        PriceChange.objects.filter(pk__in=[change.pk for change in changes]).update(state=state)


def _suspend_all(changes: Sequence[PriceChange], *, at: datetime) -> None:
    if changes:
        PriceChange.objects.filter(pk__in=[change.pk for change in changes]).update(
            state=PriceChangeState.SUSPENDED,
            suspended_at=at,
            suspended_why=gettext("Another price stands in its window."),
        )


def _announce(
    changes: Sequence[PriceChange],
    what: str,
    *,
    prices: int | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Leave one audit fact for each change, or one for all when they are many; publish facts."""
    if not changes:
        return
    action = f"catalog.price_change_{what}"
    if len(changes) <= _MOST_NAMED:
        for change in changes:
            audit.record(
                actor=actor,
                at=at,
                action=action,
                obj=("catalog.pricechange", change.pk),
                body={"number": change.number, "approval": change.approval_id},
            )
    else:
        named = canonical_json([[change.pk, change.number] for change in changes])
        audit.record(
            actor=actor,
            at=at,
            action=action,
            body={
                "changes": len(changes),
                "prices": prices,
                "first": changes[0].number,
                "last": changes[-1].number,
                "rows_sha256": hashlib.sha256(named.encode()).hexdigest(),
            },
        )
    publish(*(_fact(change, what) for change in changes))


def _fact(change: PriceChange, what: str) -> PriceChanged:
    return PriceChanged(price_change_id=change.pk, channel_id=change.channel_id, what=what)


def _tell(changes: Sequence[PriceChange], title: str, *, actor: Actor, at: datetime) -> None:
    """Tell the drafters what became of their changes."""
    for change in changes[:_MOST_NAMED]:
        notices.notify(
            person_ids=[change.drafted_by],
            kind="act",
            title=title,
            params={"number": change.number},
            link=f"/price-changes/{change.pk}/",
            subject=f"catalog.pricechange:{change.pk}",
            actor=actor,
            at=at,
        )
