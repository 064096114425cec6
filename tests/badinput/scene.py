"""What the demo company lacks for every action to have something to act on, made by its people."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from catalog.models import Channel, Promotion, Sku
from catalog.services import promotions
from customers.models import Order, OrderLine
from inventory.models import CountLine, Location, PurchaseOrder
from inventory.services import levels
from ops.engines.approvals.models import Request
from ops.engines.events import delivery
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day

if TYPE_CHECKING:
    from tests.badinput.ground import Ground

API = "/api/v1"


def prepare(ground: Ground) -> None:
    """Bring documents into the states the demo leaves out."""
    _purchases(ground)
    _counts(ground)
    _returns(ground)
    _money(ground)
    _levels(ground)
    _promotions(ground)
    _questions(ground)


def shipped_order() -> Order:
    """Return an order that shipped and of which nothing came back."""
    found = Order.objects.filter(state="shipped", batch_id=None, returns=None)
    return found.order_by("pk")[0]


def _do(ground: Ground, name: str, path: str, body: dict[str, Any] | None = None) -> Any:
    answer = ground.api(name).post(API + path, body or {}, format="json")
    assert answer.status_code < 300, f"{name} {path}: {answer.content.decode()}"
    return answer.json()


def _purchase(ground: Ground, pieces: int) -> int:
    sku = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    line = {"sku": sku, "quantity": pieces, "unit_cost": "3.00", "reason": "补货"}
    body = {"supplier": "S001", "warehouse": "HZ", "lines": [line]}
    return int(_do(ground, "buyer_officer", "/purchase-orders/", body)["id"])


def _purchases(ground: Ground) -> None:
    """Leave one order approved, one sent, and three with receipts: open, counted, differing."""
    orders = [_purchase(ground, pieces) for pieces in (5, 6, 7, 8, 9)]
    for pk in orders:
        _do(ground, "buyer_officer", f"/purchase-orders/{pk}/submit/")
        _approve(ground, PurchaseOrder.objects.get(pk=pk))
    for pk in orders[1:]:
        _do(ground, "buyer_officer", f"/purchase-orders/{pk}/send/")
    receipts = [
        _do(ground, "keeper", "/receipts/", {"purchase_order": pk, "delivery_note": f"DN-{pk}"})[
            "id"
        ]
        for pk in orders[2:]
    ]
    for pk, pieces in ((receipts[1], 8), (receipts[2], 3)):
        _do(ground, "keeper", f"/receipts/{pk}/lines/", {"lines": [_found(pieces)]})
    _do(ground, "keeper", f"/receipts/{receipts[2]}/finish/")


def _found(pieces: int) -> dict[str, Any]:
    sku = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    return {"sku": sku, "counted": pieces, "good": pieces, "finding": "少到"}


def _approve(ground: Ground, order: PurchaseOrder) -> None:
    asked = Request.objects.filter(subject_id=order.pk, flow="purchase_order", state="submitted")
    for request in asked:
        for name in ("supervisor", "manager", "director", "finance_manager"):
            ground.api(name).post(f"{API}/approvals/{request.pk}/approve/", {}, format="json")


def _counts(ground: Ground) -> None:
    """Leave a count planned, one counted and signed, and one closed with a difference."""
    place = Location.objects.filter(warehouse__code="SH", kind="bin").order_by("pk")[0].code
    body = {"warehouse": "SH", "kind": "cycle", "locations": [place]}
    for far in (2, 1, 0):
        made = _do(ground, "finance", "/stock-counts/", body)
        if far:
            _count(ground, made["id"], is_off=far == 2)
        if far == 2:
            _do(ground, "finance", f"/stock-counts/{made['id']}/close/")


def _count(ground: Ground, pk: int, *, is_off: bool) -> None:
    _do(ground, "finance", f"/stock-counts/{pk}/start/")
    lines = CountLine.objects.filter(count_id=pk).select_related("sku", "sheet").order_by("pk")
    sheets: dict[int, list[dict[str, Any]]] = {}
    for at, line in enumerate(lines):
        quantity = max(0, line.book_quantity - (1 if is_off and not at else 0))
        found = {"sku": line.sku.code, "quantity": quantity}
        sheets.setdefault(line.sheet.sheet_no, []).append(found)
    for number, entries in sheets.items():
        _do(ground, "keeper", f"/stock-counts/{pk}/sheets/{number}/lines/", {"lines": entries})
    for name in ("keeper", "finance"):
        _do(ground, name, f"/stock-counts/{pk}/sheets/all/sign/")


def _returns(ground: Ground) -> None:
    made: dict[str, Any] = {}
    for _unused in range(3):
        order = shipped_order()
        line = OrderLine.objects.filter(order=order).order_by("line_no")[0]
        body = {
            "order": order.number,
            "reason": "不合适",
            "lines": [{"line_no": line.line_no, "quantity": 1}],
        }
        made = _do(ground, "agent", "/after-sales/", body)
    ground.api("agent").post(f"{API}/after-sales/{made['id']}/accept/", {}, format="json")
    delivery.drain(at=timezone.now())


def _money(ground: Ground) -> None:
    body = {
        "business_day": business_day(timezone.now()).isoformat(),
        "memo": "手续费",
        "lines": [{"account": "6602", "debit": "5.00"}, {"account": "1002", "credit": "5.00"}],
    }
    _do(ground, "finance", "/journal-entries/", body)
    why = {"code": "explained", "reason": "已说明"}
    ground.api("finance2").post(f"{API}/breaks/1/resolve/", why, format="json")


def _levels(ground: Ground) -> None:
    sku = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    body = {"sku": sku, "warehouse": "HZ", "least": 900_000}
    _do(ground, "specialist", "/stock/levels/", body)
    levels.watch(actor=Actor.system("tests.badinput"), at=timezone.now())


def _questions(ground: Ground) -> None:
    asked = Request.objects.filter(state="submitted", flow="price_change").order_by("pk")
    for name in ("supervisor", "manager", "director"):
        for request in asked:
            ground.api(name).post(
                f"{API}/approvals/{request.pk}/ask/", {"question": "为什么？"}, format="json"
            )


def _promotions(ground: Ground) -> None:
    """Leave promotions in every state: drafts, one that waits, runs, pauses, is over."""
    made = [_promotion(ground, number) for number in range(6)]
    for pk in made[2:]:
        _do(ground, "specialist", f"/promotions/{pk}/submit/")
    for pk in made[3:]:
        approval = Promotion.objects.get(pk=pk).approval_id
        ground.api("supervisor").post(f"{API}/approvals/{approval}/approve/", {}, format="json")
    _do(ground, "specialist", f"/promotions/{made[0]}/coupons/", {"count": 2})
    start = Promotion.objects.get(pk=made[3]).starts_at
    promotions.run_clock(actor=Actor.system("tests.badinput"), at=start)
    _do(ground, "supervisor", f"/promotions/{made[4]}/pause/", {"reason": "核对"})
    _do(ground, "supervisor", f"/promotions/{made[5]}/end/", {"reason": "核对"})


def _promotion(ground: Ground, number: int) -> int:
    body = promotion_plan() | {"title": f"促销 {number}", "coupon_mode": "batch"}
    return int(_do(ground, "specialist", "/promotions/", body)["id"])


def promotion_plan() -> dict[str, Any]:
    """Return a plan the company takes."""
    start = timezone.now() + dt.timedelta(hours=1)
    return {
        "channel": Channel.objects.order_by("pk").values_list("code", flat=True)[0],
        "title": "满 300 减 40",
        "aim": "清冬季库存",
        "rule": {
            "type": "spend_and_save",
            "steps": [{"amount": "300.00", "save": "10.00"}],
            "caps": {"budget": "1000.00"},
        },
        "stock_note": "在库充足",
        "risk": "退货",
        "starts_at": start.isoformat(),
        "ends_at": (start + dt.timedelta(days=9)).isoformat(),
    }
