"""An order from the channel's message to its vouchers, and back again."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from customers.models import Order, Return
from inventory.models import GoodsReturn, Reservation, Shipment, Stock
from inventory.services import shipments
from tests.engines.http.conftest import with_token
from tests.journeys.books import assert_sound, drain, moved
from tests.support.company import CHANNEL, Company

URL = "/api/v1"
# Two scarves at 159.00 and a pair of gloves at 59.00, 13 % tax within; cost 70.00 and 22.00.
TOTAL, TAX, COST = Decimal("377.00"), Decimal("43.37"), Decimal("162.00")


def post(api: APIClient, path: str, body: Any = None) -> Any:
    return api.post(f"{URL}{path}", json.dumps(body or {}), content_type="application/json")


def message(number: str = "T-20261122-1") -> dict[str, Any]:
    now = timezone.now().isoformat()
    return {
        "channel": CHANNEL,
        "external_no": number,
        "placed_at": now,
        "paid_at": now,
        "buyer": {
            "code": "buyer-1",
            "name": "李小龙",
            "phone": "13812342231",
            "address": "浙江省杭州市西湖区文三路 1 号",
        },
        "lines": [{"sku": "WJ-2207", "quantity": 2}, {"sku": "ST-4105", "quantity": 1}],
    }


def shelf(company: Company, code: str) -> tuple[int, int]:
    """Return pieces on hand and pieces held."""
    stock = Stock.objects.get(sku_id=company.skus[code], warehouse_id=company.warehouse_id)
    return stock.on_hand, stock.reserved


def placed(company: Company) -> Order:
    """Place the order over REST as the agent."""
    answer = post(with_token(company.user("agent")), "/orders", message())
    assert answer.status_code == 201, answer.content
    assert (answer.json()["verdict"], answer.json()["state"]) == ("accepted", "allocated")
    return Order.objects.get(number=answer.json()["number"])


def shipped(company: Company, order: Order) -> Shipment:
    """Pick, pack and ship the parcel of an order as the keeper."""
    drain()
    parcel = Shipment.objects.get(source_type="customers.order", source_id=order.pk)
    keeper = company.actor("keeper")
    shipments.pick(shipment_id=parcel.pk, actor=keeper, at=timezone.now())
    shipments.pack(
        shipment_id=parcel.pk,
        carrier="顺丰",
        tracking_no="SF1234567890",
        actor=keeper,
        at=timezone.now(),
    )
    shipments.ship(shipment_id=parcel.pk, actor=keeper, at=timezone.now())
    drain()
    order.refresh_from_db()
    parcel.refresh_from_db()
    return parcel


@pytest.mark.clause("SCM-2.4-03")
@pytest.mark.clause("FIN-7.2-02")
def test_an_order_becomes_a_parcel_revenue_and_cost(company: Company) -> None:
    order = placed(company)
    assert (order.total, order.tax) == (TOTAL, TAX)
    assert shelf(company, "WJ-2207") == (100_000, 2)

    parcel = shipped(company, order)

    assert (order.state, parcel.state) == ("shipped", "shipped")
    assert shelf(company, "WJ-2207") == (99_998, 0)
    assert shelf(company, "ST-4105") == (99_999, 0)
    held = Reservation.objects.filter(source_type="customers.order", source_id=order.pk)
    assert set(held.values_list("state", flat=True)) == {"consumed"}
    assert moved("customers.order", order.pk) == {
        "1122": TOTAL, "6001": -(TOTAL - TAX), "2221.01.01": -TAX,
    }  # fmt: skip
    assert moved("inventory.shipment", parcel.pk) == {"1405": -COST, "6401": COST}
    assert_sound()


@pytest.mark.clause("SCM-2.4-08")
def test_a_return_mirrors_revenue_and_cost(company: Company) -> None:
    order = placed(company)
    shipped(company, order)
    agent = with_token(company.user("agent"))
    asked = post(
        agent,
        "/after-sales",
        {
            "order": order.number,
            "external_no": "R-1",
            "reason": "颜色不符",
            "lines": [{"line_no": 1, "quantity": 2}, {"line_no": 2, "quantity": 1}],
        },
    )
    assert asked.status_code == 201, asked.content

    accepted = post(agent, f"/after-sales/{asked.json()['id']}/accept")
    assert accepted.status_code == 200, accepted.content
    drain()

    back = Return.objects.get()
    order.refresh_from_db()
    assert (back.state, order.state) == ("accepted", "refunding")
    assert moved("customers.return", back.pk) == {
        "1122": -TOTAL, "6001": TOTAL - TAX, "2221.01.01": TAX,
    }  # fmt: skip
    goods = moved("inventory.goodsreturn", GoodsReturn.objects.get().pk)
    assert goods == {"1405": COST, "6401": -COST}
    assert_sound()
    assert post(agent, f"/after-sales/{back.pk}/refund").status_code == 200
    order.refresh_from_db()
    assert order.state == "closed"


@pytest.mark.clause("SCM-2.4-08")
def test_more_than_was_sold_does_not_come_back(company: Company) -> None:
    order = placed(company)
    shipped(company, order)

    refused = post(
        with_token(company.user("agent")),
        "/after-sales",
        {"order": order.number, "reason": "多件", "lines": [{"line_no": 1, "quantity": 3}]},
    )

    assert refused.status_code == 422
    assert not Return.objects.exists()


def test_the_same_message_again_is_the_same_order(company: Company) -> None:
    agent, told = with_token(company.user("agent")), message()
    first = post(agent, "/orders", told)

    again = post(agent, "/orders", told)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["number"] == first.json()["number"]
    assert Order.objects.count() == 1
    assert shelf(company, "WJ-2207") == (100_000, 2)


@pytest.mark.clause("SCM-2.4-03")
def test_a_cancelled_order_leaves_nothing_behind(company: Company) -> None:
    order = placed(company)
    drain()

    done = post(
        with_token(company.user("agent")), f"/orders/{order.number}/cancel", {"reason": "拍错"}
    )
    drain()

    assert done.json()["state"] == "cancelled"
    assert shelf(company, "WJ-2207") == (100_000, 0)
    assert Shipment.objects.get().state == "cancelled"
    assert moved("customers.order", order.pk) == {}
    assert_sound()
