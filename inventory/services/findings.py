"""What the keeper finds of a delivery, line by line, blind to the note (SCM-2.2-02).

Several lots of one SKU are several lines among which its note is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from inventory import rules
from inventory.choices import LocationKind, Mismatch, ReceiptState
from inventory.errors import NotReady, UnknownDocument
from inventory.models import Location, Lot, Receipt, ReceiptLine
from inventory.selectors import goods, places
from inventory.selectors.lots import needing_expiry
from inventory.services import lots, receiving
from inventory.types import FoundLine, ReceiptInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor

LineKey = tuple[int, int | None]


def record_found(
    *, receipt_id: int, lines: Sequence[FoundLine], actor: Actor, at: datetime
) -> ReceiptInfo:
    """Write what the keeper found, line by line; a SKU the note does not name becomes a line.

    Until the count is finished lines may be corrected. Several lots of one SKU are several lines,
    among which its note is shared. Raises UnknownDocument, WrongState, SamePerson (whoever ordered
    the goods does not count them), LotWanted, ExpiredGoods, BadInput, and what `lots.take` refuses.
    """
    day = parse.business_day(at)
    with transaction.atomic():
        receipt = receiving.lock(receipt_id, actor, ReceiptState.COUNTING)
        receiving.refuse_buyer(receipt, actor)
        _require_known(receipt, lines)
        lots_of = _lots(receipt, lines, day, actor=actor, at=at)
        needing = needing_expiry({one.sku_id for one in lines})
        known = _known_lines(receipt)
        next_no = len(known) + 1
        for found, lot in zip(lines, lots_of, strict=True):
            key = (found.sku_id, lot.pk if lot else None)
            line = known.get(key)
            if line is None:
                line = _named_without_lot(known, found) or _another(known, receipt, found, next_no)
                next_no += line.pk is None
            _fill(line, found, lot)
            if line.counted:
                lots.require_expiry(needing, line.sku_id, lot)
            if line.good:
                lots.require_fresh(lot, day)
            line.save()
            known[key] = line
        _share_notes(known.values(), {one.sku_id for one in lines})
        receipt.counted_by = actor.person_id
        receipt.save(update_fields=["counted_by"])
        receiving.enter_receiver(receipt, actor, at=at)
        counted = [
            [one.sku_id, one.lot_id or (one.lot.code if one.lot else None), one.counted, one.good]
            for one in lines
        ]
        receiving.record("found_recorded", receipt, actor=actor, at=at, found=counted)
        return receiving.info(receipt)


def clear_found(*, receipt_id: int, line_id: int, actor: Actor, at: datetime) -> ReceiptInfo:
    """Take what was found of one line back: it waits to be counted again.

    A line that only the keeper's find made is left at nothing found. Raises UnknownDocument,
    WrongState, SamePerson.
    """
    with transaction.atomic():
        receipt = receiving.lock(receipt_id, actor, ReceiptState.COUNTING)
        receiving.refuse_buyer(receipt, actor)
        known = _known_lines(receipt)
        line = next((each for each in known.values() if each.pk == line_id), None)
        if line is None:
            raise _unknown_line()
        was = line.counted
        siblings = [each for each in known.values() if each.sku_id == line.sku_id]
        is_only_found = line.purchase_line_id is None or len(siblings) > 1
        line.counted = line.good = 0 if is_only_found and line.noted == 0 else None
        line.is_as_named, line.mismatch = True, Mismatch.NONE
        line.save()
        _share_notes(known.values(), {line.sku_id})
        receiving.record("find_cleared", receipt, actor=actor, at=at, line=line.line_no, was=was)
        return receiving.info(receipt)


def _require_known(receipt: Receipt, lines: Sequence[FoundLine]) -> None:
    """Refuse SKUs, lots and bins that are not there or not of this warehouse."""
    goods.require_skus(sku_ids={line.sku_id for line in lines})
    bins = {line.location_id for line in lines if line.location_id is not None}
    ours = Location.objects.filter(
        pk__in=bins, warehouse_id=receipt.warehouse_id, kind=LocationKind.BIN
    ).count()
    wanted = {(line.lot_id, line.sku_id) for line in lines if line.lot_id is not None}
    known = set(Lot.objects.filter(pk__in=[lot for lot, _ in wanted]).values_list("pk", "sku_id"))
    if ours < len(bins) or wanted - known:
        raise places.unknown_warehouse()


def _known_lines(receipt: Receipt) -> dict[LineKey, ReceiptLine]:
    rows = ReceiptLine.objects.filter(receipt=receipt).select_related("lot").order_by("line_no")
    return {(line.sku_id, line.lot_id): line for line in rows}


def _named_without_lot(known: dict[LineKey, ReceiptLine], found: FoundLine) -> ReceiptLine | None:
    """Give the first lot that is found to the line of the note, which knows no lots.

    A line counted without its lot gets one only where the correction names that very line.
    """
    line = known.get((found.sku_id, None))
    if line is None or (line.counted is not None and line.pk != found.line_id):
        return None
    del known[found.sku_id, None]
    return line


def _another(
    known: Mapping[LineKey, ReceiptLine], receipt: Receipt, found: FoundLine, line_no: int
) -> ReceiptLine:
    """Return a new line: another lot of goods on the note, or goods that are not on it."""
    named = next((line for line in known.values() if line.sku_id == found.sku_id), None)
    return ReceiptLine(
        receipt=receipt,
        line_no=line_no,
        sku_id=found.sku_id,
        purchase_line_id=named.purchase_line_id if named else None,
        unit_cost=named.unit_cost if named else None,
    )


def _fill(line: ReceiptLine, found: FoundLine, lot: Lot | None) -> None:
    line.counted = parse.quantity(found.counted)
    line.good = parse.quantity(line.counted if found.good is None else found.good)
    if line.good > line.counted:
        raise NotReady(
            "inventory.receipt_good", _("There cannot be more good pieces than counted ones.")
        )
    line.is_as_named = found.is_as_named
    line.finding = parse.text(found.finding)
    line.lot, line.location_id = lot, found.location_id
    line.mismatch = difference(line)


def difference(line: ReceiptLine) -> Mismatch:
    """Say how a counted line differs from its note (SCM-2.2-03)."""
    counted, good = line.counted or 0, line.good or 0
    if not line.is_as_named:
        return Mismatch.WRONG
    if good < counted:
        return Mismatch.DAMAGED
    if counted > line.noted:
        return Mismatch.OVER
    return Mismatch.SHORT if counted < line.noted else Mismatch.NONE


def _lots(
    receipt: Receipt, lines: Sequence[FoundLine], day: date, *, actor: Actor, at: datetime
) -> list[Lot | None]:
    """Return the lot of each line: one that is known by id, else what the goods say of theirs."""
    ids = {line.lot_id for line in lines if line.lot_id is not None}
    known = Lot.objects.in_bulk(ids)
    said = {(line.sku_id, line.lot.code): line.lot for line in lines if line.lot is not None}
    made = (
        lots.take(wanted=said, receipt_id=receipt.pk, received_on=day, actor=actor, at=at)
        if said
        else {}
    )
    return [
        made[line.sku_id, line.lot.code]
        if line.lot is not None
        else known.get(line.lot_id) if line.lot_id else None
        for line in lines
    ]  # fmt: skip


def _share_notes(lines: Iterable[ReceiptLine], sku_ids: set[int]) -> None:
    """Share ordered and noted pieces of a SKU among its lots, once all of them are counted."""
    by_sku: dict[int, list[ReceiptLine]] = {}
    for line in sorted(lines, key=lambda each: each.line_no):
        by_sku.setdefault(line.sku_id, []).append(line)
    changed = []
    for sku_id in sku_ids:
        group = by_sku[sku_id]
        found = [line.counted for line in group if line.counted is not None]
        if len(group) < 2 or len(found) < len(group):
            continue
        noted = rules.share_note(sum(line.noted for line in group), found)
        expected = rules.share_note(sum(line.expected for line in group), found)
        for line, on_note, on_order in zip(group, noted, expected, strict=True):
            line.noted, line.expected = on_note, on_order
            line.mismatch = difference(line)
        changed += group
    ReceiptLine.objects.bulk_update(changed, ["noted", "expected", "mismatch"])


def _unknown_line() -> UnknownDocument:
    return UnknownDocument("inventory.receipt_line_unknown", _("There is no such line."))
