"""Purchasing and receiving: orders in every state, goods that differ, an order cut in two."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from inventory.choices import MismatchTreatment, RefusalChoice
from inventory.models import PurchaseOrder, ReceiptLine, Supplier
from inventory.rules import PURCHASE_MANAGER_LIMIT
from inventory.services import discrepancies, findings, purchasing, receiving
from inventory.types import FoundLine, PurchaseInfo, PurchaseWant
from ops.demo.scene import Scene

_PLAN: Final = "MRP-W47"
_JUST_UNDER: Final = Decimal("0.98")


def buy(scene: Scene, suppliers: list[str]) -> None:
    """Let the purchasing officer order, the supervisor decide and the keepers receive."""
    ids = dict(Supplier.objects.filter(code__in=suppliers).values_list("code", "id"))
    chosen = [ids[code] for code in sorted(ids)]
    _order(scene, chosen[0], "HZ", range(60, 64), 24)
    _submit(scene, _order(scene, chosen[1], "SH", range(64, 70), 30))
    _receive_whole(scene, chosen[2])
    _receive_differing(scene, chosen[3])
    _split(scene, chosen[4])


def _order(
    scene: Scene, supplier_id: int, warehouse: str, ranks: range, pieces: int
) -> PurchaseInfo:
    return purchasing.draft_purchase(
        supplier_id=supplier_id,
        warehouse_id=scene.company.warehouses[warehouse].id,
        lines=[
            PurchaseWant(sku_id=item.sku_id, quantity=pieces, unit_cost=item.cost, plan_ref=_PLAN)
            for item in (scene.items[rank] for rank in ranks)
        ],
        expected_on=scene.plan.today + dt.timedelta(days=5),
        actor=scene.actor("buyer_officer"),
        at=scene.plan.at,
    )


def _submit(scene: Scene, order: PurchaseInfo) -> int | None:
    buyer = scene.actor("buyer_officer")
    purchasing.submit_purchase(purchase_id=order.id, actor=buyer, at=scene.plan.at)
    return PurchaseOrder.objects.get(pk=order.id).approval_id


def _sent(scene: Scene, order: PurchaseInfo) -> None:
    request_id = _submit(scene, order)
    deciders = ["supervisor"]
    if order.total > PURCHASE_MANAGER_LIMIT:
        deciders.append("manager")
    scene.approve(request_id, *deciders)
    buyer = scene.actor("buyer_officer")
    purchasing.send_purchase(purchase_id=order.id, actor=buyer, at=scene.plan.at)


def _receive_whole(scene: Scene, supplier_id: int) -> None:
    order = _order(scene, supplier_id, "HZ", range(70, 74), 12)
    _sent(scene, order)
    keeper, at = scene.actor("keeper"), scene.plan.at
    receipt = receiving.open_receipt(
        purchase_id=order.id, delivery_note="DN-70001", actor=keeper, at=at
    )
    lines = [
        FoundLine(sku_id=line.sku_id, counted=line.noted, good=line.noted)
        for line in ReceiptLine.objects.filter(receipt_id=receipt.id)
    ]
    findings.record_found(receipt_id=receipt.id, lines=lines, actor=keeper, at=at)
    receiving.finish_count(receipt_id=receipt.id, actor=keeper, at=at)
    receiving.post_receipt(receipt_id=receipt.id, actor=keeper, at=at)


def _receive_differing(scene: Scene, supplier_id: int) -> None:
    """Receive goods of which some are broken and some too many; the store manager decides."""
    order = _order(scene, supplier_id, "HZ", range(74, 78), 20)
    _sent(scene, order)
    keeper, at = scene.actor("keeper"), scene.plan.at
    receipt = receiving.open_receipt(
        purchase_id=order.id, delivery_note="DN-70002", actor=keeper, at=at
    )
    found = []
    for place, line in enumerate(ReceiptLine.objects.filter(receipt_id=receipt.id).order_by("pk")):
        counted = line.noted + (3 if place == 1 else 0)
        good = counted - (4 if place == 0 else 0)
        finding = ("外箱破损，四件受潮", "多到三件，无对应订单", "", "")[place]
        found.append(FoundLine(sku_id=line.sku_id, counted=counted, good=good, finding=finding))
    findings.record_found(receipt_id=receipt.id, lines=found, actor=keeper, at=at)
    receiving.finish_count(receipt_id=receipt.id, actor=keeper, at=at)
    report = discrepancies.report_discrepancy(
        receipt_id=receipt.id,
        choice=RefusalChoice.HOLD,
        treatment=MismatchTreatment.RETURN,
        reason="破损与多到，待店长决定",
        actor=keeper,
        at=at,
    )
    scene.planted.add(
        "receipt_differs",
        report.number,
        "waits for the store manager; nothing of the differing lines is posted before",
    )


def _split(scene: Scene, supplier_id: int) -> None:
    """Cut one purchase in two, each just under the limit of the operations manager."""
    numbers = []
    for rank in (80, 81):
        item = scene.items[rank]
        pieces = int(PURCHASE_MANAGER_LIMIT * _JUST_UNDER / item.cost)
        order = _order(scene, supplier_id, "GZ", range(rank, rank + 1), pieces)
        _submit(scene, order)
        numbers.append(f"{order.number} ({order.total} CNY)")
    scene.planted.add(
        "split_purchase",
        ", ".join(numbers),
        "same supplier, same day, each just under the manager's limit: together they are over it",
    )
