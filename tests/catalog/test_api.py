"""The catalogue over HTTP."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import PriceChange, Product, Sku
from catalog.services import channels, pricing
from ops.engines.identity.choices import Role
from tests.catalog.shop import LONG_AGO, Shop
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

URL = "/api/v1"


def post(api: APIClient, path: str, body: Any = None, **headers: str) -> Any:
    return api.post(
        f"{URL}{path}", json.dumps(body or {}), content_type="application/json", headers=headers
    )


def draft(**changes: Any) -> dict[str, Any]:
    start = timezone.now() + timedelta(hours=1)
    return {
        "channel": "tmall",
        "reason": "Rival went down",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(days=7)).isoformat(),
        "lines": [{"sku": "A-1001-S", "new_price": "189.00", "rival_price": "186.00"}],
        **changes,
    }


@pytest.mark.clause("CAT-4.2-01")
def test_a_price_change_goes_from_draft_to_effect(shop: Shop) -> None:
    specialist, supervisor = with_token(shop.specialist), with_token(shop.supervisor)

    made = post(specialist, "/price-changes", draft())
    assert made.status_code == 201, made.content
    change = made.json()
    assert change["state"] == "draft"
    assert change["figures"]["average_percent"] == "-5.0"
    assert change["lines"][0]["old_price"] == "199.00"
    handed_in = post(specialist, f"/price-changes/{change['id']}/submit").json()
    [waiting] = supervisor.get(f"{URL}/approvals").json()["results"]
    assert waiting["id"] == handed_in["approval"]
    decided = post(
        supervisor,
        f"/approvals/{waiting['id']}/approve",
        {"content_hash": waiting["content_hash"]},
    )
    assert decided.json()["state"] == "approved"
    start = PriceChange.objects.get().starts_at
    pricing.activate_due(actor=SYSTEM, at=start)

    for moment, price in ((start, "189.00"), (start - timedelta(seconds=1), "199.00")):
        asked = specialist.get(
            f"{URL}/prices",
            {"sku": "A-1001-S", "channel": "tmall", "at": moment.isoformat()},
        )
        assert asked.json()["price"] == price
    before = specialist.get(
        f"{URL}/prices",
        {
            "sku": str(shop.sku_ids[0]),
            "channel": str(shop.channel_id),
            "at": (LONG_AGO - timedelta(days=1)).isoformat(),
        },
    )
    assert before.json()["price"] is None
    assert [row["price"] for row in before.json()["history"]] == ["199.00", "189.00", "199.00"]


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "nowhere"},
        {"lines": [{"sku": "no-such", "new_price": "1.00"}]},
        {"lines": [{"sku": "A-1001-S", "new_price": 189}]},
        {"lines": [{"sku": "A-1001-S", "new_price": "189.001"}]},
        {"lines": [{"sku": "A-1001-S", "new_price": "-1.00"}]},
        {"lines": []},
        {"starts_at": "2026-12-01"},
        {"state": "active"},
        {"reason": ""},
        {"ends_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_wrong_drafts_change_nothing(shop: Shop, change: dict[str, Any]) -> None:
    answer = post(with_token(shop.specialist), "/price-changes", draft(**change))

    assert answer.status_code in {400, 404, 422}
    assert PriceChange.objects.count() == 0


def test_other_channels_do_not_exist_for_a_specialist(shop: Shop) -> None:
    stranger = with_token(account("stranger", Role.OPERATIONS_SPECIALIST))
    change = post(with_token(shop.specialist), "/price-changes", draft()).json()

    assert stranger.get(f"{URL}/channels").json()["results"] == []
    assert stranger.get(f"{URL}/price-changes").json()["results"] == []
    for answer in (
        stranger.get(f"{URL}/price-changes/{change['id']}"),
        post(stranger, f"/price-changes/{change['id']}/submit"),
        post(stranger, "/price-changes", draft()),
        stranger.get(f"{URL}/prices", {"sku": "A-1001-S", "channel": "tmall"}),
    ):
        assert answer.status_code == 404
    assert PriceChange.objects.get().state == "draft"


def test_a_draft_is_edited_replayed_and_withdrawn(shop: Shop) -> None:
    api = with_token(shop.specialist)
    change = post(api, "/price-changes", draft()).json()

    edited = api.patch(
        f"{URL}/price-changes/{change['id']}",
        json.dumps({"ends_at": None, "lines": [{"sku": "A-1001-M", "new_price": "188.00"}]}),
        content_type="application/json",
        headers={"If-Match": api.get(f"{URL}/price-changes/{change['id']}")["ETag"]},
    )
    impact = post(api, f"/price-changes/{change['id']}/impact")
    gone = post(api, f"/price-changes/{change['id']}/withdraw")

    assert edited.json()["ends_at"] is None
    assert [line["code"] for line in edited.json()["lines"]] == ["A-1001-M"]
    assert impact.status_code == 200, impact.content
    assert impact.json()["figures"]["orders_all"] == 0
    assert impact.json()["window_days"] == 90
    assert gone.json()["state"] == "withdrawn"


def test_only_approvers_suspend(shop: Shop) -> None:
    change = shop.approved("189.00")
    pricing.activate_due(actor=SYSTEM, at=AT + timedelta(days=1))
    path = f"/price-changes/{change.id}/suspend"

    assert post(with_token(shop.specialist), path, {"reason": "typo"}).status_code == 403
    answer = post(with_token(shop.supervisor), path, {"reason": "typo"})

    assert answer.json()["state"] == "suspended"


def test_goods_are_made_and_found(shop: Shop) -> None:
    api = with_token(shop.supervisor)

    category = post(api, "/categories", {"name": "围巾", "parent": shop.category_id}).json()
    product = post(api, "/products", {"name": "围巾", "category": category["id"]}).json()
    made = post(api, "/skus", {"product": product["id"], "name": "灰", "barcode": "6901234567892"})

    assert made.status_code == 201, made.content
    sku = made.json()
    assert (sku["code"][:4], sku["tax_rate"], sku["unit"]) == ("SKU-", "0.1300", "piece")
    found = api.get(f"{URL}/skus", {"barcode": "6901234567892"}).json()["results"]
    assert [row["id"] for row in found] == [sku["id"]]
    assert post(api, "/skus", {"product": 10**9, "name": "x"}).status_code == 404
    assert (
        post(api, "/skus", {"product": product["id"], "name": "x", "code": "MY"}).status_code == 400
    )
    assert post(api, "/channels", {"code": "jd", "name": "京东"}).status_code == 201
    assert Sku.objects.count() == 3


def test_a_product_is_changed_from_the_version_that_was_read(shop: Shop) -> None:
    api = with_token(shop.supervisor)
    pk = Product.objects.latest("pk").pk
    read = api.get(f"{URL}/products/{pk}")

    def patch(tag: str | None) -> Any:
        return api.patch(
            f"{URL}/products/{pk}",
            json.dumps({"name": "新名"}),
            content_type="application/json",
            headers={"If-Match": tag} if tag else {},
        )

    assert patch(None).status_code == 428
    assert patch(read["ETag"]).json()["name"] == "新名"
    assert patch(read["ETag"]).status_code == 412


def test_channels_are_those_of_the_scope(shop: Shop) -> None:
    channels.create_channel(code="jd", name="京东", actor=SYSTEM, at=AT)

    mine = with_token(shop.specialist).get(f"{URL}/channels").json()["results"]
    all_of_them = with_token(shop.supervisor).get(f"{URL}/channels").json()["results"]

    assert [row["code"] for row in mine] == ["tmall"]
    assert [row["code"] for row in all_of_them] == ["jd", "tmall"]
