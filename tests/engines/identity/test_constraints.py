"""What the services refuse, the database refuses too."""

from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from psycopg2.extras import DateRange

from ops.engines.identity.choices import Role
from ops.engines.identity.models import (
    Assignment,
    Department,
    Person,
    Position,
    PositionRight,
    SetupLink,
    User,
)

from .factories import AT, account

pytestmark = pytest.mark.django_db
YEAR = DateRange(date(2026, 1, 1), date(2027, 1, 1), "[)")


def _give(person: Person, role: str, days: DateRange = YEAR) -> Assignment:
    return Assignment.objects.create(
        person=person, position=Position.objects.get(key=role), valid=days
    )


@pytest.mark.clause("FIN-7.3-07")
@pytest.mark.parametrize(
    "pair",
    [
        ("information_supervisor", "compliance_officer"),
        ("information_supervisor", "auditor"),
        ("compliance_officer", "auditor"),
        ("auditor", "operations_specialist"),
        ("information_supervisor", "executive"),
        ("purchasing_officer", "warehouse_keeper"),
        ("finance_officer", "finance_manager"),
    ],
)
def test_positions_that_exclude_each_other_are_refused(pair: tuple[str, str]) -> None:
    person = Person.objects.create(name="both")
    for first, second in (pair, pair[::-1]):
        held = _give(person, first)
        with pytest.raises(IntegrityError, match="exclude"), transaction.atomic():
            _give(person, second)
        held.delete()

    assert not Assignment.objects.filter(person=person).exists()


@pytest.mark.clause("FIN-7.3-07")
def test_positions_that_exclude_each_other_may_follow_each_other() -> None:
    person = Person.objects.create(name="moved")
    _give(person, "purchasing_officer", DateRange(date(2026, 1, 1), date(2026, 6, 1), "[)"))
    later = _give(person, "finance_officer", DateRange(date(2026, 6, 1), None, "[)"))

    with pytest.raises(IntegrityError, match="exclude"), transaction.atomic():
        Assignment.objects.filter(pk=later.pk).update(valid=YEAR)

    later.refresh_from_db()
    assert later.valid.lower == date(2026, 6, 1)


@pytest.mark.parametrize("role", [Role.ALL_STAFF, Role.SYSTEM])
def test_positions_of_nobody_are_not_given(role: str) -> None:
    with pytest.raises(IntegrityError, match="no person"), transaction.atomic():
        _give(Person.objects.create(name="anybody"), role)


def test_a_position_is_held_once_a_day() -> None:
    person = Person.objects.create(name="twice")
    _give(person, "editor")

    with pytest.raises(IntegrityError, match="assignment_held_once_a_day"), transaction.atomic():
        _give(person, "editor", DateRange(date(2026, 5, 1), None, "[)"))


def test_there_is_no_superuser() -> None:
    user = account("manager")

    with pytest.raises(IntegrityError, match="user_never_superuser"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_superuser=True)


def test_usernames_are_unique_whatever_their_case_and_width() -> None:
    user = account("Manager")

    for twin in ("manager", "ＭＡＮＡＧＥＲ"):
        with pytest.raises(IntegrityError, match="user_name_once"), transaction.atomic():
            User.objects.create(username=twin, person=user.person)


def test_a_department_is_not_its_own_parent() -> None:
    loop = Department.objects.create(code="loop", name="loop")

    with pytest.raises(IntegrityError, match="not_its_own_parent"), transaction.atomic():
        Department.objects.filter(pk=loop.pk).update(parent=loop.pk)


def test_the_set_up_happens_once() -> None:
    for number in (1, 2):
        SetupLink.objects.create(digest=bytes([number]), created_at=AT, expires_at=AT)
    SetupLink.objects.filter(digest=b"\x01").update(used_at=AT)

    with pytest.raises(IntegrityError, match="setuplink_used_once"), transaction.atomic():
        SetupLink.objects.filter(digest=b"\x02").update(used_at=AT)


@pytest.mark.parametrize("table", ["position", "positionright", "positionconflict"])
def test_the_app_role_cannot_rewrite_the_register(table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM identity_{table}")

    assert PositionRight.objects.exists()
