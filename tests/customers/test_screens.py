"""Screens of orders, returns and customers: what stands there, for whom, and what they do."""

from __future__ import annotations

import pytest
from django.test import Client

from customers.models import Customer, Reveal
from customers.services import returns
from customers.types import ReturnWant
from ops.engines.audit.models import Fact
from ops.engines.identity.choices import Role
from tests.compliance.conftest import enter
from tests.customers.house import AT, BUYER, SYSTEM, House, house, order
from tests.customers.test_handling import ship


@pytest.fixture
def desk(shop: House) -> Client:
    """The specialist's browser."""
    return enter(shop.worker("li", Role.OPERATIONS_SPECIALIST))


def test_the_order_desk_shows_what_waits_for_whom(desk: Client, shop: House) -> None:
    held = shop.place("T-short", ("A-1", 500), on_short="hold", buyer=BUYER)
    fine = shop.place("T-fine", ("A-1", 2), buyer=BUYER)

    pages = {
        tab: desk.get(f"/orders/?tab={tab}").content.decode()
        for tab in ("held", "ship", "all", "confirm", "late", "back")
    }

    assert held.number in pages["held"]
    assert fine.number not in pages["held"]
    assert fine.number in pages["ship"]
    assert "李**" in pages["all"]
    assert "商品 A-1 x2" in pages["all"]
    assert "订单台" in pages["all"]
    assert held.number not in pages["confirm"]
    assert desk.get("/orders/?part=tabs").status_code == 200


def test_pasted_numbers_and_phones_find_orders_in_every_tab(desk: Client, shop: House) -> None:
    one = shop.place("T1", ("A-1", 1), buyer=BUYER)
    two = shop.place("T2", ("A-1", 1))
    shop.place("T3", ("A-1", 1))

    by_number = desk.get(f"/orders/?keys=T2%0A{one.number}").content.decode()
    by_phone = desk.get(f"/orders/?keys={BUYER.phone}").content.decode()

    assert one.number in by_number
    assert two.number in by_number
    assert "T3" not in by_number
    assert one.number in by_phone
    assert two.number not in by_phone


def test_many_are_confirmed_at_once_and_the_rest_is_told(desk: Client, shop: House) -> None:
    short = shop.place("T1", ("A-1", 101), on_short="hold")
    never = shop.place("T2", ("B-2", 500), on_short="hold")
    shop.receive("A-1", 1)

    ids = [str(short.order_id), str(never.order_id)]
    preview = desk.post("/orders/?tab=held", {"action": "confirm", "sel": ids}).content.decode()
    untouched = order(short).state
    answer = desk.post(
        "/orders/?tab=held", {"action": "confirm", "sel": ids, "step": "run"}, follow=True
    )

    assert never.number in preview
    assert "库存不足" in preview
    assert untouched == "paid"
    assert order(short).state == "allocated"
    assert order(never).hold_reason == "inventory.short"
    assert never.number in answer.content.decode()
    assert "库存不足" in answer.content.decode()


def test_the_order_page_explains_prices_and_forbidden_actions(desk: Client, shop: House) -> None:
    placed = shop.place("T1", ("A-1", 1), ("C-3", 1, "12.00"), buyer=BUYER)

    page = desk.get(f"/orders/{placed.number}/").content.decode()

    assert "下单时的现行价格" in page
    assert "+1.50" in page
    assert "138****2231" in page
    assert BUYER.phone not in page
    assert "还没有发货" in page
    assert desk.get("/orders/SO-209901-0000001/").status_code == 404


def test_an_order_is_cancelled_from_its_page(desk: Client, shop: House) -> None:
    placed = shop.place("T1", ("A-1", 1))
    url = f"/orders/{placed.number}/"

    desk.post(url, {"action": "hold", "reason": "地址"})
    held = order(placed).hold_reason
    desk.post(url, {"action": "confirm"})
    desk.post(url, {"action": "cancel", "reason": "买家"})

    assert held == "地址"
    assert order(placed).state == "cancelled"
    assert "已取消" in desk.get(url).content.decode()


def test_a_return_goes_from_the_order_to_the_refund(desk: Client, shop: House) -> None:
    shipped = ship(shop, "T1", ("A-1", 2))

    form = desk.get(f"/orders/{shipped.number}/return/")
    noted = desk.post(
        f"/orders/{shipped.number}/return/", {"line1": "1", "reason": "尺码", "external_no": ""}
    )
    desk.post(noted["Location"], {"action": "accept"})
    page = desk.get(noted["Location"]).content.decode()

    assert form.status_code == 200
    assert "已受理" in page
    assert shipped.number in page
    assert "199.00" in desk.get("/returns/?tab=all").content.decode()


@pytest.mark.clause("CRM-3.1-03")
def test_a_personal_text_is_shown_for_a_minute_and_recorded(desk: Client, shop: House) -> None:
    shop.place("T1", ("A-1", 1), buyer=BUYER)
    customer = Customer.objects.get()
    page = desk.get(f"/customers/{customer.pk}/").content.decode()

    shown = desk.post(
        f"/customers/{customer.pk}/reveal/", {"field": "phone", "purpose": "shipping"}
    )

    assert BUYER.phone not in page
    assert "138****2231" in page
    assert BUYER.phone in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert Reveal.objects.get().purpose == "shipping"
    assert Fact.objects.filter(action="customers.personal_text_revealed").count() == 1
    refused = desk.post(f"/customers/{customer.pk}/reveal/", {"field": "phone", "purpose": ""})
    assert refused.status_code == 400


def test_screens_keep_to_the_channels_and_roles(desk: Client, shop: House) -> None:
    placed = shop.place("T1", ("A-1", 1), buyer=BUYER)
    customer = Customer.objects.get()
    shipped = ship(shop, "T2", ("A-1", 1))
    back = returns.request_return(
        order_id=shipped.pk, lines=[ReturnWant(line_no=1, quantity=1)], reason="x",
        actor=SYSTEM, at=AT,
    )  # fmt: skip
    stranger = enter(house("other", stock=0).worker("zhou", Role.OPERATIONS_SPECIALIST))
    analyst = enter(shop.worker("shu", Role.DATA_ANALYST))

    for path in (f"/orders/{placed.number}/", f"/customers/{customer.pk}/", f"/returns/{back.id}/"):
        assert stranger.get(path).status_code == 404, path
        assert analyst.get(path).status_code == 200, path
    assert placed.number not in stranger.get("/orders/?tab=all").content.decode()
    assert stranger.get("/orders/?tab=all&export=csv").status_code == 403
    told = {"field": "phone", "purpose": "other"}
    assert analyst.post(f"/customers/{customer.pk}/reveal/", told).status_code == 403
    assert not Reveal.objects.exists()


def test_the_export_holds_the_list_and_is_recorded(shop: House) -> None:
    shop.place("=T1", ("A-1", 1), buyer=BUYER)
    supervisor = enter(shop.worker("chen", Role.OPERATIONS_SUPERVISOR))

    answer = supervisor.get("/orders/?tab=all&export=csv")

    text = answer.content.decode("utf-8-sig")
    assert answer.status_code == 200
    assert "199.00" in text
    assert BUYER.name not in text
    assert Fact.objects.filter(action="desk.exported").count() == 1


def test_the_desk_and_the_search_know_orders(desk: Client, shop: House) -> None:
    placed = shop.place("T-77", ("A-1", 500), on_short="hold", buyer=BUYER)

    home = desk.get("/").content.decode()
    found = desk.get("/find/?q=T-77", follow=True).content.decode()
    buyer = desk.get(f"/find/?q={BUYER.phone}", follow=True).content.decode()

    assert "库存不足" in home
    assert placed.number in found
    assert BUYER.code in buyer
