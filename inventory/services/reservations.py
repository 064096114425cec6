"""Holding goods for documents: never more than there is (SCM-2.3-01)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from inventory.errors import AlreadyReserved, StockShort
from inventory.events import StockChanged
from inventory.selectors import stock
from inventory.types import BulkReserved, BulkWant, Reserved, Shortage, Source, Want
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.errors import RuleViolation

_RESERVE = """
SELECT id, line FROM inventory_reserve(
    %s, %s, %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s)
"""
_RESERVE_BULK = """
SELECT r.source_id, r.outcome, r.sku_id, k.code, r.warehouse_id, r.available, r.needed
FROM inventory_reserve_bulk(
    %s, %s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s) r
LEFT JOIN catalog_sku k ON k.id = r.sku_id
ORDER BY r.source_id, r.sku_id
"""
_RELEASE = """
SELECT c.id, r.sku_id FROM inventory_close_reservations(ARRAY(
    SELECT id FROM inventory_reservation
    WHERE source_type = %s AND source_id = ANY (%s::bigint[]) AND state = 'open'
      AND (%s::int[] IS NULL OR source_line = ANY (%s::int[]))), 'released', %s) AS c(id)
JOIN inventory_reservation r ON r.id = c.id
"""


def reserve(
    *, source: Source, wants: Sequence[Want], actor: Actor, at: datetime
) -> tuple[Reserved, ...]:
    """Hold goods for every line of a document, or for none; one statement.

    Locks the counters ascending by SKU and warehouse. The calling document records the audit fact.
    Raises StockShort naming each short SKU with available and needed pieces, AlreadyReserved when
    goods are held for one of the lines, RuleViolation for a want of nothing. Nothing is changed
    then, and the caller's transaction lives on.
    """
    del actor  # every service names who acts; the document above writes it down
    if not wants:
        return ()
    if any(want.quantity < 1 for want in wants):
        raise RuleViolation(
            "inventory.want_positive", _("A line that reserves goods needs at least one piece.")
        )
    if len({want.line for want in wants}) != len(wants):
        raise RuleViolation("inventory.line_once", _("A line can reserve goods only once."))
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE,
            [
                source.type,
                source.id,
                array(want.line for want in wants),
                array(want.sku_id for want in wants),
                array(want.warehouse_id for want in wants),
                array(want.quantity for want in wants),
                at,
            ],
        )
        rows = cursor.fetchall()
    if len(rows) == len(wants):
        return tuple(Reserved(*row) for row in rows)
    raise _refusal(source, wants)


def reserve_bulk(
    *, source_type: str, wants: Sequence[BulkWant], actor: Actor, at: datetime
) -> BulkReserved:
    """Hold goods for many documents in order of arrival; those that do not fit block nobody.

    Each document is held whole or not at all, exactly as if they had come one by one; one call,
    set-based, for up to some 10,000 documents. Documents held before are told apart.
    """
    del actor
    if any(want.quantity < 1 for want in wants):
        raise RuleViolation(
            "inventory.want_positive", _("A line that reserves goods needs at least one piece.")
        )
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE_BULK,
            [
                source_type,
                array(want.source_id for want in wants),
                array(want.line for want in wants),
                array(want.sku_id for want in wants),
                array(want.warehouse_id for want in wants),
                array(want.quantity for want in wants),
                at,
            ],
        )
        rows = cursor.fetchall()
    already = frozenset(row[0] for row in rows if row[1] == "already")
    short: dict[int, tuple[Shortage, ...]] = {}
    for source_id, outcome, *figures in rows:
        if outcome == "short":
            short[source_id] = (*short.get(source_id, ()), Shortage(*figures))
    reserved = {want.source_id for want in wants} - already - short.keys()
    return BulkReserved(frozenset(reserved), already, short)


def release(
    *,
    source_type: str,
    source_ids: Iterable[int],
    actor: Actor,
    at: datetime,
    lines: Sequence[int] | None = None,
) -> tuple[int, ...]:
    """Give back what is held for documents (or some lines of them); return the reservations.

    Idempotent: what is not held any more stays as it is.
    """
    del actor
    chosen = None if lines is None else array(lines)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RELEASE, [source_type, array(source_ids), chosen, chosen, at])
        rows = cursor.fetchall()
        if rows:
            publish(StockChanged(sku_ids=tuple(sorted({sku for _id, sku in rows}))))
        return tuple(pk for pk, _sku in rows)


def lock_counters(*, pairs: Iterable[tuple[int, int]]) -> None:
    """Lock the counters of (SKU, warehouse) pairs, ascending: before a release and a reserve.

    Whoever gives goods back in one warehouse and takes them in another locks both sides first, so
    that two such changes in opposite directions wait instead of meeting.
    """
    wanted = sorted(set(pairs))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inventory_lock_stock(%s::bigint[], %s::bigint[])",
            [array(sku for sku, _warehouse in wanted), array(place for _sku, place in wanted)],
        )


def consume(*, reservation_ids: Sequence[int], actor: Actor, at: datetime) -> tuple[int, ...]:
    """End reservations because their goods leave in this transaction; return those that were open.

    The caller posts the moves next, in the same transaction.
    """
    del actor
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM inventory_close_reservations(%s::bigint[], 'consumed', %s)",
            [array(reservation_ids), at],
        )
        return tuple(row[0] for row in cursor.fetchall())


def _refusal(source: Source, wants: Sequence[Want]) -> Exception:
    shortages = stock.shortages(wants)
    if shortages:
        return StockShort(
            "inventory.stock_short",
            _("Not enough stock: %(list)s.")
            % {
                "list": "; ".join(
                    f"{short.sku_code} {short.available} < {short.needed}" for short in shortages
                )
            },
            short=[
                {
                    "sku": short.sku_code,
                    "sku_id": short.sku_id,
                    "warehouse_id": short.warehouse_id,
                    "available": short.available,
                    "needed": short.needed,
                }
                for short in shortages
            ],
        )
    return AlreadyReserved(
        "inventory.already_reserved",
        _("Goods are already held for a line of this document."),
        source_type=source.type,
        source_id=source.id,
    )
