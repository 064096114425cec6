"""What a page costs in statements, the shell's own included (screens.md 6).

Lists may take 8, records 14. A figure of these tables may only fall.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from ops.engines.identity.choices import Role
from tests.compliance.conftest import enter
from tests.customers.house import BUYER, House, house

# A buyer's page asks for their tiers, and for those the shop knows.
LIST_BUDGET, RECORD_BUDGET = 8, 15
# For a supervisor, who works in every shop and is asked for approvals too: the dearest shell.
LISTS = {
    "/orders/": 7,
    "/orders/?tab=ship": 8,
    "/orders/?tab=all": 8,
    "/customers/": 8,
    "/inventory/moves/": 7,
    "/inventory/stock/": 7,
    "/inventory/balances/": 7,
}
ORDER, CUSTOMER = 14, 15


@pytest.fixture(name="shop")
def fixture_shop(db: None) -> House:
    """Return a shop with an order that lacks goods and three of one buyer that do not."""
    made = house()
    made.place("T-short", ("A-1", 500), on_short="hold", buyer=BUYER)
    for number in range(3):
        made.place(f"T-{number}", ("A-1", 2), ("B-2", 1), buyer=BUYER)
    return made


@pytest.fixture(name="desk")
def fixture_desk(shop: House) -> Client:
    """Return the browser of a supervisor."""
    return enter(shop.worker("wu", Role.OPERATIONS_SUPERVISOR))


def statements(desk: Client, address: str) -> list[str]:
    """Return every statement of a page whose names of shops were asked for within a minute."""
    cache.clear()
    desk.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(address).status_code == 200
    return [query["sql"][:120] for query in asked]


@pytest.mark.parametrize("address", LISTS)
def test_a_list_costs_no_more_than_its_figure(address: str, desk: Client) -> None:
    asked = statements(desk, address)

    assert len(asked) <= LISTS[address] <= LIST_BUDGET, asked


@pytest.mark.parametrize("address", LISTS)
def test_a_list_costs_the_same_with_more_rows(
    address: str, desk: Client, shop: House, grow: Callable[[], None]
) -> None:
    few = statements(desk, address)
    grow()

    assert len(statements(desk, address)) == len(few)


@pytest.fixture(name="grow")
def fixture_grow(shop: House) -> Callable[[], None]:
    """Return what places six more orders."""

    def grow() -> None:
        for number in range(10, 16):
            shop.place(f"T-{number}", ("A-1", 1), ("C-3", 2))

    return grow


def test_an_order_and_its_buyer_cost_no_more_than_their_figures(desk: Client, shop: House) -> None:
    placed = shop.place("T-page", ("A-1", 2), ("B-2", 1), buyer=BUYER)
    buyer = Customer.objects.get(code=BUYER.code)
    records = {
        f"/orders/{placed.number}/": ORDER,
        f"/customers/{buyer.pk}/": CUSTOMER,
    }

    for address, figure in records.items():
        asked = statements(desk, address)
        assert len(asked) <= figure <= RECORD_BUDGET, (address, len(asked), asked)
