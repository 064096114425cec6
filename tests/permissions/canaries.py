"""A cost and a person nobody else is like, planted so that one search finds every leak (S5)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from catalog.models import Category, Sku
from catalog.services import products
from customers.models import Customer, Order
from customers.types import BuyerDraft
from inventory.models import PurchaseOrder
from inventory.selectors import stock
from ops.engines.approvals.models import Request
from ops.engines.events import delivery
from tests.badinput.ground import Ground
from tests.permissions import stage

# What one piece cost, and all nine of them.
COST = ("7731.77", "7,731.77")
WORTH = ("69585.93", "69,585.93")
# A name that a template or an expression would work out (S16); the sum stands nowhere else.
CAGE = '金丝雀笼 {{7919*7}} {% now "Y" %} ${7919*7} #{7919*7} <%= 7919*7 %>'
SUM = "55433"
# Both with a true check digit.
CITIZEN, CARD = "110101199003077731", "6222027731773177319"
PERSON = BuyerDraft(
    code="canary-buyer",
    name="金丝雀赵钱孙",
    phone="13877310177",
    # Buyers abroad type the number of their papers, and of a card, where their address goes.
    address=f"浙江省杭州市金丝雀路7731号1单元 {CITIZEN} {CARD}",
)
TEXTS = (PERSON.name, PERSON.phone, "金丝雀路7731号", CITIZEN, CARD)


def plant(ground: Ground) -> list[str]:
    """Buy a thing at a price nobody else has, sell it to a person with a name nobody else has.

    Returns addresses under which a leak would show.
    """
    at = timezone.now()
    category = Category.objects.filter(children=None).order_by("pk").values_list("pk", flat=True)[0]
    # Taken over long before go-live: neither proposed nor listed by anybody.
    before = at - timedelta(days=4_000)
    goods = products.create_product(name=CAGE, category_id=category, actor=stage.FOUNDER, at=before)
    made = products.create_sku(product_id=goods.id, name=CAGE, actor=stage.FOUNDER, at=before)
    sku = Sku.objects.get(pk=made.id)
    line = {"sku": sku.code, "quantity": 9, "unit_cost": COST[0], "reason": "补货"}
    body = {"supplier": "S001", "warehouse": "HZ", "lines": [line]}
    bought = _do(ground, "buyer_officer", "/purchase-orders/", body)["id"]
    _do(ground, "buyer_officer", f"/purchase-orders/{bought}/submit/", {})
    asked = Request.objects.get(subject_id=bought, flow="purchase_order", state="submitted")
    for name in ("supervisor", "manager", "director", "finance_manager"):
        ground.api(name).post(f"{stage.API}/approvals/{asked.pk}/approve/", {}, format="json")
    assert PurchaseOrder.objects.get(pk=bought).state == "approved"
    _do(ground, "buyer_officer", f"/purchase-orders/{bought}/send/", {})
    note = {"purchase_order": bought, "delivery_note": "DN-CANARY"}
    receipt = _do(ground, "keeper", "/receipts/", note)["id"]
    found = {"lines": [{"sku": sku.code, "counted": 9, "good": 9}]}
    _do(ground, "keeper", f"/receipts/{receipt}/lines/", found)
    _do(ground, "keeper", f"/receipts/{receipt}/finish/", {})
    _do(ground, "keeper", f"/receipts/{receipt}/post/", {})
    delivery.drain(at=at)
    assert str(stock.unit_costs(sku_ids=[sku.pk], at=at)[sku.pk]).startswith(COST[0])
    stage.place_order("tmall", number="CANARY-1", buyer=PERSON, sku=sku.code, price="9000.00")
    delivery.drain(at=at)
    order = Order.objects.get(external_no="CANARY-1")
    customer = Customer.objects.get(code=PERSON.code)
    return [
        f"/orders/{order.number}/",
        f"/customers/{customer.pk}/",
        f"/skus/{sku.pk}/",
        f"/inventory/purchases/{bought}/",
        f"/inventory/receipts/{receipt}/",
        f"/approvals/{asked.pk}/",
        "/inventory/stock/?c=sku&c=avg_cost&c=value",
        "/inventory/stock/?export=csv&c=sku&c=avg_cost&c=value",
        "/inventory/moves/?export=csv",
        "/orders/?export=csv",
        "/orders/?export=xlsx",
        "/customers/?export=csv",
        "/customers/?export=xlsx",
        "/inventory/stock/?export=xlsx&c=sku&c=avg_cost&c=value",
        f"/find/?q={PERSON.phone}",
        f"/find/?q={PERSON.code}",
        f"/find/?q={CITIZEN}",
        f"/find/?q={order.number}",
        f"/audit/facts/?q={order.number}",
        "/admin/inventory/move/",
        "/admin/inventory/stock/",
        f"/api/v1/orders/{order.number}/",
        f"/api/v1/customers/{customer.pk}/",
        f"/api/v1/purchase-orders/{bought}/",
        f"/api/v1/approvals/{asked.pk}/",
        "/api/v1/stock/",
        "/api/v1/stock/moves/",
    ]


def _do(ground: Ground, name: str, path: str, body: object) -> dict[str, int]:
    answer = ground.api(name).post(stage.API + path, body, format="json")
    assert answer.status_code < 300, f"{name} {path}: {answer.content.decode()}"
    told: dict[str, int] = answer.json()
    return told
