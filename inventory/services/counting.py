"""Figures of a count: entered blind, one place or a whole file, and counted again by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from inventory.choices import CountState
from inventory.errors import CountedByAnother, NotReady, SamePerson, UnknownDocument
from inventory.models import CountLine, CountSheet, Lot, StockCount
from inventory.selectors import goods
from inventory.services import counts
from inventory.types import CountEntry, Entered
from ops.engines.identity import services as identity
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array

# What the book says at this moment stays with the figure: the balance and its number, read in the
# same snapshot. Whatever moved since the freeze is thereby netted out.
_UPDATE = """
UPDATE inventory_countline l
SET counted = s.quantity, counted_by = %(person)s, counted_at = %(at)s,
    counted_seq = coalesce(b.seq, 0), expected = coalesce(b.on_hand, 0)
FROM {stage} s
LEFT JOIN inventory_balance b ON b.location_id = s.location_id AND b.sku_id = s.sku_id
    AND b.lot_id IS NOT DISTINCT FROM s.lot_id
WHERE l.count_id = %(count)s AND l.location_id = s.location_id AND l.sku_id = s.sku_id
  AND l.lot_id IS NOT DISTINCT FROM s.lot_id
  AND (l.counted_by IS NULL OR l.counted_by IS NOT DISTINCT FROM %(person)s)
"""
_INSERT = """
INSERT INTO inventory_countline (
    count_id, sheet_id, location_id, sku_id, lot_id, book_quantity, book_seq, counted, counted_by,
    counted_at, counted_seq, expected, needs_recount, variance, value, cause, responsible,
    treatment, note)
SELECT h.count_id, h.id, s.location_id, s.sku_id, s.lot_id, 0, 0, s.quantity, %(person)s, %(at)s,
       coalesce(b.seq, 0), coalesce(b.on_hand, 0), false, 0, 0, '', '', '', ''
FROM {stage} s
JOIN inventory_countsheet h ON h.count_id = %(count)s AND h.location_id = s.location_id
LEFT JOIN inventory_balance b ON b.location_id = s.location_id AND b.sku_id = s.sku_id
    AND b.lot_id IS NOT DISTINCT FROM s.lot_id
WHERE NOT EXISTS (SELECT FROM inventory_countline c
                  WHERE c.count_id = %(count)s AND c.location_id = s.location_id
                    AND c.sku_id = s.sku_id AND c.lot_id IS NOT DISTINCT FROM s.lot_id)
"""
_ROWS = (
    "(SELECT %(location)s::bigint AS location_id, u.* FROM"
    " unnest(%(sku)s::bigint[], %(lot)s::bigint[], %(quantity)s::bigint[])"
    " AS u(sku_id, lot_id, quantity))"
)
_EMPTY = """
UPDATE inventory_countline l
SET counted = 0, counted_by = %(person)s, counted_at = %(at)s, counted_seq = b.seq,
    expected = b.on_hand
FROM inventory_balance b
WHERE l.count_id = %(count)s AND l.sheet_id = %(sheet)s AND l.counted IS NULL
  AND b.location_id = l.location_id AND b.sku_id = l.sku_id
  AND b.lot_id IS NOT DISTINCT FROM l.lot_id
"""
_RECOUNT = """
UPDATE inventory_countline l
SET recounted = e.quantity, recounted_by = %(person)s, recounted_at = %(at)s,
    counted_seq = e.seq, expected = e.on_hand, variance = e.quantity - e.on_hand,
    value = round((e.quantity - e.on_hand) * e.cost, 2)
FROM (
    SELECT c.id, u.quantity, coalesce(b.seq, 0) AS seq, coalesce(b.on_hand, 0) AS on_hand,
           coalesce(s.avg_cost, 0) AS cost
    FROM unnest(%(line)s::bigint[], %(quantity)s::bigint[]) AS u(line_id, quantity)
    JOIN inventory_countline c ON c.id = u.line_id AND c.count_id = %(count)s
    LEFT JOIN inventory_balance b ON b.location_id = c.location_id AND b.sku_id = c.sku_id
        AND b.lot_id IS NOT DISTINCT FROM c.lot_id
    LEFT JOIN inventory_stock s ON s.sku_id = c.sku_id AND s.warehouse_id = %(warehouse)s
) e
WHERE l.id = e.id
"""


def enter(
    *, count_id: int, sheet_no: int, entries: Sequence[CountEntry], actor: Actor, at: datetime
) -> Entered:
    """Write what lies at the place of a sheet; a later figure of the same person replaces theirs.

    Goods the book does not know there become a line. Figures of another counter are not
    overwritten. Raises UnknownDocument, WrongState, NotReady (sheet signed, a SKU named twice),
    CountedByAnother, BadInput.
    """
    quantities = [parse.quantity(entry.quantity) for entry in entries]
    keys = {(entry.sku_id, entry.lot_id) for entry in entries}
    if len(keys) < len(entries):
        raise NotReady("inventory.count_twice", _("Each SKU and lot is named once."))
    with transaction.atomic():
        count = counts.lock(count_id, actor, CountState.COUNTING)
        sheet = sheet_of(count, sheet_no)
        _require_goods(keys)
        done = write(
            count,
            stage=_ROWS,
            parameters={
                "location": sheet.location_id,
                "sku": array(entry.sku_id for entry in entries),
                "lot": array(entry.lot_id for entry in entries),
                "quantity": array(quantities),
            },
            rows=len(entries),
            actor=actor,
            at=at,
        )
        if done.kept:
            raise CountedByAnother(
                "inventory.counted_by_another",
                _("%(count)s lines were counted by another person and stay as they are.")
                % {"count": done.kept},
                lines=done.kept,
            )
        counts.record(
            "entered",
            count,
            actor=actor,
            at=at,
            sheet=sheet_no,
            entries=[[one.sku_id, one.lot_id, one.quantity] for one in entries],
        )
        return done


def write(
    count: StockCount,
    *,
    stage: str,
    parameters: Mapping[str, Any],
    rows: int,
    actor: Actor,
    at: datetime,
) -> Entered:
    """Write figures of a locked count from a stage of (location_id, sku_id, lot_id, quantity).

    Two statements, whatever the rows; lines of another counter are left alone and counted as kept.
    """
    identity.act(duty="count_enter", obj=("inventory.stockcount", count.pk), actor=actor, at=at)
    values = {"count": count.pk, "person": actor.person_id, "at": at, **parameters}
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE.format(stage=stage), values)
        updated = cursor.rowcount
        cursor.execute(_INSERT.format(stage=stage), values)
        inserted = cursor.rowcount
    return Entered(written=updated + inserted, kept=rows - updated - inserted)


def mark_empty(*, count_id: int, sheet_no: int, actor: Actor, at: datetime) -> int:
    """Say that nothing more lies at the place: lines without a figure count zero; return how many.

    Raises UnknownDocument, WrongState, NotReady when the sheet is signed.
    """
    with transaction.atomic():
        count = counts.lock(count_id, actor, CountState.COUNTING)
        sheet = sheet_of(count, sheet_no)
        with connection.cursor() as cursor:
            cursor.execute(
                _EMPTY,
                {"count": count.pk, "sheet": sheet.pk, "person": actor.person_id, "at": at},
            )
            done = int(cursor.rowcount)
        counts.record("marked_empty", count, actor=actor, at=at, sheet=sheet_no, lines=done)
        return done


def clear(*, count_id: int, line_id: int, actor: Actor, at: datetime) -> None:
    """Take one's own figure back; the line waits to be counted again.

    Raises UnknownDocument, WrongState, NotReady when the sheet is signed, CountedByAnother.
    """
    with transaction.atomic():
        count = counts.lock(count_id, actor, CountState.COUNTING)
        line = CountLine.objects.select_related("sheet").filter(count=count, pk=line_id).first()
        if line is None:
            raise _unknown_line()
        _require_unsigned(line.sheet)
        if line.counted_by != actor.person_id:
            raise CountedByAnother(
                "inventory.counted_by_another_line",
                _("Another person counted this line; it stays as it is."),
            )
        CountLine.objects.filter(pk=line.pk).update(
            counted=None, counted_by=None, counted_at=None, counted_seq=None, expected=None
        )
        counts.record("cleared", count, actor=actor, at=at, line=line_id, was=line.counted)


def recount(*, count_id: int, quantities: Mapping[int, int], actor: Actor, at: datetime) -> int:
    """Count differing lines again, as another person than the first; return how many.

    Raises UnknownDocument, WrongState, SamePerson, BadInput.
    """
    read = {line_id: parse.quantity(quantity) for line_id, quantity in quantities.items()}
    with transaction.atomic():
        count = counts.lock(count_id, actor, CountState.REVIEW)
        lines = CountLine.objects.filter(count=count, pk__in=read)
        if lines.count() < len(read):
            raise _unknown_line()
        if lines.filter(counted_by=actor.person_id or 0).exists():
            raise SamePerson(
                "inventory.recount_by_another",
                _("You made the first count; another person counts these lines again."),
            )
        with connection.cursor() as cursor:
            cursor.execute(
                _RECOUNT,
                {
                    "count": count.pk,
                    "warehouse": count.warehouse_id,
                    "person": actor.person_id or 0,
                    "at": at,
                    "line": array(read),
                    "quantity": array(read.values()),
                },
            )
        counts.record(
            "recounted", count, actor=actor, at=at, lines=[list(pair) for pair in read.items()]
        )
        return len(read)


def sheet_of(count: StockCount, sheet_no: int) -> CountSheet:
    """Return an unsigned sheet of a count. Raises UnknownDocument, NotReady."""
    sheet = CountSheet.objects.filter(count=count, sheet_no=sheet_no).first()
    if sheet is None:
        raise UnknownDocument("inventory.sheet_unknown", _("There is no such sheet."))
    _require_unsigned(sheet)
    return sheet


def _require_unsigned(sheet: CountSheet) -> None:
    if sheet.keeper_id is not None:
        raise NotReady("inventory.sheet_signed", _("This sheet is signed and stays as it is."))


def _require_goods(keys: set[tuple[int, int | None]]) -> None:
    goods.require_skus(sku_ids={sku for sku, _lot in keys})
    lots = {(lot, sku) for sku, lot in keys if lot is not None}
    known = set(Lot.objects.filter(pk__in=[lot for lot, _sku in lots]).values_list("pk", "sku_id"))
    if lots - known:
        raise UnknownDocument(
            "inventory.lot_unknown",
            _("There is no such lot of this SKU."),
            lot_ids=sorted(lot for lot, _sku in lots - known),
        )


def _unknown_line() -> UnknownDocument:
    return UnknownDocument("inventory.count_line_unknown", _("There is no such line."))
