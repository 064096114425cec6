"""A person gives positions by a fresh proof: for these positions, once (S13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from ops.engines.audit.models import Fact
from ops.engines.audit.services import acting
from ops.engines.identity import selectors, services
from ops.engines.identity.choices import ADMINISTRATORS, Role
from ops.engines.identity.errors import PositionsExclude, StepUpRefused
from ops.engines.identity.models import Assertion, Assignment, Position, User
from ops.engines.identity.services import Seat
from ops.engines.kernel.actor import Actor
from tests.engines.http.conftest import BACKEND
from tests.engines.identity.factories import SYSTEM, account, authenticator
from tests.support.cluster import OwnDatabase

TODAY = date(2026, 11, 21)
_GIVE = (
    "INSERT INTO identity_assignment (person_id, position_id, valid, assertion_id)"
    " VALUES (%s, %s, daterange(%s, NULL), %s)"
)


@dataclass
class House:
    """A personnel officer with an app whose every code is new, and somebody to be given to."""

    officer: User
    app: pyotp.TOTP
    other: User
    at: datetime = field(default_factory=timezone.now)

    @property
    def actor(self) -> Actor:
        return selectors.actor_for(self.officer, at=self.at)

    def code(self) -> str:
        self.at += timedelta(seconds=90)
        return self.app.at(self.at)

    def give(self, **changes: Any) -> int:
        code = changes.pop("code", None)
        given = {
            "person_id": self.other.person_id,
            "role": Role.DESIGNER,
            "first": TODAY,
            "code": self.code() if code is None else code,
            "actor": self.actor,
            "at": self.at,
            **changes,
        }
        return services.assign(**given).assignment_id


@pytest.fixture
def house(own_database: OwnDatabase) -> Iterator[House]:
    officer = account("people", Role.HR_OFFICER)
    yield House(officer, authenticator(officer, at=timezone.now()), account("other", Role.EDITOR))
    assert own_database.name


def held() -> list[tuple[int, str]]:
    found = Assignment.objects.order_by("id").values_list("person_id", "position__key")
    return list(found)


def by_sql(house: House, role: Role, proof: int | None, first: date = TODAY) -> None:
    position = Position.objects.get(key=role).pk
    with transaction.atomic(), connection.cursor() as cursor:
        acting(house.actor)
        cursor.execute(_GIVE, [house.other.person_id, position, first, proof])


def test_a_position_cites_the_proof_of_who_gave_it(house: House) -> None:
    given = Assignment.objects.get(pk=house.give())

    proof = given.assertion
    assert proof is not None
    assert (proof.person_id, proof.purpose, proof.method) == (
        house.officer.person_id,
        "identity.give",
        "totp",
    )
    given_by = Fact.objects.filter(action="identity.position_given")
    assert given_by.filter(body__contains=f'"proof":{proof.pk}').exists()
    assert selectors.actor_for(house.other, at=house.at).holds(Role.DESIGNER)


@pytest.mark.parametrize("code", ["", "000000", "abcdef"])
def test_without_the_right_code_nothing_is_given(house: House, code: str) -> None:
    before = held()

    with pytest.raises(StepUpRefused):
        house.give(code=code)

    assert held() == before
    assert not Assertion.objects.exists()


def test_one_code_proves_the_positions_of_one_deed(house: House) -> None:
    seats = [Seat(role=Role.DESIGNER), Seat(role=Role.OPERATIONS_SPECIALIST)]
    joined = services.join(
        name="新员工",
        username="newcomer",
        employee_no="GF9001",
        seats=seats,
        first=TODAY,
        code=house.code(),
        actor=house.actor,
        at=house.at,
    )
    moved = services.move(
        person_id=house.other.person_id,
        seats=seats,
        on=TODAY,
        code=house.code(),
        actor=house.actor,
        at=house.at,
    )

    assert Assignment.objects.filter(person_id=joined.person_id).count() == len(seats)
    assert len(moved) == len(seats)
    assert Assertion.objects.count() == len([joined, moved])


def test_a_code_is_used_once(house: House) -> None:
    code = house.code()
    house.give(code=code)
    before = held()

    with pytest.raises(StepUpRefused):
        house.give(code=code, role=Role.OPERATIONS_SPECIALIST)

    assert held() == before


def unproved(house: House) -> None:
    by_sql(house, Role.DESIGNER, None)


def spent(house: House) -> None:
    proof = Assignment.objects.get(pk=house.give()).assertion_id
    by_sql(house, Role.OPERATIONS_SPECIALIST, proof)


def for_other_days(house: House) -> None:
    proof = services.step_up(
        purpose="identity.give",
        payload_hash="a" * 64,
        code=house.code(),
        actor=house.actor,
        at=house.at,
    )
    by_sql(house, Role.DESIGNER, proof, TODAY + timedelta(days=1))


def for_another_purpose(house: House) -> None:
    proof = services.step_up(
        purpose="approvals.decide",
        payload_hash="a" * 64,
        code=house.code(),
        actor=house.actor,
        at=house.at,
    )
    by_sql(house, Role.DESIGNER, proof)


def exchanged(house: House) -> None:
    house.give()
    with transaction.atomic(), connection.cursor() as cursor:
        acting(house.actor)
        cursor.execute("UPDATE identity_assignment SET assertion_id = NULL")


@pytest.mark.parametrize(
    ("attack", "name"),
    [
        (unproved, "assignment_needs_proof"),
        (spent, "assignment_proof_matches"),
        (for_other_days, "assignment_proof_matches"),
        (for_another_purpose, "assignment_proof_matches"),
        (exchanged, "assignment_keeps_proof"),
    ],
)
def test_the_database_refuses_what_was_not_proved(
    house: House, attack: Callable[[House], None], name: str
) -> None:
    with pytest.raises(IntegrityError) as refusal:
        attack(house)

    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
    assert (house.other.person_id, Role.OPERATIONS_SPECIALIST) not in held()


def test_a_refused_position_leaves_no_position(house: House) -> None:
    administrator = account("auditor", Role.AUDITOR)
    before = held()

    with pytest.raises(PositionsExclude):
        house.give(person_id=administrator.person_id, role=Role.EDITOR)

    assert held() == before


@pytest.mark.parametrize("administrator", ADMINISTRATORS)
def test_the_screen_refuses_a_position_beside_an_administrator_s(
    house: House, administrator: Role
) -> None:
    user = account("holder", administrator)
    client = Client()
    client.force_login(house.officer, backend=BACKEND)
    session = client.session
    session["opened_at"] = session["seen_at"] = house.at.timestamp()
    session.save()

    answer = client.post(
        f"/people/{user.person_id}/",
        {
            "action": "assign",
            "role": "editor",
            "department": "",
            "first": TODAY.isoformat(),
            "last": "",
            "code": house.app.at(timezone.now()),
        },
        follow=True,
    )

    assert [each.level_tag for each in answer.context["messages"]] == ["error"]
    assert "岗位" in str(next(iter(answer.context["messages"])))
    assert [role for person, role in held() if person == user.person_id] == [administrator]


def test_machines_give_without_a_proof(house: House) -> None:
    made = services.assign(
        person_id=house.other.person_id, role=Role.DESIGNER, first=TODAY, actor=SYSTEM, at=house.at
    )

    assert Assignment.objects.get(pk=made.assignment_id).assertion_id is None
