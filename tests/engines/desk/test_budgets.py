"""The desk's budget (screens.md 6): ten queries; what a role costs rises only with this table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Receipt
from ops.engines.desk.keyset import counts_of
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import account
from tests.inventory.documents import house
from tests.inventory.factories import shop

Enter = Callable[[User], Client]
BUDGET = 10
DESKS = {
    Role.EXECUTIVE: 8,
    Role.OPERATIONS_DIRECTOR: 8,
    Role.OPERATIONS_MANAGER: 10,
    Role.OPERATIONS_SPECIALIST: 7,
    Role.STORE_MANAGER: 8,
    Role.CUSTOMER_SERVICE_AGENT: 9,
    Role.COMPLIANCE_OFFICER: 10,
    Role.AUDITOR: 9,
    Role.DATA_ANALYST: 8,
}


@pytest.mark.parametrize("role", DESKS)
@pytest.mark.django_db
def test_a_desk_costs_no_more_than_its_budget(role: Role, enter: Enter) -> None:
    client = enter(account("王敏", role))
    client.get("/")

    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200

    assert len(asked) <= DESKS[role], [query["sql"][:90] for query in asked]
    assert DESKS[role] <= BUDGET


@pytest.mark.django_db
def test_the_keeper_of_a_warehouse_sees_the_work_of_the_day_within_the_budget(
    enter: Enter,
) -> None:
    made = house(shop())
    client = enter(made.users["keeper"])
    client.get("/")

    with CaptureQueriesContext(connection) as asked:
        text = client.get("/").content.decode()

    assert "/inventory/receipts/?tab=count" in text
    assert len(asked) <= BUDGET, [query["sql"][:90] for query in asked]


@pytest.mark.django_db
def test_many_counts_are_one_statement() -> None:
    made = house(shop())
    sku = made.shop.skus[0]
    made.delivered(made.ordered((sku, 10, "2.00")), (sku, 10, 10))
    rows = Receipt.objects.select_related("purchase").order_by("-id")

    with CaptureQueriesContext(connection) as asked:
        found = counts_of(
            rows.filter(state="checked"), rows.filter(pk__in=[]), rows.filter(delivery_note="%s")
        )

    assert found == [1, 0, 0]
    assert len(asked) == 1
    assert counts_of() == []
