"""From an account to what it may."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ops.engines.identity import selectors, services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User

from .factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db


def test_rights_of_all_positions_are_united_with_those_of_all_staff() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER, Role.DEPARTMENT_HEAD)

    actor = selectors.actor_for(user, at=AT)

    assert actor.roles == {"warehouse_keeper", "department_head", "all_staff"}
    assert actor.rights["ops"] == frozenset("vca")
    assert actor.rights["inventory"] == frozenset("vcpe")
    assert actor.may("inventory", "P")
    assert not actor.may("inventory", "A")
    assert actor.scope_ids("warehouse", "inventory") == frozenset()


def test_an_account_without_position_is_all_staff() -> None:
    actor = selectors.actor_for(account("newcomer"), at=AT)

    assert actor.roles == {"all_staff"}
    assert not actor.may("catalog", "V")


def test_an_outsider_holds_no_staff_right() -> None:
    actor = selectors.actor_for(account("shop", Role.SELLER), at=AT)

    assert actor.roles == {"seller"}
    assert not actor.may("ops", "V")


def test_capital_letters_reach_everywhere() -> None:
    actor = selectors.actor_for(account("manager", Role.OPERATIONS_MANAGER), at=AT)

    assert actor.scope_ids("channel", "catalog") is None
    assert actor.scope_ids("channel", "finance", "E") == frozenset()


def test_positions_count_on_their_days_only() -> None:
    user = account("keeper")
    services.assign(
        person_id=user.person_id,
        role=Role.WAREHOUSE_KEEPER,
        first=date(2026, 11, 1),
        last=date(2026, 11, 21),
        actor=SYSTEM,
        at=AT,
    )
    # The business day ends at 16:00 UTC.
    last_minute = datetime(2026, 11, 21, 15, 59, tzinfo=UTC)

    assert selectors.actor_for(user, at=last_minute).holds(Role.WAREHOUSE_KEEPER)
    assert not selectors.actor_for(user, at=last_minute + timedelta(minutes=1)).holds(
        Role.WAREHOUSE_KEEPER
    )


def test_granted_departments_bring_those_below_them() -> None:
    top = Department.objects.create(code="top", name="top")
    middle = Department.objects.create(code="middle", name="middle", parent=top)
    low = Department.objects.create(code="low", name="low", parent=middle)
    beside = Department.objects.create(code="beside", name="beside", parent=top)
    user = account("head", Role.DEPARTMENT_HEAD, department_id=middle.pk)

    before = selectors.actor_for(user, at=AT).scope_ids("department", "ops", "A")
    services.grant_scope(
        user_id=user.pk, kind="department", object_id=beside.pk, actor=SYSTEM, at=AT
    )
    after = selectors.actor_for(user, at=AT).scope_ids("department", "ops", "A")

    assert before == frozenset({middle.pk, low.pk})
    assert after == frozenset({middle.pk, low.pk, beside.pk})


def test_a_revoked_scope_is_gone_at_once() -> None:
    place = Department.objects.create(code="place", name="place")
    user = account("head", Role.DEPARTMENT_HEAD)
    grant: dict[str, Any] = {"user_id": user.pk, "kind": "department", "object_id": place.pk}
    services.grant_scope(**grant, actor=SYSTEM, at=AT)
    services.grant_scope(**grant, actor=SYSTEM, at=AT)

    services.revoke_scope(**grant, actor=SYSTEM, at=AT)

    assert selectors.actor_for(user, at=AT).scope_ids("department", "ops") == frozenset()


def test_an_account_switched_off_holds_nothing() -> None:
    user = account("manager", Role.OPERATIONS_MANAGER)
    services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=AT)

    actor = selectors.actor_for(User.objects.select_related("person").get(pk=user.pk), at=AT)

    assert actor.roles == frozenset()
    assert not actor.may("ops", "V")


def test_an_actor_costs_one_statement_and_two_without_its_person() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    bare = User.objects.get(pk=user.pk)

    with CaptureQueriesContext(connection) as loaded:
        selectors.actor_for(user, at=AT)
    with CaptureQueriesContext(connection) as unloaded:
        selectors.actor_for(bare, at=AT)

    assert (len(loaded), len(unloaded)) == (1, 2)


def test_no_framework_permission_passes_without_a_grant() -> None:
    user = account("manager", Role.EXECUTIVE, is_staff=True)

    assert not user.has_perm("identity.change_user")
    assert not user.has_module_perms("identity")


def test_holders_are_dated_and_deputies_come_last() -> None:
    manager = account("manager", Role.OPERATIONS_MANAGER)
    stand_in = account("stand-in")
    services.assign(
        person_id=stand_in.person_id,
        role=Role.OPERATIONS_MANAGER,
        first=date(2026, 11, 20),
        last=date(2026, 11, 25),
        deputy_for=manager.person_id,
        actor=SYSTEM,
        at=AT,
    )

    now = selectors.holders(role=Role.OPERATIONS_MANAGER, at=AT)
    later = selectors.holders(role=Role.OPERATIONS_MANAGER, at=AT + timedelta(days=10))

    assert [(held.name, held.deputy_for) for held in now] == [
        ("manager", None),
        ("stand-in", manager.person_id),
    ]
    assert [held.name for held in later] == ["manager"]


def test_holders_of_a_department_include_those_above_it() -> None:
    top = Department.objects.create(code="top", name="top")
    low = Department.objects.create(code="low", name="low", parent=top)
    account("of-top", Role.DEPARTMENT_HEAD, department_id=top.pk)
    account("of-low", Role.DEPARTMENT_HEAD, department_id=low.pk)

    def names(department: Department) -> list[str]:
        found = selectors.holders(role=Role.DEPARTMENT_HEAD, at=AT, department_id=department.pk)
        return [held.name for held in found]

    assert names(low) == ["of-top", "of-low"]
    assert names(top) == ["of-top"]


def test_approvers_managers_and_auditors_need_a_second_factor() -> None:
    needing = {
        role.value
        for role in Role
        if role not in {Role.ALL_STAFF, Role.SYSTEM}
        and selectors.needs_second_factor(selectors.actor_for(account(role.value, role), at=AT))
    }

    assert "operations_supervisor" in needing
    assert {"auditor", "information_supervisor", "department_head"} <= needing
    assert needing.isdisjoint({"warehouse_keeper", "operations_specialist", "buyer", "editor"})
