"""What the demo company lacks for every action to have something to act on, made by its people."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from catalog.models import Category, Sku
from customers.models import Order, OrderLine
from finance.models import Break
from inventory.models import CountLine, Location, PurchaseOrder, Receipt, ShelfLife
from inventory.services import levels
from ops.engines.approvals.models import Request
from ops.engines.events import delivery
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from tests.badinput import catalogue, promoting, watching
from tests.badinput.asking import API, ask

if TYPE_CHECKING:
    from tests.badinput.ground import Ground

PURCHASES = {5: "S001", 6: "S001", 7: "S002", 8: "S005", 9: "S006", 10: "S007"}
"""Pieces ordered, and from whom."""


def prepare(ground: Ground) -> None:
    """Bring documents into the states the demo leaves out."""
    catalogue.prepare(ground)
    _catalogue(ground)
    _purchases(ground)
    _counts(ground)
    _returns(ground)
    _money(ground)
    _levels(ground)
    promoting.prepare(ground)
    _questions(ground)
    _shelf_lives(ground)
    _parcels(ground)
    watching.prepare(ground)


def shipped_order() -> Order:
    """Return an order that shipped, without gifts, and of which nothing came back."""
    found = Order.objects.filter(state="shipped", batch_id=None, returns=None, gifts=None)
    return found.order_by("pk")[0]


def _catalogue(ground: Ground) -> None:
    """Leave a category that asks something, a coding rule nothing is numbered by, and an alias."""
    today = business_day(timezone.now()).isoformat()
    empty = ask(ground, "supervisor", "/categories/", {"name": "样品"})["id"]
    asked = {"category": empty, "starts_on": today, "scope_item": "样品", "reason": "新规"}
    ask(ground, "supervisor", "/category-rules/", asked)
    rule = {"category": empty, "pattern": "YP{sequence}", "starts_on": today}
    ask(ground, "supervisor", "/code-rules/", rule)
    sku = Sku.objects.order_by("pk").values_list("pk", flat=True)[0]
    alias = {"sku": sku, "kind": "legacy", "source": "ERP", "code": "OLD-1"}
    ask(ground, "supervisor", "/sku-aliases/", alias)


def _purchase(ground: Ground, supplier: str, pieces: int) -> int:
    sku = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    line = {"sku": sku, "quantity": pieces, "unit_cost": "3.00", "reason": "补货"}
    body = {"supplier": supplier, "warehouse": "HZ", "lines": [line]}
    return int(ask(ground, "buyer_officer", "/purchase-orders/", body)["id"])


def _purchases(ground: Ground) -> None:
    """Leave one order approved, one sent, and others with receipts: open, counted, short, broken.

    Their suppliers differ: who delivered is scored.
    """
    orders = [_purchase(ground, supplier, pieces) for pieces, supplier in PURCHASES.items()]
    for pk in orders:
        ask(ground, "buyer_officer", f"/purchase-orders/{pk}/submit/")
        _approve(ground, PurchaseOrder.objects.get(pk=pk))
    for pk in orders[1:]:
        ask(ground, "buyer_officer", f"/purchase-orders/{pk}/send/")
    receipts = [
        ask(ground, "keeper", "/receipts/", {"purchase_order": pk, "delivery_note": f"DN-{pk}"})[
            "id"
        ]
        for pk in orders[2:]
    ]
    for pk, pieces, good in ((receipts[1], 8, 8), (receipts[2], 3, 3), (receipts[3], 10, 6)):
        ask(ground, "keeper", f"/receipts/{pk}/lines/", {"lines": [_found(pieces, good)]})
    for pk in receipts[2:]:
        ask(ground, "keeper", f"/receipts/{pk}/finish/")


def _found(pieces: int, good: int) -> dict[str, Any]:
    sku = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    expires_on = business_day(timezone.now() + dt.timedelta(days=300)).isoformat()
    found = {"sku": sku, "counted": pieces, "good": good, "finding": "少到"}
    return {**found, "lot": "L2611", "expires_on": expires_on}


def broken_receipt() -> int:
    """Return the counted receipt with spoiled goods that nobody reported yet."""
    found = Receipt.objects.filter(state="checked", lines__lot__code="L2611", discrepancies=None)
    return found.order_by("-pk").values_list("pk", flat=True)[0]


def _approve(ground: Ground, order: PurchaseOrder) -> None:
    asked = Request.objects.filter(subject_id=order.pk, flow="purchase_order", state="submitted")
    for request in asked:
        for name in ("supervisor", "manager", "director", "finance_manager"):
            ground.api(name).post(f"{API}/approvals/{request.pk}/approve/", {}, format="json")


def _counts(ground: Ground) -> None:
    """Leave a count planned, one counted and signed, and two with a difference, one explained."""
    place = Location.objects.filter(warehouse__code="HZ", kind="bin").order_by("pk")[0].code
    body = {"warehouse": "HZ", "kind": "cycle", "locations": [place]}
    for far in (3, 2, 1, 0):
        made = ask(ground, "finance", "/stock-counts/", body)
        if far:
            _count(ground, made["id"], is_off=far > 1)
        if far > 1:
            ask(ground, "finance", f"/stock-counts/{made['id']}/close/")
        if far == 3:
            _explain(ground, made["id"])


def _explain(ground: Ground, count_id: int) -> None:
    differing = CountLine.objects.filter(count_id=count_id).exclude(variance=0)
    said = {"cause": "loss", "responsible": "仓库", "treatment": "adjust"}
    lines = [{"line": pk, **said} for pk in differing.values_list("pk", flat=True)]
    ask(ground, "finance", f"/stock-counts/{count_id}/variance-report/", {"lines": lines})


def explained_count() -> int:
    """Return the count whose differences are all explained and not yet handed in."""
    found = CountLine.objects.filter(count__state="review", cause="loss", responsible="仓库")
    return found.order_by("pk").values_list("count_id", flat=True)[0]


def _count(ground: Ground, pk: int, *, is_off: bool) -> None:
    ask(ground, "finance", f"/stock-counts/{pk}/start/")
    lines = CountLine.objects.filter(count_id=pk).select_related("sku", "sheet").order_by("pk")
    sheets: dict[int, list[dict[str, Any]]] = {}
    for at, line in enumerate(lines):
        quantity = max(0, line.book_quantity - (1 if is_off and not at else 0))
        found = {"sku": line.sku.code, "quantity": quantity}
        sheets.setdefault(line.sheet.sheet_no, []).append(found)
    for number, entries in sheets.items():
        ask(ground, "keeper", f"/stock-counts/{pk}/sheets/{number}/lines/", {"lines": entries})
    for name in ("keeper", "finance"):
        ask(ground, name, f"/stock-counts/{pk}/sheets/all/sign/")


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
        made = ask(ground, "agent", "/after-sales/", body)
    ground.api("agent").post(f"{API}/after-sales/{made['id']}/accept/", {}, format="json")
    delivery.drain(at=timezone.now())


def _money(ground: Ground) -> None:
    body = {
        "business_day": business_day(timezone.now()).isoformat(),
        "memo": "手续费",
        "lines": [{"account": "6602", "debit": "5.00"}, {"account": "1002", "credit": "5.00"}],
    }
    ask(ground, "finance", "/journal-entries/", body)
    first = Break.objects.filter(state="open").order_by("pk").values_list("pk", flat=True)[0]
    ask(ground, "finance2", f"/breaks/{first}/resolve/", {"code": "transit", "reason": "已说明"})


def _levels(ground: Ground) -> None:
    sku = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    body = {"sku": sku, "warehouse": "HZ", "least": 900_000}
    ask(ground, "specialist", "/stock/levels/", body)
    levels.watch(actor=Actor.system("tests.badinput"), at=timezone.now())


def undecided_category() -> str:
    """Return the code of a category nobody decided the shelf life of."""
    decided = ShelfLife.objects.values("category_id")
    found = Category.objects.exclude(pk__in=decided).order_by("-pk")
    return found.values_list("code", flat=True)[0]


def _shelf_lives(ground: Ground) -> None:
    body = {"category": undecided_category(), "needs_expiry": True}
    ask(ground, "keeper", "/shelf-lives/", body)


def _questions(ground: Ground) -> None:
    asked = Request.objects.filter(state="submitted", flow="price_change").order_by("pk")
    for name in ("supervisor", "manager", "director"):
        for request in asked:
            ground.api(name).post(
                f"{API}/approvals/{request.pk}/ask/", {"question": "为什么？"}, format="json"
            )


def _parcels(ground: Ground) -> None:
    """Leave two orders of one recipient apart, and two in one parcel."""
    made = {
        parcel: [_order(ground, f"{parcel}-{turn}", buyer=parcel) for turn in (1, 2)]
        for parcel in ("A", "B")
    }
    ask(ground, "agent", "/orders/merge/", {"orders": made["B"]})


def _order(ground: Ground, number: str, *, buyer: str) -> str:
    now = timezone.now().isoformat()
    who = {"code": buyer, "name": "王小明", "phone": "13800138000", "address": f"文三路{buyer}号"}
    sku = Sku.objects.order_by("pk").values_list("code", flat=True)[0]
    body = {
        "channel": "tmall",
        "external_no": number,
        "placed_at": now,
        "paid_at": now,
        "buyer": who,
        "lines": [{"sku": sku, "quantity": 2}],
    }
    return str(ask(ground, "agent", "/orders/", body)["number"])
