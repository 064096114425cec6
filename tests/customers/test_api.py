"""The order book over REST: strict, once, within scope."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from customers.models import Customer, Order, Return
from ops.engines.http.models import IdempotencyKey
from ops.engines.identity.choices import Role
from tests.customers.house import BUYER, House, house, statements
from tests.customers.test_handling import ship
from tests.customers.test_moving import second
from tests.engines.http.conftest import with_token

ORDERS = "/api/v1/orders/"


@pytest.fixture
def api(shop: House) -> APIClient:
    return with_token(shop.worker("li", Role.OPERATIONS_SPECIALIST))


def body(number: str = "T1", *lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    now = timezone.now()
    given = {
        "channel": "tmall",
        "external_no": number,
        "placed_at": (now - timedelta(minutes=2)).isoformat(),
        "paid_at": (now - timedelta(minutes=1)).isoformat(),
        "buyer": {
            "code": BUYER.code,
            "name": BUYER.name,
            "phone": BUYER.phone,
            "address": BUYER.address,
        },
        "lines": [{"sku": sku, "quantity": n} for sku, n in lines or (("A-1", 1),)],
    }
    return given | more


def post(api: APIClient, url: str, data: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(url, json.dumps(data), content_type="application/json", headers=headers)


def test_an_order_is_taken_and_read_back_masked(api: APIClient, shop: House) -> None:
    made = post(api, ORDERS, body("T1", ("A-1", 1), ("C-3", 2)))

    assert made.status_code == 201, made.content
    detail = api.get(made["Location"]).json()
    assert (detail["state"], detail["total"], detail["channel"]) == (
        "allocated",
        "220.00",
        "tmall",
    )
    assert detail["recipient"] == {
        "name": "李**",
        "phone": "138****2231",
        "address": "浙江省杭州市***",
    }
    assert [line["amount"] for line in detail["lines"]] == ["199.000000", "21.000000"]
    steps = api.get(f"{made['Location'].rstrip('/')}/timeline/").json()["steps"]
    assert [step["state"] for step in steps] == ["placed", "paid", "allocated"]
    assert BUYER.phone not in api.get(ORDERS).content.decode()


@pytest.mark.clause("SCM-2.4-11")
def test_the_same_key_gets_the_first_answer_byte_for_byte(api: APIClient, shop: House) -> None:
    told = body()
    first = post(api, ORDERS, told, "k1")
    again = post(api, ORDERS, told, "k1")
    other_key = post(api, ORDERS, told, "k2")

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again["Idempotency-Replayed"] == "true"
    assert (other_key.status_code, other_key.json()["verdict"]) == (200, "duplicate")
    assert other_key.json()["number"] == first.json()["number"]
    assert Order.objects.count() == 1
    assert shop.free("A-1") == 99


def test_an_order_with_its_key_takes_ten_statements_at_most(api: APIClient) -> None:
    post(api, ORDERS, body("T0"), "k0")

    with CaptureQueriesContext(connection) as captured:
        assert post(api, ORDERS, body("T1"), "k1").status_code == 201

    ours = [
        one
        for one in statements(captured)
        if not any(word in one for word in ("identity_", "knox", "token", "guardian", "django_"))
    ]
    assert len(ours) <= 10, ours


@pytest.mark.clause("SCM-2.3-01")
def test_overselling_is_422_with_numbers(api: APIClient, shop: House) -> None:
    answer = post(api, ORDERS, body("T1", ("A-1", 101)))

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["code"] == "inventory.short"
    assert "100" in error["detail"]
    assert "101" in error["detail"]
    assert shop.free("A-1") == 100
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"placed_at": "2026-11-21 04:00"},
        {"lines": []},
        {"lines": [{"sku": "A-1", "quantity": "1"}]},
        {"lines": [{"sku": "A-1", "quantity": 0}]},
        {"lines": [{"sku": "A-1", "quantity": 1, "unit_price": 1.5}]},
        {"lines": [{"sku": "A-1", "quantity": 1, "unit_price": "1e3"}]},
        {"external_no": ""},
        {"buyer": {"code": "x", "mail": "y"}},
    ],
)
def test_what_cannot_be_read_is_400(api: APIClient, change: dict[str, Any]) -> None:
    answer = post(api, ORDERS, body() | change)

    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not Order.objects.exists()


def test_a_thousand_orders_each_have_their_own_result(api: APIClient, shop: House) -> None:
    def one(number: str, *lines: tuple[str, int], **more: Any) -> dict[str, Any]:
        return {k: v for k, v in body(number, *lines, **more).items() if k != "channel"}

    answer = post(
        api,
        f"{ORDERS}bulk/",
        {
            "channel": "tmall",
            "orders": [one("T1"), one("T2", ("A-1", 500)), one("T3", x=1), one("T1"), one("T4")],
        },
        "k",
    )

    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert [r["verdict"] for r in results] == ["accepted", "held", "refused", "refused", "accepted"]
    assert results[2]["errors"][0]["pointer"] == "/x"
    assert Order.objects.count() == 3
    too_many = post(api, f"{ORDERS}bulk/", {"channel": "tmall", "orders": [one("T1")] * 1001})
    assert too_many.status_code == 400


def test_steps_by_number(api: APIClient, shop: House) -> None:
    number = post(api, ORDERS, body()).json()["number"]

    held = post(api, f"{ORDERS}{number}/hold/", {"reason": "address"})
    released = post(api, f"{ORDERS}{number}/release/", {})
    again = post(api, f"{ORDERS}{number}/release/", {})
    cancelled = post(api, f"{ORDERS}{number}/cancel/", {"reason": "buyer"}, "c1")
    repeated = post(api, f"{ORDERS}{number}/cancel/", {"reason": "buyer"}, "c1")

    assert (held.status_code, held.json()["hold_reason"]) == (200, "address")
    assert (released.json()["state"], released.json()["hold_reason"]) == ("allocated", "")
    assert (again.status_code, again.json()["code"]) == (409, "customers.not_held")
    assert cancelled.json()["state"] == "cancelled"
    assert repeated.content == cancelled.content
    assert shop.free("A-1") == 100


def test_other_channels_and_roles_see_nothing(api: APIClient, shop: House) -> None:
    number = post(api, ORDERS, body()).json()["number"]
    stranger = with_token(house("other", stock=0).worker("zhou", Role.OPERATIONS_SPECIALIST))
    editor = with_token(shop.worker("bian", Role.EDITOR))

    assert stranger.get(ORDERS).json()["results"] == []
    assert stranger.get(f"{ORDERS}{number}/").status_code == 404
    assert post(stranger, f"{ORDERS}{number}/cancel/", {"reason": "x"}).status_code == 404
    assert post(stranger, ORDERS, body("T9")).status_code == 422
    assert stranger.get("/api/v1/customers/").json()["results"] == []
    assert editor.get(ORDERS).status_code == 403
    assert Order.objects.get().state == "allocated"


@pytest.mark.clause("CRM-3.1-03")
def test_a_reveal_is_shown_once_and_kept_nowhere(api: APIClient, shop: House) -> None:
    post(api, ORDERS, body())
    customer = Customer.objects.get()
    url = f"/api/v1/customers/{customer.pk}/"

    shown = post(api, f"{url}reveal/", {"field": "phone", "purpose": "shipping"}, "r1")

    assert shown.json() == {"field": "phone", "value": BUYER.phone}
    assert "no-store" in shown["Cache-Control"]
    assert not IdempotencyKey.objects.filter(key="r1").exists()
    assert api.get(url).json()["phone"] == "138****2231"
    assert post(api, f"{url}reveal/", {"field": "phone"}).status_code == 400
    keeper = with_token(shop.worker("zhang", Role.DATA_ANALYST))
    asked = {"field": "phone", "purpose": "other"}
    assert post(keeper, f"{url}reveal/", asked).status_code == 403


@pytest.mark.clause("SCM-2.4-08")
def test_a_return_from_request_to_refund(api: APIClient, shop: House) -> None:
    shipped = ship(shop, "T1", ("A-1", 2))
    told = {
        "order": shipped.number,
        "reason": "size",
        "lines": [{"line_no": 1, "quantity": 1}],
    }

    made = post(api, "/api/v1/after-sales/", told, "r1")
    too_much = post(api, "/api/v1/after-sales/", told | {"lines": [{"line_no": 1, "quantity": 2}]})
    accepted = post(api, f"{made['Location']}/accept/", {})
    refunded = post(api, f"{made['Location']}/refund/", {})

    assert (made.status_code, made.json()["total"]) == (201, "199.00")
    assert (too_much.status_code, too_much.json()["code"]) == (422, "customers.return_too_much")
    assert accepted.json()["state"] == "accepted"
    assert refunded.json()["state"] == "refunded"
    assert Return.objects.count() == 1


def test_an_order_is_moved_divided_joined_and_noted_over_the_api(
    api: APIClient, shop: House
) -> None:
    other = second(shop, A_1=5)
    numbers = [post(api, ORDERS, body(f"T{n}", ("A-1", 2))).json()["number"] for n in range(3)]
    first, mate, big = (f"{ORDERS}{number}/" for number in numbers)

    short = post(api, f"{first}move/", {"warehouse": "WH-none"})
    moved = post(api, f"{first}move/", {"warehouse": other.code}).json()
    apart = post(api, f"{ORDERS}merge/", {"orders": numbers[:2]})
    post(api, f"{mate}move/", {"warehouse": other.code})
    joined = post(api, f"{ORDERS}merge/", {"orders": numbers[:2]}).json()
    parted = post(api, f"{first}unmerge/", {}).json()
    again = post(api, f"{first}unmerge/", {})
    wrong = post(api, f"{big}split/", {"lines": [{"line_no": 1, "quantity": 2}]})
    divided = post(api, f"{big}split/", {"lines": [{"line_no": 1, "quantity": 1}]}).json()
    noted = post(api, f"{big}note/", {"text": "送贺卡"}).json()

    assert short.status_code == 404
    assert moved["warehouse"] == other.code
    assert (apart.status_code, apart.json()["code"]) == (422, "customers.merge_differs")
    assert joined["orders"] == parted["orders"] == numbers[:2]
    assert (again.status_code, wrong.status_code) == (409, 422)
    assert [(p["part_no"], p["quantity"]) for p in divided["parts"]] == [(1, 1), (2, 1)]
    assert [note["text"] for note in noted["notes"]] == ["送贺卡"]


def test_nobody_changes_parcels_of_other_channels_over_the_api(shop: House) -> None:
    placed = [shop.place(f"T{n}", ("A-1", 2), buyer=BUYER) for n in range(2)]
    stranger = with_token(house("other", stock=0).worker("zhou", Role.OPERATIONS_SPECIALIST))
    reader = with_token(shop.worker("shu", Role.DATA_ANALYST))
    url = f"{ORDERS}{placed[0].number}/"
    asks = {
        f"{url}move/": {"warehouse": "WH-other"},
        f"{url}split/": {"lines": [{"line_no": 1, "quantity": 1}]},
        f"{url}unmerge/": {},
        f"{url}note/": {"text": "x"},
        f"{ORDERS}merge/": {"orders": [one.number for one in placed]},
    }

    for path, told in asks.items():
        assert post(stranger, path, told).status_code == 404, path
        assert post(reader, path, told).status_code == 403, path
    assert {one.warehouse_id for one in Order.objects.all()} == {shop.warehouse_id}
