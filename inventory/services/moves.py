"""Posting to the stock ledger: the one door by which goods move (SCM-2.2-01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from inventory.choices import MoveReason
from inventory.errors import DayClosed
from inventory.events import ReservationBroken, StockChanged
from inventory.services import refusals
from inventory.types import MoveDraft, PostedMove, Posting
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.errors import RuleViolation
from ops.engines.kernel.parse import business_day as business_day_of
from ops.engines.periods import selectors as periods_now
from ops.engines.periods import services as periods

MODULE = "stock"
FEW = 100  # beyond this a posting is planned for its size

_POST = """
SELECT move_id, unit_cost, value, is_costed, is_new, broken
FROM {function}(
    %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::numeric[], %s::numeric[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::date[], %s, %s, %s)
ORDER BY line
"""


def post(moves: Sequence[MoveDraft], *, actor: Actor, at: datetime, business_day: date) -> Posting:
    """Post moves in one statement: effects, moves, balances and counters, or none of them.

    A draft whose effect key exists is not posted again; what was posted then is returned. Receipts
    of the posting come before its issues (see `inventory.rules`). Reservations that can no longer
    be covered are broken, the youngest first, and announced. The calling document records the
    audit fact. Set-based: thousands of drafts are one call.

    Raises StockShort with the numbers, DayClosed for a closed day or month, RuleViolation for
    drafts that cannot be moves. Locks the counters, then the balances, ascending.
    """
    if not moves:
        return Posting(())
    _refuse_nonsense(moves, at, business_day)
    try:
        return _post(moves, actor=actor, at=at, business_day=business_day)
    except IntegrityError as error:
        if not _opened_month(error, business_day, actor=actor, at=at):
            raise refusals.of_posting(error, moves, business_day) from error
    try:
        return _post(moves, actor=actor, at=at, business_day=business_day)
    except IntegrityError as error:
        raise refusals.of_posting(error, moves, business_day) from error


def _post(moves: Sequence[MoveDraft], *, actor: Actor, at: datetime, business_day: date) -> Posting:
    with transaction.atomic():
        with connection.cursor() as cursor:
            function = "inventory_post" if len(moves) <= FEW else "inventory_post_many"
            cursor.execute(
                _POST.format(function=function), _parameters(moves, actor, at, business_day)
            )
            rows = cursor.fetchall()
        broken = tuple(rows[0][5] or ()) if rows else ()
        publish(*(ReservationBroken(reservation_id=one, dated_on=business_day) for one in broken))
        # A sale takes what was held for it: as much is free to sell as before.
        freed = {move.sku_id for move in moves if move.reason != MoveReason.SALE}
        if freed:
            publish(StockChanged(sku_ids=tuple(sorted(freed))))
    return Posting(tuple(PostedMove(*row[:5]) for row in rows), broken)


def _parameters(
    moves: Sequence[MoveDraft], actor: Actor, at: datetime, business_day: date
) -> list[Any]:
    return [
        array(move.effect_key for move in moves),
        array(move.sku_id for move in moves),
        array(move.lot_id for move in moves),
        array(move.from_location_id for move in moves),
        array(move.to_location_id for move in moves),
        array(move.quantity for move in moves),
        array(move.unit_cost for move in moves),
        array(move.value for move in moves),
        array(str(move.reason) for move in moves),
        array(move.source.type for move in moves),
        array(move.source.id for move in moves),
        array(move.approval_id for move in moves),
        array(move.reverses_id for move in moves),
        array(move.document_day for move in moves),
        business_day,
        at,
        actor.person_id,
    ]


def _refuse_nonsense(moves: Sequence[MoveDraft], at: datetime, business_day: date) -> None:
    if any(move.quantity < 1 for move in moves):
        raise RuleViolation(
            "inventory.move_quantity_positive", _("A move needs a quantity of at least one.")
        )
    if business_day > business_day_of(at):
        raise DayClosed(
            "inventory.day_ahead",
            _("%(day)s lies ahead; goods move today or on a day that is still open.")
            % {"day": business_day.isoformat()},
        )


def _opened_month(error: IntegrityError, day: date, *, actor: Actor, at: datetime) -> bool:
    """Open the current month when its first posting finds it missing."""
    today = business_day_of(at)
    if not refusals.is_closed_period(error) or (day.year, day.month) != (today.year, today.month):
        return False
    if periods_now.state_on(module=MODULE, day=day) is not None:
        return False
    periods.ensure_month(module=MODULE, day=day, actor=actor, at=at)
    return True
