"""Promotions, coupons and price quotes over HTTP."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Coupon, Promotion
from catalog.selectors import live_promotions
from catalog.services import promotions
from ops.engines.identity.choices import Role
from tests.catalog.promos import PERCENT, running
from tests.catalog.shop import START, Shop
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import SYSTEM, account

URL = "/api/v1"
STEPS = {
    "type": "spend_and_save",
    "steps": [{"amount": "300.00", "save": "40.00"}],
    "caps": {"budget": "1000.00"},
}


def post(api: APIClient, path: str, body: Any = None, **headers: str) -> Any:
    return api.post(
        f"{URL}{path}", json.dumps(body or {}), content_type="application/json", headers=headers
    )


def plan(**changes: Any) -> dict[str, Any]:
    start = timezone.now() + timedelta(hours=1)
    return {
        "channel": "tmall",
        "title": "满 300 减 40",
        "aim": "清冬季库存",
        "rule": STEPS,
        "stock_note": "300 件在库",
        "materials": [],
        "no_material": "只改价格",
        "risk": "退货",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(days=7)).isoformat(),
        **changes,
    }


def basket(**changes: Any) -> dict[str, Any]:
    return {
        "channel": "tmall",
        "at": START.isoformat(),
        "lines": [{"sku": "A-1001-S", "quantity": 1}, {"sku": "A-1001-M", "quantity": 2}],
        **changes,
    }


@pytest.fixture(autouse=True)
def forget() -> None:
    live_promotions.forget()


def test_a_promotion_goes_from_draft_to_a_live_quote(shop: Shop) -> None:
    specialist, supervisor = with_token(shop.specialist), with_token(shop.supervisor)

    made = post(specialist, "/promotions", plan())
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["state"], row["budget"], row["type"]) == ("draft", "1000.00", "spend_and_save")
    assert "300" in row["sentence"]
    assert "40" in row["sentence"]
    handed_in = post(specialist, f"/promotions/{row['id']}/submit").json()
    [waiting] = supervisor.get(f"{URL}/approvals").json()["results"]
    assert waiting["id"] == handed_in["approval"]
    body = {"content_hash": waiting["content_hash"]}
    assert post(supervisor, f"/approvals/{waiting['id']}/approve", body).status_code == 200
    stored = Promotion.objects.get()
    before = basket(at=(stored.starts_at - timedelta(seconds=1)).isoformat())
    promotions.run_clock(actor=SYSTEM, at=stored.starts_at)

    answer = post(specialist, "/price-quotes", basket(at=stored.starts_at.isoformat())).json()

    assert (answer["goods_total"], answer["discount_total"], answer["total"]) == (
        "597.00", "40.00", "557.00",
    )  # fmt: skip
    [discount] = answer["discounts"]
    assert (discount["number"], discount["amount"]) == (stored.number, "40.00")
    assert discount["lines"] == {"1": "13.33", "2": "26.67"}
    assert [line["net_amount"] for line in answer["lines"]] == ["185.67", "371.33"]
    assert answer["lines"][1]["discounts"] == [
        {"promotion": stored.pk, "number": stored.number, "amount": "26.67"}
    ]
    assert post(specialist, "/price-quotes", before).json()["total"] == "597.00"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"channel": "nowhere"}, 404),
        ({"title": ""}, 400),
        ({"risk": " "}, 400),
        ({"rule": "free"}, 400),
        ({"rule": {**STEPS, "steps": []}}, 400),
        ({"rule": {**STEPS, "steps": [{"amount": "300.001", "save": "40"}]}}, 400),
        ({"rule": {**STEPS, "steps": [{"amount": "NaN", "save": "40"}]}}, 400),
        ({"rule": {**STEPS, "caps": {"budget": "1" + "0" * 20}}}, 400),
        ({"rule": {**STEPS, "caps": {}}}, 400),
        ({"rule": {**STEPS, "code": "ABC"}}, 400),
        ({"rule": {**STEPS, "stacking": {"priority": -1}}}, 400),
        ({"ends_at": "2026-01-01T00:00:00+08:00"}, 422),
        ({"coupon_mode": "many"}, 400),
        ({"gift_stock": 3}, 400),
        ({"state": "running"}, 400),
        ({"budget": "5.00"}, 400),
    ],
)
def test_a_bad_plan_is_refused_by_name_and_leaves_nothing(
    shop: Shop, change: dict[str, Any], status: int
) -> None:
    answer = post(with_token(shop.specialist), "/promotions", plan(**change))

    assert answer.status_code == status, answer.content
    assert not Promotion.objects.exists()


def test_an_edit_needs_the_version_that_was_read(shop: Shop) -> None:
    api = with_token(shop.specialist)
    made = post(api, "/promotions", plan())
    path = f"{URL}/promotions/{made.json()['id']}"
    body = json.dumps({"title": "满 300 减 50"})

    def patch(version: str) -> int:
        answer = api.patch(
            path, body, content_type="application/json", headers={"If-Match": version}
        )
        return int(answer.status_code)

    assert api.patch(path, body, content_type="application/json").status_code == 428
    assert patch('"stale"') == 412
    assert Promotion.objects.get().title == "满 300 减 40"
    assert patch(made.headers["ETag"]) == 200
    assert patch(made.headers["ETag"]) == 412
    assert Promotion.objects.get().title == "满 300 减 50"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"channel": "nowhere"}, 404),
        ({"lines": []}, 400),
        ({"lines": [{"sku": "A-1001-S", "quantity": 0}]}, 400),
        ({"lines": [{"sku": "A-1001-S", "quantity": "1"}]}, 400),
        ({"lines": [{"sku": "nothing", "quantity": 1}]}, 404),
        ({"shipping": "1.001"}, 400),
        ({"shipping": 10}, 400),
        ({"coupons": ["双十一"]}, 422),
        ({"at": "2020-01-01T00:00:00+08:00"}, 422),
        ({"at": "2026-12-01"}, 400),
        ({"price": "1.00"}, 400),
    ],
)
def test_a_bad_basket_is_refused(shop: Shop, change: dict[str, Any], status: int) -> None:
    answer = post(with_token(shop.specialist), "/price-quotes", basket(**change))

    assert answer.status_code == status, answer.content


def test_a_quote_says_what_a_coupon_opened_and_why_another_did_not(shop: Shop) -> None:
    made = running(shop, coupon_mode="single")
    api = with_token(shop.supervisor)
    sent = {"code": "Save１０", "most": 1}
    assert post(api, f"/promotions/{made.id}/coupons", sent).status_code == 201
    assert post(api, f"/promotions/{made.id}/coupons", {"code": "SAVE10"}).status_code == 409
    assert post(api, f"/promotions/{made.id}/coupons", {"count": 2}).status_code == 422
    assert post(api, f"/promotions/{made.id}/coupons", {}).status_code == 400

    without = post(api, "/price-quotes", basket()).json()
    opened = post(api, "/price-quotes", basket(coupons=["save10", "NOPE1"])).json()

    assert without["discounts"] == []
    assert [one["reason"] for one in without["skipped"]] == ["no_coupon"]
    assert [(one["coupon"], one["amount"]) for one in opened["discounts"]] == [("SAVE10", "59.70")]
    assert [(one["coupon"], one["reason"]) for one in opened["skipped"]] == [
        ("NOPE1", "unknown_coupon")
    ]
    [listed] = api.get(f"{URL}/coupons").json()["results"]
    assert listed["code"] == "SA**10"
    batch = Coupon.objects.get().batch_id
    assert post(api, f"/coupon-batches/{batch}/hand-out").json()["codes"] == [
        {"code": "SAVE10", "buyer": ""}
    ]


def test_the_floor_cuts_a_quote_and_the_explanation_says_so(
    shop: Shop, cost_of: Callable[[dict[int, str]], None]
) -> None:
    running(shop)
    cost_of({shop.sku_ids[0]: "170.000000"})

    answer = post(with_token(shop.supervisor), "/price-quotes", basket()).json()

    assert [line["net_amount"] for line in answer["lines"]] == ["188.89", "358.20"]
    assert answer["discounts"][0]["cut_by"] == ["floor"]


def test_who_does_not_work_in_a_channel_sees_none_of_its_promotions(shop: Shop) -> None:
    made = running(shop)
    stranger = with_token(account("stranger", Role.OPERATIONS_SPECIALIST))

    assert stranger.get(f"{URL}/promotions").json()["results"] == []
    assert stranger.get(f"{URL}/promotions/{made.id}").status_code == 404
    assert post(stranger, f"/promotions/{made.id}/reopen", {"reason": "x"}).status_code == 404
    assert post(stranger, "/price-quotes", basket()).status_code == 404
    assert stranger.get(f"{URL}/coupon-batches").json()["results"] == []
    keeper = with_token(account("keeper", Role.WAREHOUSE_KEEPER))
    assert post(keeper, "/promotions", plan()).status_code == 403
    assert Promotion.objects.get().state == "running"


def test_a_quote_reads_the_version_and_not_the_rules(shop: Shop) -> None:
    for _number in range(3):
        running(shop, PERCENT)
    api = with_token(shop.supervisor)
    post(api, "/price-quotes", basket())

    with CaptureQueriesContext(
        connection,
    ) as asked:
        post(api, "/price-quotes", basket())

    statements = [query["sql"] for query in asked.captured_queries]
    assert sum("catalog_promotionversion" in sql for sql in statements) == 1
    assert sum("catalog_promotionrun" in sql for sql in statements) == 0
