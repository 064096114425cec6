"""The desk's budget (screens.md 6): ten queries; what a role costs rises only with this table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Receipt
from ops.engines.desk.keyset import counts_of, head_of
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import account
from tests.inventory.documents import house
from tests.inventory.factories import shop

Enter = Callable[[User], Client]
BUDGET = 10
# Every statement counts. A figure rises only with a new kind of work on that desk.
DESKS = {
    Role.EXECUTIVE: 7,
    Role.OPERATIONS_DIRECTOR: 8,
    Role.OPERATIONS_MANAGER: 9,
    Role.STORE_MANAGER: 8,
    Role.OPERATIONS_SUPERVISOR: 10,
    Role.OPERATIONS_SPECIALIST: 8,
    Role.DATA_ANALYST: 8,
    Role.INFORMATION_SUPERVISOR: 7,
    Role.WEB_EDITING_SUPERVISOR: 8,
    Role.EDITOR: 7,
    Role.DESIGNER: 6,
    Role.CUSTOMER_SERVICE_AGENT: 9,
    Role.WAREHOUSE_KEEPER: 6,
    Role.PURCHASING_OFFICER: 7,
    Role.FINANCE_OFFICER: 10,
    Role.FINANCE_MANAGER: 10,
    Role.HR_OFFICER: 6,
    Role.COMPLIANCE_OFFICER: 10,
    Role.AUDITOR: 9,
    Role.DEPARTMENT_HEAD: 7,
    Role.SELLER: 5,
    Role.BUYER: 5,
    Role.SUPPLIER: 5,
    Role.ALL_STAFF: 5,
}
# Tighter than the rest by screens.md: V4 and V2.
OWN_BUDGET = {Role.AUDITOR: 9, Role.WAREHOUSE_KEEPER: 8}


def test_every_position_that_a_person_holds_has_its_figure_within_the_budget() -> None:
    assert set(DESKS) == set(Role) - {Role.SYSTEM}
    for role, figure in DESKS.items():
        assert figure <= OWN_BUDGET.get(role, BUDGET), role


@pytest.mark.parametrize("role", DESKS)
@pytest.mark.django_db
def test_a_desk_costs_no_more_than_its_figure(role: Role, enter: Enter) -> None:
    held = () if role is Role.ALL_STAFF else (role,)  # everybody on the staff holds that one
    client = enter(account("王敏", *held))
    client.get("/")

    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200

    assert len(asked) <= DESKS[role], [query["sql"][:90] for query in asked]


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
    assert len(asked) <= OWN_BUDGET[Role.WAREHOUSE_KEEPER], [query["sql"][:90] for query in asked]


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


@pytest.mark.django_db
def test_the_first_rows_and_their_number_are_one_statement() -> None:
    made = house(shop())
    sku = made.shop.skus[0]
    for _each in range(3):
        made.delivered(made.ordered((sku, 10, "2.00")), (sku, 10, 10))
    rows = Receipt.objects.select_related("purchase").order_by("-id")

    with CaptureQueriesContext(connection) as asked:
        found, in_all = head_of(rows, 2)

    assert [row.pk for row in found] == [row.pk for row in rows[:2]]
    assert in_all == 3
    assert len(asked) == 1
    assert head_of(rows.none(), 2) == ([], 0)
