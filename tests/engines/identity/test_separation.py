"""Three administrators hold nothing else; both sides of a duty need two persons (S24)."""

import itertools
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from psycopg2.extras import DateRange

from ops.engines.audit.models import Fact
from ops.engines.identity import selectors, services
from ops.engines.identity.choices import ADMINISTRATORS, Role
from ops.engines.identity.errors import DutiesConflict, NotYourself, PositionsExclude
from ops.engines.identity.models import (
    Assignment,
    Duty,
    DutyAct,
    DutyException,
    DutyRule,
    Position,
    PositionRight,
    User,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Conflict, Forbidden
from tests.engines.http.conftest import BACKEND

from .factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db
DUTIES = Path(settings.BASE_DIR) / "ops" / "engines" / "identity" / "duties.yaml"
GIVABLE = [
    role
    for role in Role
    if role not in {Role.ALL_STAFF, Role.SYSTEM} and role not in ADMINISTRATORS
]
PAIRS = [
    *itertools.permutations(ADMINISTRATORS, 2),
    *((administrator, role) for administrator in ADMINISTRATORS for role in GIVABLE),
    *((role, administrator) for administrator in ADMINISTRATORS for role in GIVABLE),
]
TODAY = date(2026, 11, 21)


def actor_of(user: User, at: datetime = AT) -> Actor:
    return selectors.actor_for(user, at=at)


def _by_service(user: User, role: Role) -> None:
    services.assign(
        person_id=user.person_id, role=role, first=date(2026, 1, 1), actor=SYSTEM, at=AT
    )


def _by_orm(user: User, role: Role) -> None:
    Assignment.objects.create(
        person_id=user.person_id,
        position=Position.objects.get(key=role),
        valid=DateRange(date(2026, 1, 1), None, "[)"),
    )


def _by_sql(user: User, role: Role) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_assignment (person_id, position_id, valid)"
            " SELECT %s, id, daterange('2026-01-01', NULL) FROM identity_position WHERE key = %s",
            [user.person_id, role],
        )


def _by_changing_the_position(user: User, role: Role) -> None:
    spare = next(each for each in (Role.EDITOR, Role.DESIGNER) if each != role)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_assignment (person_id, position_id, valid)"
            " SELECT %s, id, '[2020-01-01,2020-02-01)' FROM identity_position WHERE key = %s",
            [user.person_id, spare],
        )
        cursor.execute(
            "UPDATE identity_assignment SET valid = daterange('2026-01-01', NULL), position_id ="
            " (SELECT id FROM identity_position WHERE key = %s)"
            " WHERE person_id = %s AND valid @> '2020-01-15'::date",
            [role, user.person_id],
        )


@pytest.mark.parametrize(
    "door",
    [_by_service, _by_orm, _by_sql, _by_changing_the_position],
    ids=lambda door: door.__name__,
)
def test_an_administrator_and_any_other_position_are_refused_by_every_door(door: Any) -> None:
    """Every ordered pair of the register with an administrator in it, 144 of them, by each door."""
    users = {role: account(f"held-{role.value}", role) for role in {one for one, _ in PAIRS}}
    held = Assignment.objects.count()
    let_in = []
    for one, other in PAIRS:
        try:
            with transaction.atomic():
                door(users[one], other)
            let_in.append((one, other))
        except (IntegrityError, PositionsExclude, DutiesConflict):
            pass

    assert let_in == []
    assert len(PAIRS) == 6 + 2 * 3 * len(GIVABLE)
    assert Assignment.objects.count() == held


def test_a_deputy_of_an_administrator_holds_nothing_else() -> None:
    auditor = account("auditor", Role.AUDITOR)
    editor = account("editor", Role.EDITOR)

    with pytest.raises(PositionsExclude):
        services.assign(
            person_id=editor.person_id,
            role=Role.AUDITOR,
            first=TODAY,
            last=TODAY,
            deputy_for=auditor.person_id,
            actor=SYSTEM,
            at=AT,
        )

    assert selectors.actor_for(editor, at=AT).roles == {"editor", "all_staff"}


def test_nobody_becomes_superuser_by_command_or_flag() -> None:
    user = account("manager")

    with (
        pytest.raises((CommandError, IntegrityError, TypeError, AttributeError)),
        transaction.atomic(),
    ):
        call_command("createsuperuser", username="root", interactive=False, stdout=StringIO())
    with pytest.raises(IntegrityError, match="user_never_superuser"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_superuser=True)

    assert not User.objects.filter(is_superuser=True).exists()


def test_only_the_audit_administrator_reads_the_trail_and_changes_nothing() -> None:
    for role in Role:
        if role in {Role.ALL_STAFF, Role.SYSTEM}:
            continue
        user = account(role.value, role)
        client = Client()
        client.force_login(user, backend=BACKEND)
        session = client.session
        session["opened_at"] = session["seen_at"] = datetime.now(tz=UTC).timestamp()
        session.save()

        answer = client.get("/audit/facts/")

        assert answer.status_code == (200 if role is Role.AUDITOR else 403), role
    auditor = actor_of(User.objects.get(username="auditor"))
    assert not any(
        auditor.may(area, right)
        for area in ("catalog", "inventory", "customers", "marketing", "finance")
        for right in "CPAM"
    )
    for table in ("audit_fact", "audit_fieldchange"):
        for verb in (f"DELETE FROM {table}", f"UPDATE {table} SET person_id = 0"):
            with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
                connection.cursor().execute(verb)


def test_the_register_of_duties_has_twenty_pairs_and_the_database_holds_them() -> None:
    written = yaml.safe_load(DUTIES.read_text(encoding="utf-8"))

    assert len(written["rules"]) == 20
    assert set(DutyRule.objects.values_list("key", "one__key", "other__key")) == {
        (rule["key"], rule["one"], rule["other"]) for rule in written["rules"]
    }
    assert {
        duty.key: set(duty.positions.values_list("key", flat=True)) for duty in Duty.objects.all()
    } == {duty["key"]: set(duty["positions"]) for duty in written["duties"]}


def test_every_pair_of_the_register_is_refused_at_the_grant() -> None:
    """For each rule: a person who would get its second side through another position."""
    allowed, refused, number = [], 0, 0
    for rule in DutyRule.objects.select_related("one", "other"):
        ones, others = set(rule.one.positions.all()), set(rule.other.positions.all())
        for one, other in itertools.product(ones - others, others - ones):
            number += 1
            user = account(f"n{number}", one.key)
            try:
                with transaction.atomic():
                    _by_sql(user, Role(other.key))
                allowed.append((rule.key, one.key, other.key))
            except IntegrityError:
                refused += 1

    assert allowed == []
    assert refused == number > 60


def test_a_position_that_carries_both_sides_by_the_register_may_stand_beside_one_of_them() -> None:
    both = account("both", Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_SPECIALIST)

    found = selectors.conflicts(at=AT, person_id=both.person_id)

    assert {each.kind for each in found} == {"position"}
    assert "price_x_approval" in {each.rule for each in found}


def _exception(user: User, **changes: Any) -> int:
    asked: dict[str, Any] = {
        "person_id": user.person_id,
        "rule": "order_x_receipt",
        "first": TODAY,
        "last": TODAY + timedelta(days=10),
        "reason": "两名仓管员同时休假",
        "at": AT,
    }
    if "actor" not in changes:
        asked["actor"] = actor_of(account("people", Role.HR_OFFICER))
    return services.ask_exception(**(asked | changes)).exception_id


def _try_both(user: User, last: date) -> None:
    services.assign(
        person_id=user.person_id,
        role=Role.OPERATIONS_SPECIALIST,
        first=TODAY,
        last=last,
        actor=SYSTEM,
        at=AT,
    )


def test_both_sides_are_held_only_with_two_approvals_and_only_as_long() -> None:
    buyer = account("buyer", Role.PURCHASING_OFFICER)
    first, second = account("first", Role.COMPLIANCE_OFFICER), account("second", Role.EXECUTIVE)
    number = _exception(buyer)
    within, beyond = TODAY + timedelta(days=10), TODAY + timedelta(days=11)

    with pytest.raises(DutiesConflict):
        _try_both(buyer, within)
    services.approve_exception(exception_id=number, actor=actor_of(first), at=AT)
    with pytest.raises(DutiesConflict):
        _try_both(buyer, within)
    with pytest.raises(NotYourself):
        services.approve_exception(exception_id=number, actor=actor_of(first), at=AT)
    made = services.approve_exception(exception_id=number, actor=actor_of(second), at=AT)
    with pytest.raises(DutiesConflict):
        _try_both(buyer, beyond)
    _try_both(buyer, within)

    assert made.is_effective
    assert {each.kind for each in selectors.conflicts(at=AT, person_id=buyer.person_id)} >= {
        "exception"
    }
    assert [
        each.kind
        for each in selectors.conflicts(at=AT, person_id=buyer.person_id)
        if each.rule == "order_x_receipt"
    ] == ["exception"]
    with pytest.raises(Conflict):
        services.approve_exception(exception_id=number, actor=actor_of(second), at=AT)


def test_an_exception_is_not_for_oneself_nor_endless_nor_without_right() -> None:
    buyer = account("buyer", Role.PURCHASING_OFFICER)
    people = account("people2", Role.HR_OFFICER)

    with pytest.raises(NotYourself):
        _exception(people, actor=actor_of(people))
    with pytest.raises(BadInput):
        _exception(buyer, last=TODAY + timedelta(days=100), actor=actor_of(people))
    with pytest.raises(Forbidden):
        _exception(buyer, actor=actor_of(buyer))
    with pytest.raises(BadInput):
        _exception(buyer, actor=SYSTEM)

    assert not DutyException.objects.exists()


@pytest.mark.parametrize(
    ("claim", "sql"),
    [
        ("asked_first", ("INSERT INTO identity_dutyexception (person_id, rule_id, valid, reason,"
         " asked_by_id, asked_at, first_by_id, first_at) SELECT {person}, rule_id, valid, reason,"
         " asked_by_id, asked_at, {first}, asked_at FROM identity_dutyexception")),
        ("second_by_a_third", ("UPDATE identity_dutyexception SET second_by_id = {first},"
         " second_at = now()")),
        ("second_by_a_third", ("UPDATE identity_dutyexception SET second_by_id = {person},"
         " second_at = now()")),
        ("stays", "UPDATE identity_dutyexception SET first_by_id = {person}"),
        ("stays", "UPDATE identity_dutyexception SET valid = '[2026-01-01,2026-02-01)'"),
    ],
)  # fmt: skip
def test_the_database_keeps_an_exception_as_asked_and_approved(claim: str, sql: str) -> None:
    buyer = account("buyer", Role.PURCHASING_OFFICER)
    first = account("first", Role.COMPLIANCE_OFFICER)
    number = _exception(buyer)
    services.approve_exception(exception_id=number, actor=actor_of(first), at=AT)
    names = {"person": buyer.person_id, "first": first.person_id}

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        connection.cursor().execute(sql.format(**names))

    name = refusal.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert name == f"dutyexception_{claim}"
    assert DutyException.objects.get().second_by_id is None


def test_one_person_does_not_do_both_sides_of_one_matter_whatever_the_account() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    other = account("other", Role.WAREHOUSE_KEEPER)
    second_account = Actor(kind=SYSTEM.kind.PERSON, name="k", person_id=user.person_id, user_id=0)
    order = ("inventory.purchaseorder", 7)

    with transaction.atomic():
        services.act(duty="po_create", obj=order, actor=actor_of(user), at=AT)
        services.act(duty="po_create", obj=order, actor=actor_of(user), at=AT)
    with pytest.raises(DutiesConflict), transaction.atomic():
        services.act(duty="goods_receipt", obj=order, actor=second_account, at=AT)
    with pytest.raises(IntegrityError, match="other side of order_x_receipt"), transaction.atomic():
        DutyAct.objects.create(
            duty=Duty.objects.get(key="goods_receipt"),
            object_type=order[0],
            object_id="7",
            person_id=user.person_id,
            at=AT,
        )
    with transaction.atomic():
        services.act(duty="goods_receipt", obj=order, actor=actor_of(other), at=AT)
        services.act(duty="goods_receipt", obj=(order[0], 8), actor=actor_of(user), at=AT)
        services.act(duty="goods_receipt", obj=order, actor=SYSTEM, at=AT)

    assert selectors.acted(person_id=user.person_id, duty="po_create", obj=order)
    assert not selectors.acted(person_id=user.person_id, duty="goods_receipt", obj=order)
    assert DutyAct.objects.filter(object_type=order[0]).count() == 3


def test_what_was_done_cannot_be_undone_to_do_the_other_side() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    services.act(duty="po_create", obj=("x.y", 1), actor=actor_of(user), at=AT)

    for verb in ("DELETE FROM identity_dutyact", "UPDATE identity_dutyact SET object_id = '2'"):
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            connection.cursor().execute(verb)

    assert DutyAct.objects.filter(object_type="x.y", object_id="1").exists()


def test_who_opens_an_account_gives_its_person_no_position_and_the_other_way_round() -> None:
    opener = Actor(
        kind=SYSTEM.kind.PERSON,
        name="both",
        person_id=account("both").person_id,
        roles=frozenset({"information_supervisor", "hr_officer"}),
    )
    newcomer = services.create_person(name="newcomer", actor=SYSTEM, at=AT)
    services.create_account(
        person_id=newcomer.person_id,
        username="newcomer",
        password="a long enough passphrase",
        actor=opener,
        at=AT,
    )

    with pytest.raises(DutiesConflict):
        services.assign(
            person_id=newcomer.person_id, role=Role.EDITOR, first=TODAY, actor=opener, at=AT
        )

    assert not Assignment.objects.filter(person_id=newcomer.person_id).exists()


@pytest.mark.parametrize("table", ["duty", "dutyrule", "duty_positions"])
def test_the_app_role_cannot_rewrite_the_duties(table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"DELETE FROM identity_{table}")

    assert DutyRule.objects.count() == 20


def test_every_step_of_an_exception_leaves_a_fact() -> None:
    buyer = account("buyer", Role.PURCHASING_OFFICER)
    first, second = account("first", Role.COMPLIANCE_OFFICER), account("second", Role.EXECUTIVE)
    number = _exception(buyer)
    for who in (first, second):
        services.approve_exception(exception_id=number, actor=actor_of(who), at=AT)
    services.revoke_exception(exception_id=number, actor=actor_of(first), at=AT)

    assert list(
        Fact.objects.filter(action__startswith="identity.exception")
        .order_by("id")
        .values_list("action", "person_id")
    ) == [
        ("identity.exception_asked", User.objects.get(username="people").person_id),
        ("identity.exception_approved_first", first.person_id),
        ("identity.exception_approved_second", second.person_id),
        ("identity.exception_revoked", first.person_id),
    ]
    with pytest.raises(DutiesConflict):
        _try_both(buyer, TODAY)


def test_administrators_are_in_no_step_of_a_rule_they_could_answer_alone() -> None:
    letters = {
        (role, area): written
        for role, area, written in PositionRight.objects.filter(
            position__key__in=ADMINISTRATORS
        ).values_list("position__key", "area", "letters")
    }

    assert not any(
        set(text.upper()) & set("CPA")
        for (role, area), text in letters.items()
        if role != Role.COMPLIANCE_OFFICER and area not in {"ops", "compliance"}
    )
