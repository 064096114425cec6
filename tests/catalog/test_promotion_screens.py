"""The promotion screens without a browser: each type is written and read back, pages stay cheap."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Promotion
from catalog.services import promotions
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import BUSINESS_ZONE
from tests.catalog.promos import draft, running
from tests.catalog.shop import Shop
from tests.compliance.conftest import enter
from tests.engines.identity.factories import SYSTEM, account

# A promotion names its newest uses and the orders behind them: two statements.
LIST_BUDGET, RECORD_BUDGET = 8, 16
TYPES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "percentage": ({"value": "10"}, {"value": "10"}),
    "amount": ({"value": "20", "per": "piece"}, {"value": "20", "per": "piece"}),
    "fixed_price": ({"value": "99"}, {"value": "99"}),
    "spend_and_save": (
        {"steps-0-amount": "300", "steps-0-save": "40", "repeat": "on"},
        {"steps": [{"amount": "300", "save": "40"}], "repeat": True},
    ),
    "nth_item": ({"n": "2", "percent": "50"}, {"n": 2, "percent": "50"}),
    "bundle": ({"pick": "3", "price": "200"}, {"pick": 3, "price": "200"}),
    "buy_x_get_y": ({"buy": "2", "get": "1"}, {"buy": 2, "get": 1}),
    "gift": (
        {"gift": "A-1001-M", "gift_quantity": "1", "gift_value": "9", "gift_stock": "50"},
        {},
    ),
    "flash_sale": (
        {"price": "150", "pieces": "200", "pieces_per_buyer": "2"},
        {"price": "150"},
    ),
    "member_price": ({"percent": "5", "tiers": "gold, silver"}, {"percent": "5"}),
    "free_shipping": ({"least_amount": "99"}, {}),
    "points": ({"factor": "2"}, {"factor": "2"}),
}


def typed(shop: Shop, **changes: str) -> dict[str, str]:
    start = timezone.now().astimezone(BUSINESS_ZONE) + timedelta(days=1)
    return {
        "channel": str(shop.channel_id),
        "title": "双12",
        "aim": "清库存",
        "starts_at": f"{start:%Y-%m-%d %H:%M}",
        "ends_at": f"{start + timedelta(days=2):%Y-%m-%d %H:%M}",
        "budget": "1000",
        "coupon_mode": "none",
        "stock_note": "充足",
        "no_material": "只改价格",
        "risk": "退货",
        **changes,
    }


def statements(desk: Client, address: str) -> list[str]:
    """Return every statement of a page."""
    cache.clear()
    desk.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(address).status_code == 200
    return [query["sql"][:120] for query in asked]


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_written_in_the_form_and_comes_back_into_it(shop: Shop, kind: str) -> None:
    fields, benefit = TYPES[kind]
    desk = enter(shop.specialist)
    sent = typed(shop, skus="A-1001-S", order_cap="100", **fields)

    answer = desk.post(f"/promotions/new/{kind}/", sent)

    assert answer.status_code == 302, answer.content.decode()[:3000]
    row = Promotion.objects.get()
    assert {name: row.rule[name] for name in benefit} == benefit
    assert row.rule["goods"] == {"skus": [shop.sku_ids[0]]}
    assert (row.type, row.rule["caps"]["order"], str(row.budget)) == (kind, "100", "1000.00")
    page = desk.get(f"/promotions/{row.pk}/edit/").content.decode()
    for name, value in {**sent, **fields}.items():
        assert f'name="{name}"' in page
        if name in fields and value not in ("on", "piece"):
            assert f'value="{value}"' in page, name
    assert desk.post(f"/promotions/{row.pk}/edit/", sent).status_code == 302
    again = Promotion.objects.get()
    assert again.rule == row.rule


def test_what_cannot_be_read_stands_beside_its_field(shop: Shop) -> None:
    desk = enter(shop.specialist)

    for changes in ({"skus": "NOTHING"}, {"value": "110"}, {"budget": "0"}, {"aim": ""}):
        sent = {**typed(shop, value="10"), **changes}
        answer = desk.post("/promotions/new/percentage/", sent)
        assert answer.status_code in {400, 404, 422}, changes
    assert desk.get("/promotions/new/lottery/").status_code == 404
    assert not Promotion.objects.exists()


def test_lists_and_records_stay_cheap(shop: Shop) -> None:
    made = running(shop)
    desk = enter(shop.supervisor)

    listed = statements(desk, "/promotions/")
    record = statements(desk, f"/promotions/{made.id}/")
    for _number in range(5):
        running(shop)

    assert len(listed) <= LIST_BUDGET, listed
    assert len(record) <= RECORD_BUDGET, record
    assert len(statements(desk, "/promotions/")) == len(listed)
    assert len(statements(desk, f"/promotions/{made.id}/")) == len(record)


def test_who_may_not_act_is_told_why_and_strangers_see_nothing(shop: Shop) -> None:
    made, plan = running(shop), draft(shop)
    keeper = enter(account("keeper", Role.DATA_ANALYST))
    stranger = enter(account("stranger", Role.OPERATIONS_SPECIALIST))

    assert keeper.get("/promotions/new/").status_code == 403
    assert 'aria-disabled="true"' in keeper.get(f"/promotions/{plan.id}/").content.decode()
    assert keeper.post(f"/promotions/{plan.id}/", {"action": "submit"}).status_code == 403
    for address in (f"/promotions/{made.id}/", f"/promotions/{plan.id}/try/"):
        assert stranger.get(address).status_code == 404
    assert Promotion.objects.get(pk=plan.id).state == "draft"


def test_the_page_pauses_and_makes_codes(shop: Shop) -> None:
    made = running(shop, coupon_mode="batch")
    promotions.run_clock(actor=SYSTEM, at=made.starts_at)
    desk = enter(shop.supervisor)

    desk.post(f"/promotions/{made.id}/", {"action": "codes", "count": "3"})
    desk.post(f"/promotions/{made.id}/", {"action": "pause", "reason": "核对"})

    row = Promotion.objects.get()
    assert (row.state, row.paused_why) == ("paused", "核对")
    page = desk.get(f"/promotions/{made.id}/").content.decode()
    assert "核对" in page
    assert row.coupons.count() == 3
    assert row.coupons.all()[0].code not in page
