"""The desk's work on many orders and on one: previews, exceptions, notes, budgets (V8, V9)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Order, OrderNote, OrderPart
from customers.selectors import book, trouble
from customers.services import merging, notes, orders, rehearsing, splitting
from customers.types import BuyerDraft
from inventory.models import Shipment
from inventory.services import shipments
from ops.engines.audit.models import Fact
from ops.engines.events import delivery
from ops.engines.events.models import StoredFact
from ops.engines.identity.choices import Role
from tests.compliance.conftest import enter
from tests.customers.house import AT, BUYER, SYSTEM, House, order
from tests.customers.test_moving import second

LIST_BUDGET, RECORD_BUDGET = 8, 14  # statements of the screens themselves


@pytest.fixture
def desk(shop: House) -> Client:
    """The specialist's browser."""
    return enter(shop.worker("li", Role.OPERATIONS_SPECIALIST))


def asked(captured: CaptureQueriesContext) -> list[str]:
    """Return the statements about the order's world, without the shell's session and scope."""
    tables = ("customers_", "inventory_", "catalog_sku", "catalog_pricerange")
    return [
        query["sql"]
        for query in captured
        if any(table in query["sql"] for table in tables) and "guardian" not in query["sql"]
    ]


def test_a_rehearsed_step_leaves_nothing_behind(shop: House) -> None:
    short = shop.place("T1", ("A-1", 103), on_short="hold")
    facts = (Fact.objects.count(), StoredFact.objects.count())

    report = rehearsing.rehearsed(
        lambda: splitting.split_available(order_ids=[short.order_id], actor=SYSTEM, at=AT)
    )

    assert report.done == (short.order_id,)
    assert (Fact.objects.count(), StoredFact.objects.count()) == facts
    assert not OrderPart.objects.exists()
    assert not Shipment.objects.exists()
    assert (order(short).state, shop.free("A-1")) == ("paid", 100)


def test_moving_many_asks_for_the_warehouse_and_shows_who_cannot(desk: Client, shop: House) -> None:
    other = second(shop, A_1=3)
    placed = [shop.place(f"T{n}", ("A-1", 2)) for n in range(2)]
    ids = [str(one.order_id) for one in placed]
    ask = {"action": "move", "sel": ids, "warehouse": str(other.warehouse_id)}

    form = desk.post("/orders/?tab=ship", {"action": "move", "sel": ids}).content.decode()
    empty = desk.post("/orders/?tab=ship", {"action": "move", "sel": ids, "step": "run"})
    preview = desk.post("/orders/?tab=ship", {**ask, "step": "check"}).content.decode()
    before = order(placed[0]).warehouse_id
    desk.post("/orders/?tab=ship", {**ask, "step": "run"})

    assert "上海仓" in form
    assert "请填写" in empty.content.decode()
    assert placed[1].number in preview
    assert "库存不足" in preview
    assert before == shop.warehouse_id
    assert [order(one).warehouse_id for one in placed] == [other.warehouse_id, shop.warehouse_id]


def test_every_bulk_action_needs_the_right_to_work(shop: House) -> None:
    placed = shop.place("T1", ("A-1", 2))
    analyst = enter(shop.worker("shu", Role.DATA_ANALYST))

    for key in ("confirm", "move", "merge", "split", "hold", "release", "note"):
        answer = analyst.post(
            "/orders/?tab=all", {"action": key, "sel": str(placed.order_id), "step": "run"}
        )
        assert answer.status_code == 403, key
    assert order(placed).hold_reason == ""


def test_exceptions_are_counted_and_lead_to_their_orders(desk: Client, shop: House) -> None:
    short = shop.place("T1", ("A-1", 500), on_short="hold")
    low = shop.place("T2", ("A-1", 1, "150"))
    bad = shop.place("T3", ("A-1", 1), buyer=BuyerDraft(code="b", name="李"))
    one = shop.place("T4", ("B-2", 1), ("C-3", 2), buyer=BUYER)
    two = shop.place("T5", ("C-3", 2), ("B-2", 1), buyer=BUYER)
    shop.place("T6", ("B-2", 2), ("C-3", 1), buyer=BUYER)
    shop.place("T7", ("B-2", 1), ("C-3", 2), buyer=BuyerDraft(code="another"))

    row = desk.get("/orders/?part=troubles").content.decode()
    found = {
        kind: set(trouble.in_trouble(book.orders(actor=SYSTEM), kind).values_list("pk", flat=True))
        for kind in trouble.KINDS
    }
    page = desk.get("/orders/?tab=all&trouble=repeated").content.decode()

    assert found == {
        "short": {short.order_id},
        "address": {bad.order_id},
        "refunding": set(),
        "price": {low.order_id},
        "repeated": {one.order_id, two.order_id},
    }
    assert "疑似重复" in row
    assert "trouble=repeated" in row
    assert one.number in page
    assert short.number not in page


def test_orders_far_apart_or_cancelled_are_no_duplicates(shop: House) -> None:
    first = shop.place("T1", ("A-1", 1), buyer=BUYER)
    shop.place("T2", ("A-1", 1), buyer=BUYER)
    apart = trouble.DUPLICATE_WITHIN * 2

    Order.objects.filter(external_no="T2").update(placed_at=AT - apart)
    far = trouble.in_trouble(book.orders(actor=SYSTEM), "repeated").count()
    Order.objects.filter(external_no="T2").update(placed_at=AT)
    near = trouble.in_trouble(book.orders(actor=SYSTEM), "repeated").count()
    orders.cancel(order_id=first.order_id, reason="twice", actor=SYSTEM, at=AT)
    after = trouble.in_trouble(book.orders(actor=SYSTEM), "repeated").count()

    assert (far, near, after) == (0, 2, 0)


def test_a_note_stays_and_is_marked_on_the_desk(desk: Client, shop: House) -> None:
    placed = shop.place("T1", ("A-1", 1))
    ask = {"action": "note", "sel": str(placed.order_id), "step": "run"}

    empty = desk.post("/orders/?tab=all", {**ask, "text": " "})
    none = OrderNote.objects.count()
    desk.post("/orders/?tab=all", {**ask, "text": "送贺卡"})

    assert (empty.status_code, none) == (200, 0)
    assert "留言" in desk.get("/orders/?tab=all").content.decode()
    assert "送贺卡" in desk.get(f"/orders/{placed.number}/").content.decode()
    with pytest.raises(Exception, match=r"append-only|permission"):
        OrderNote.objects.update(text="x")


def test_an_order_is_divided_joined_and_moved_from_its_page(desk: Client, shop: House) -> None:
    other = second(shop, A_1=10)
    placed = shop.place("T1", ("A-1", 3), buyer=BUYER)
    mate = shop.place("T2", ("A-1", 1), buyer=BUYER)
    delivery.drain(at=AT)
    url = f"/orders/{placed.number}/"

    desk.post(url, {"action": "merge"})
    joined = desk.get(url).content.decode()
    desk.post(url, {"action": "unmerge"})
    choices = desk.get(f"{url}move/").content.decode()
    desk.post(f"{url}move/", {"warehouse": str(other.warehouse_id)})
    moved = order(placed).warehouse_id
    form = desk.get(f"{url}split/").content.decode()
    desk.post(f"{url}split/", {"line1": "1"})
    page = desk.get(url).content.decode()

    assert "上海仓（可整单发）" in choices
    assert mate.number in joined
    assert "撤销合并" in joined
    assert moved == other.warehouse_id
    assert "可用 3，需要 3" in form
    assert OrderPart.objects.filter(order_id=placed.order_id).count() == 2
    assert "分批" in page


def test_what_may_not_be_done_says_why(desk: Client, shop: House) -> None:
    placed = shop.place("T1", ("A-1", 2), buyer=BUYER)
    delivery.drain(at=AT)
    parcel = Shipment.objects.get()
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    url = f"/orders/{placed.number}/"

    page = desk.get(url).content.decode()
    other = second(shop, A_1=10)
    refused = desk.post(f"{url}move/", {"warehouse": str(other.warehouse_id)}).content.decode()

    assert f"包裹 {parcel.number} 已拣货" in page
    assert "已拣货" in refused
    assert order(placed).warehouse_id == shop.warehouse_id


def test_money_says_what_is_owed_received_spent_and_left(desk: Client, shop: House) -> None:
    placed = shop.place("T1", ("A-1", 2), buyer=BUYER)
    url = f"/orders/{placed.number}/"

    early = desk.get(url).content.decode()
    delivery.drain(at=AT)
    parcel = Shipment.objects.get()
    shipments.pick(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    shipments.pack(shipment_id=parcel.pk, carrier="SF", actor=SYSTEM, at=AT)
    shipments.ship(shipment_id=parcel.pk, actor=SYSTEM, at=AT)
    delivery.drain(at=AT)
    late = desk.get(url).content.decode()

    tax = order(placed).tax
    left = f"{398 - tax - 10:.2f}"
    for page in (early, late):
        assert "398.00" in page
        assert "10.00" in page
        assert left in page
    assert "成本（按现价估）" in early
    assert "成本（按现价估）" not in late


def test_screens_keep_their_budget_however_many_orders(desk: Client, shop: House) -> None:
    for n in range(12):
        shop.place(f"T{n}", ("A-1", 1), ("B-2", 1), buyer=replace(BUYER, code=f"b{n % 3}"))
    delivery.drain(at=AT)
    merging.merge_alike(order_ids=Order.objects.values_list("pk", flat=True), actor=SYSTEM, at=AT)
    notes.add_note(order_ids=[Order.objects.all()[0].pk], text="x", actor=SYSTEM, at=AT)
    number = Order.objects.order_by("pk")[0].number

    with CaptureQueriesContext(connection) as listed:
        desk.get("/orders/?tab=all")
    with CaptureQueriesContext(connection) as opened:
        desk.get(f"/orders/{number}/")

    assert len(asked(listed)) <= LIST_BUDGET, "\n".join(asked(listed))
    assert len(asked(opened)) <= RECORD_BUDGET, "\n".join(asked(opened))
