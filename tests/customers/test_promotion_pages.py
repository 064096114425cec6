"""The order, its return and its promotion name each other; the API tells the same."""

from __future__ import annotations

from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Return
from ops.engines.identity.choices import Role
from tests.catalog.promos import DURING
from tests.compliance.conftest import enter
from tests.customers.house import order
from tests.customers.promoted import TEN, Fair, fair, send_off
from tests.customers.test_api import ORDERS, body, post
from tests.customers.test_promotion_returns import gift_rule
from tests.engines.http.conftest import with_token

pytestmark = pytest.mark.django_db


@pytest.fixture(name="fair")
def fixture_fair(db: None) -> Fair:
    return fair()


@pytest.fixture
def desk(fair: Fair) -> Client:
    """The browser of a specialist of the channel."""
    return enter(fair.house.worker("li", Role.OPERATIONS_SPECIALIST))


@pytest.mark.clause("CAT-4.4-02")
def test_the_order_names_each_discount_and_the_promotion_each_order(
    desk: Client, fair: Fair
) -> None:
    made = fair.running(TEN | {"coupon": True}, coupon_mode="batch")
    gift = fair.running(gift_rule(fair), gift_stock=10)
    code = fair.coupon(made)
    placed = order(fair.place("T1", ("A-1", 1), ("B-2", 1), coupons=(code,)))
    gone = fair.cancel(fair.place("T2", ("A-1", 1)))

    page = desk.get(reverse("customers:order", args=[placed.number])).content.decode()
    back = desk.get(reverse("catalog:promotion", args=[gift.id])).content.decode()

    for words in (made.number, gift.number, "19.90", "5.90", "25.80", "232.20"):
        assert words in page
    assert f"/promotions/{made.id}/" in page
    assert code not in page
    assert f"/orders/{placed.number}/" in back
    assert gone.number in back
    assert "已退回" in back


def test_a_plain_order_says_nothing_of_promotions(desk: Client, fair: Fair) -> None:
    placed = order(fair.place("T1", ("A-1", 1)))

    page = desk.get(reverse("customers:order", args=[placed.number])).content.decode()

    assert 'id="promotions"' not in page
    assert "优惠" not in page.split("<main", 1)[1]


def test_the_form_of_a_return_asks_what_becomes_of_the_gift(desk: Client, fair: Fair) -> None:
    fair.running(gift_rule(fair, 2), gift_stock=10)
    shipped = send_off(fair.place("T1", ("A-1", 1)))
    url = reverse("customers:order-return", args=[shipped.number])
    typed = {"line1": "1", "line2": "", "reason": "不合适", "external_no": ""}

    form = desk.get(url).content.decode()
    refused = desk.post(url, {**typed, "gifts": "back"}).content.decode()
    assert not Return.objects.exists()
    desk.post(url, {**typed, "gifts": "keep"})

    assert 'name="gifts"' in form
    assert "C-3 × 2" in refused
    back = Return.objects.get()
    assert (str(back.total), str(back.gift_value)) == ("178.00", "21.00")
    page = desk.get(reverse("customers:return", args=[back.pk])).content.decode()
    assert "21.00" in page


def test_the_api_takes_coupons_and_tells_each_discount(fair: Fair) -> None:
    made = fair.running(TEN | {"coupon": True}, coupon_mode="batch")
    code = fair.coupon(made)
    api = with_token(fair.house.worker("li", Role.OPERATIONS_SPECIALIST))
    sent = body("T1", ("A-1", 1)) | {"paid_at": None, "coupons": [code]}
    sent["placed_at"] = DURING.isoformat()

    with mock.patch("django.utils.timezone.now", return_value=DURING):
        wrong = post(api, ORDERS, {**sent, "total": "199.00"})
        done = post(api, ORDERS, {**sent, "total": "179.10"})
        shown = api.get(done["Location"]).json()

    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "customers.other_total")
    assert done.status_code == 201
    (line,) = shown["lines"]
    assert (line["unit_price"], line["discount"], line["amount"]) == (
        "199.000000", "19.90", "179.100000",
    )  # fmt: skip
    (off,) = shown["discounts"]
    assert (off["number"], off["amount"], off["line_no"]) == (made.number, "19.90", 1)
    assert code not in str(shown)
