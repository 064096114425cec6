"""What a count found: sums, rates, and the same places in the counts before (SCM-2.3-06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from inventory import rules
from inventory.choices import CountState
from inventory.models import CountLine, StockCount
from inventory.selectors.stock import scopes_of
from ops.engines.kernel.actor import Actor

CLOSED = (CountState.REVIEW, CountState.SUBMITTED, CountState.APPROVED, CountState.POSTED)
QUARTER = timedelta(days=92)

_SUMS = """
SELECT count(*) FILTER (WHERE variance > 0), count(*) FILTER (WHERE variance < 0),
       coalesce(sum(value) FILTER (WHERE value > 0), 0),
       coalesce(sum(value) FILTER (WHERE value < 0), 0),
       coalesce(sum(abs(variance)), 0),
       count(*) FILTER (WHERE variance <> 0 AND (cause = '' OR responsible = '' OR treatment = '')),
       count(*) FILTER (WHERE needs_recount AND recounted IS NULL)
FROM inventory_countline
WHERE count_id = %s AND (variance <> 0 OR needs_recount)
"""
# The newest earlier count that found the same goods different at the same place, and how many did
# in the quarter before this book was frozen.
_EARLIER = """
SELECT l.id, e.times, e.variance, e.value, e.number
FROM inventory_countline l
JOIN LATERAL (
    SELECT count(*) OVER () AS times, o.variance, o.value, c.number
    FROM inventory_countline o
    JOIN inventory_stockcount c ON c.id = o.count_id AND c.state = ANY (%(closed)s)
        AND c.id <> l.count_id AND c.closed_at <= %(until)s AND c.closed_at > %(since)s
    WHERE o.location_id = l.location_id AND o.sku_id = l.sku_id AND o.variance <> 0
    ORDER BY c.closed_at DESC, o.id DESC
    LIMIT 1
) e ON true
WHERE l.count_id = %(count)s AND l.variance <> 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What the differing lines of a count come to; rates are shares of the book."""

    gains: int
    losses: int
    gain: Decimal
    loss: Decimal
    pieces: int
    unexplained: int
    to_recount: int
    value_rate: Decimal | None
    piece_rate: Decimal | None

    @property
    def net(self) -> Decimal:
        """Return surplus and shortage set off."""
        return self.gain + self.loss


@dataclass(frozen=True, slots=True)
class Earlier:
    """How often the same goods differed at the same place in the quarter before, and the last."""

    times: int
    variance: int
    value: Decimal
    count: str


def sums(*, count: StockCount) -> Sums:
    """Return the sums and rates of a closed count. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [count.pk])
        gains, losses, gain, loss, pieces, unexplained, to_recount = cursor.fetchone()
    return Sums(
        gains=gains,
        losses=losses,
        gain=gain,
        loss=loss,
        pieces=int(pieces),
        unexplained=unexplained,
        to_recount=to_recount,
        value_rate=rules.variance_rate(gain - loss, count.book_value),
        piece_rate=rules.variance_rate(int(pieces), count.book_pieces),
    )


def earlier(*, count: StockCount) -> dict[int, Earlier]:
    """Return by line what the counts of the quarter before found at the same place. One query."""
    if count.book_at is None:
        return {}
    values: dict[str, Any] = {
        "count": count.pk,
        "closed": [str(state) for state in CLOSED],
        "until": count.book_at,
        "since": count.book_at - QUARTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_EARLIER, values)
        return {line: Earlier(*rest) for line, *rest in cursor.fetchall()}


def lines(*, actor: Actor) -> QuerySet[CountLine]:
    """Return differing lines of closed counts in the actor's warehouses."""
    rows = (
        CountLine.objects.filter(~Q(variance=0), count__state__in=CLOSED)
        .select_related("count", "sku", "lot", "location")
        .order_by("-id")
    )
    ids = scopes_of(actor)
    return rows if ids is None else rows.filter(count__warehouse_id__in=ids)
