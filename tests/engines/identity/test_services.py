"""Accounts, positions, tokens and the first set-up."""

from datetime import date, timedelta

import pytest

from ops.engines.audit.models import Fact
from ops.engines.identity import selectors, services
from ops.engines.identity.choices import Role
from ops.engines.identity.errors import (
    NameTaken,
    NotYourself,
    PersonMissing,
    PositionsExclude,
    WeakPassword,
)
from ops.engines.identity.models import Assignment, Department, Person, User
from ops.engines.kernel.errors import BadInput, Conflict, Forbidden

from .factories import AT, PASSWORD, SYSTEM, account

pytestmark = pytest.mark.django_db


def test_every_change_leaves_a_fact() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=AT)

    actions = list(Fact.objects.order_by("id").values_list("action", flat=True))

    assert actions == [
        "identity.person_created",
        "identity.account_created",
        "identity.position_given",
        "identity.account_switched_off",
    ]


@pytest.mark.clause("FIN-7.3-07")
def test_who_makes_accounts_gives_no_rights_and_the_other_way_round() -> None:
    admin = selectors.actor_for(account("admin", Role.INFORMATION_SUPERVISOR), at=AT)
    people = selectors.actor_for(account("people", Role.HR_OFFICER), at=AT)
    somebody = account("somebody")

    with pytest.raises(Forbidden):
        services.assign(
            person_id=somebody.person_id,
            role=Role.EDITOR,
            first=date(2026, 1, 1),
            actor=admin,
            at=AT,
        )
    with pytest.raises(Forbidden):
        services.create_account(
            person_id=somebody.person_id, username="second", password=PASSWORD, actor=people, at=AT
        )

    assert not Assignment.objects.filter(person=somebody.person).exists()
    assert not User.objects.filter(username="second").exists()


@pytest.mark.clause("FIN-7.3-07")
def test_nobody_gives_rights_to_themselves() -> None:
    user = account("people", Role.HR_OFFICER)
    actor = selectors.actor_for(user, at=AT)

    with pytest.raises(NotYourself):
        services.assign(
            person_id=user.person_id,
            role=Role.EXECUTIVE,
            first=date(2026, 1, 1),
            actor=actor,
            at=AT,
        )

    assert Assignment.objects.filter(person=user.person).count() == 1


@pytest.mark.clause("FIN-7.3-07")
def test_positions_that_exclude_each_other_are_refused_in_words() -> None:
    user = account("buyer", Role.PURCHASING_OFFICER)

    with pytest.raises(PositionsExclude) as refusal:
        services.assign(
            person_id=user.person_id,
            role=Role.WAREHOUSE_KEEPER,
            first=date(2026, 5, 1),
            actor=SYSTEM,
            at=AT,
        )

    assert refusal.value.code == "identity.positions_exclude"
    assert selectors.actor_for(user, at=AT).roles == {"purchasing_officer", "all_staff"}


def test_names_are_taken_once() -> None:
    account("keeper")

    with pytest.raises(NameTaken):
        account("KEEPER")

    assert Person.objects.filter(name="KEEPER").exists()
    assert User.objects.count() == 1


def test_weak_passwords_are_refused() -> None:
    person = services.create_person(name="weak", actor=SYSTEM, at=AT)

    with pytest.raises(WeakPassword):
        services.create_account(
            person_id=person.person_id, username="weak", password="short", actor=SYSTEM, at=AT
        )

    assert not User.objects.exists()


def test_positions_switching_and_passwords_end_the_sessions() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    hashes = [User.objects.get(pk=user.pk).get_session_auth_hash()]
    held = Assignment.objects.get(person=user.person)

    services.end_assignment(assignment_id=held.pk, last=date(2026, 11, 20), actor=SYSTEM, at=AT)
    hashes.append(User.objects.get(pk=user.pk).get_session_auth_hash())
    services.set_active(user_id=user.pk, is_active=True, actor=SYSTEM, at=AT)
    hashes.append(User.objects.get(pk=user.pk).get_session_auth_hash())
    services.set_password(user_id=user.pk, password=PASSWORD + "2", actor=SYSTEM, at=AT)
    hashes.append(User.objects.get(pk=user.pk).get_session_auth_hash())

    assert len(set(hashes)) == 4
    assert not selectors.actor_for(user, at=AT).holds(Role.WAREHOUSE_KEEPER)


def test_a_position_does_not_end_before_it_begins() -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    held = Assignment.objects.get(person=user.person)

    with pytest.raises(BadInput):
        services.end_assignment(assignment_id=held.pk, last=date(2025, 12, 31), actor=SYSTEM, at=AT)

    held.refresh_from_db()
    assert held.valid.upper is None


def test_scopes_need_a_known_kind_and_an_existing_object() -> None:
    user = account("keeper")

    for kind, object_id in (("planet", 1), ("department", 1)):
        with pytest.raises(PersonMissing):
            services.grant_scope(
                user_id=user.pk, kind=kind, object_id=object_id, actor=SYSTEM, at=AT
            )

    assert selectors.actor_for(user, at=AT).scopes == {}


def test_a_token_lives_until_it_ends_or_is_revoked() -> None:
    user = account("keeper")
    made = services.create_api_token(
        user_id=user.pk, label="robot", lifetime=timedelta(days=1), actor=SYSTEM, at=AT
    )

    def owner(hours: int = 0) -> User | None:
        found = services.owner_of_token(token=made.token, at=AT + timedelta(hours=hours))
        return found[0] if found else None

    assert owner() == user
    assert owner(hours=25) is None
    services.revoke_api_token(token_id=made.token_id, actor=SYSTEM, at=AT)
    assert owner() is None


def test_a_token_dies_with_its_account() -> None:
    user = account("keeper")
    made = services.create_api_token(
        user_id=user.pk, label="robot", lifetime=timedelta(days=1), actor=SYSTEM, at=AT
    )

    services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=AT)
    services.set_active(user_id=user.pk, is_active=True, actor=SYSTEM, at=AT)

    assert services.owner_of_token(token=made.token, at=AT) is None


def _first_accounts() -> dict[str, services.FirstAccount]:
    return {
        role: services.FirstAccount(name=role, username=role, password=PASSWORD)
        for role in services.SETUP_ROLES
    }


def test_the_set_up_link_makes_a_company_with_separate_administrators_once() -> None:
    token = services.make_setup_link(at=AT)

    made = services.complete_setup(
        token=token, company="规范商贸", accounts=_first_accounts(), at=AT
    )

    assert len({one.person_id for one in made}) == 4
    assert Department.objects.get(parent=None).name == "规范商贸"
    for role in services.SETUP_ROLES:
        assert [held.name for held in selectors.holders(role=role, at=AT)] == [role]
    with pytest.raises(PersonMissing):
        services.complete_setup(token=token, company="x", accounts=_first_accounts(), at=AT)
    with pytest.raises(Conflict):
        services.make_setup_link(at=AT)


def test_a_set_up_that_fails_leaves_nothing_and_may_be_repeated() -> None:
    token = services.make_setup_link(at=AT)
    weak = _first_accounts() | {
        Role.AUDITOR: services.FirstAccount(name="a", username="a", password="short")
    }

    with pytest.raises(WeakPassword):
        services.complete_setup(token=token, company="x", accounts=weak, at=AT)

    assert not User.objects.exists()
    assert services.setup_is_open(token=token, at=AT)
    assert not services.setup_is_open(token=token, at=AT + timedelta(hours=25))
