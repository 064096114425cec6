"""Goods that come back from customers, at the cost they left with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from inventory import rules
from inventory.choices import LocationKind, MoveReason
from inventory.events import GoodsReturned
from inventory.models import GoodsReturn, Move
from inventory.selectors import places
from inventory.services import moves, shipments
from inventory.types import MoveDraft, ReturnedLine, ReturnInfo, Source
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.errors import RuleViolation
from ops.engines.kernel.parse import business_day as business_day_of

SOURCE_TYPE = "inventory.goodsreturn"
PLACES = (LocationKind.BIN, LocationKind.QUARANTINE, LocationKind.DAMAGE)

_LEFT = """
SELECT m.sku_id, sum(m.quantity)::bigint, sum(m.value), bool_and(m.is_costed)
FROM inventory_shipment s
JOIN inventory_move m ON m.source_type = %s AND m.source_id = s.id AND m.reason = 'sale'
WHERE s.source_type = %s AND s.source_id = %s
GROUP BY m.sku_id
"""
_CAME_BACK = """
SELECT m.sku_id, sum(m.quantity)::bigint
FROM inventory_goodsreturn g
JOIN inventory_move m ON m.source_type = %s AND m.source_id = g.id
WHERE g.origin_type = %s AND g.origin_id = %s
GROUP BY m.sku_id
"""


def accept_return(
    *,
    key: str,
    source: Source,
    warehouse_id: int,
    lines: Sequence[ReturnedLine],
    actor: Actor,
    at: datetime,
    origin: Source | None = None,
    to: LocationKind = LocationKind.QUARANTINE,
    business_day: date | None = None,
) -> ReturnInfo:
    """Take goods back from a customer into quarantine, a bin or the damaged goods.

    They come in at the value they left with when `origin` names the document they were shipped
    for, else at the average. The same `key` again takes nothing in and returns what was done.
    Publishes GoodsReturned. Raises RuleViolation when more comes back than was shipped,
    UnknownPlace outside the actor's warehouses, DayClosed.
    """
    places.require_warehouse(warehouse_id=warehouse_id, actor=actor, right="P")
    if to not in PLACES or not lines:
        raise RuleViolation(
            "inventory.return_place", _("Returned goods need lines and a place of ours to go to.")
        )
    day = business_day or business_day_of(at)
    with transaction.atomic():
        document, is_new = GoodsReturn.objects.get_or_create(
            key=key,
            defaults={
                "source_type": source.type,
                "source_id": source.id,
                "origin_type": origin.type if origin else "",
                "origin_id": origin.id if origin else None,
                "warehouse_id": warehouse_id,
                "business_day": day,
                "at": at,
            },
        )
        if not is_new:
            return _described(document, is_new=False)
        values = _values(lines, origin=origin, warehouse_id=warehouse_id)
        customer = places.virtual_places().customer
        place = places.default_place(warehouse_id=warehouse_id, kind=to)
        moves.post(
            [
                MoveDraft(
                    sku_id=line.sku_id,
                    lot_id=line.lot_id,
                    from_location_id=customer,
                    to_location_id=place,
                    quantity=line.quantity,
                    value=value,
                    reason=MoveReason.RETURN,
                    source=Source(type=SOURCE_TYPE, id=document.pk),
                    effect_key=f"{SOURCE_TYPE}:{document.pk}:{line.line}",
                )
                for line, value in zip(lines, values, strict=True)
            ],
            actor=actor,
            at=at,
            business_day=day,
        )
        audit.record(
            actor=actor,
            at=at,
            action="inventory.goods_returned",
            obj=(SOURCE_TYPE, document.pk),
            body={
                "key": key,
                "place": str(to),
                "lines": [[line.line, line.sku_id, line.quantity] for line in lines],
            },
        )
        publish(GoodsReturned(return_key=key, dated_on=day))
    return _described(document, is_new=True)


def _values(
    lines: Sequence[ReturnedLine], *, origin: Source | None, warehouse_id: int
) -> list[Decimal | None]:
    """Return what each line is worth, None where only the average is known."""
    if origin is None:
        return [None] * len(lines)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inventory_lock_stock(%s::bigint[], %s::bigint[])",
            [array(line.sku_id for line in lines), array(warehouse_id for _line in lines)],
        )
        cursor.execute(_LEFT, [shipments.SOURCE_TYPE, origin.type, origin.id])
        left = {sku: (quantity, value, costed) for sku, quantity, value, costed in cursor}
        cursor.execute(_CAME_BACK, [SOURCE_TYPE, origin.type, origin.id])
        back = Counter(dict(cursor.fetchall()))
    if not left:
        return [None] * len(lines)
    values: list[Decimal | None] = []
    for line in lines:
        quantity, value, is_costed = left.get(line.sku_id, (0, Decimal(0), False))
        before = back[line.sku_id]
        back[line.sku_id] += line.quantity
        if back[line.sku_id] > quantity:
            raise RuleViolation(
                "inventory.more_back_than_left",
                _("Line %(line)s: %(back)s would have come back of %(left)s shipped.")
                % {"line": line.line, "back": back[line.sku_id], "left": quantity},
                line=line.line,
                back=back[line.sku_id],
                left=quantity,
            )
        whole = rules.share(value, quantity, back[line.sku_id])
        values.append(whole - rules.share(value, quantity, before) if is_costed else None)
    return values


def _described(document: GoodsReturn, *, is_new: bool) -> ReturnInfo:
    worth = Move.objects.filter(source_type=SOURCE_TYPE, source_id=document.pk).values_list(
        "value", flat=True
    )
    return ReturnInfo(document.pk, document.key, sum(worth, Decimal("0.00")), is_new)
