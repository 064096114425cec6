"""Joiners, movers, leavers: one act each, and nothing of a leaver works a second later."""

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
    SignInRefused,
    WeakPassword,
)
from ops.engines.identity.models import AccountLink, Assignment, Department, Person, User
from ops.engines.identity.services import Seat
from ops.engines.identity.types import AccountInfo
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Forbidden

from .factories import AT, PASSWORD, SYSTEM, account

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def people() -> Actor:
    """Return who gives rights; by what proof stands in `test_given_by_proof`."""
    return selectors.actor_for(account("people", Role.HR_OFFICER), at=AT)


def opener() -> Actor:
    return selectors.actor_for(account("opener", Role.INFORMATION_SUPERVISOR), at=AT)


def _join(actor: Actor, *, username: str = "newcomer", role: str = Role.EDITOR) -> AccountInfo:
    return services.join(
        name="新员工",
        username=username,
        employee_no="GF9001",
        seats=[Seat(role=role)],
        first=TODAY,
        actor=actor,
        at=AT,
    )


def test_a_newcomer_is_one_act_of_one_hand_and_the_account_is_opened_by_another() -> None:
    made = _join(SYSTEM)
    user = User.objects.get(pk=made.user_id)
    with pytest.raises(SignInRefused):
        services.sign_in(username="newcomer", password="", code="", address="192.0.2.9", at=AT)
    invitation = services.invite(user_id=made.user_id, actor=opener(), at=AT)

    before = services.invited(token=invitation.token, at=AT)
    services.accept(token=invitation.token, password=PASSWORD, at=AT)
    entered = services.sign_in(
        username="newcomer", password=PASSWORD, code="", address="192.0.2.9", at=AT
    )

    assert not user.is_active
    assert before is not None
    assert before.username == "newcomer"
    assert entered.user.pk == made.user_id
    assert selectors.actor_for(entered.user, at=AT).holds(Role.EDITOR)
    assert [
        action
        for action in Fact.objects.order_by("id").values_list("action", flat=True)
        if action in {"identity.joined", "identity.account_invited", "identity.account_accepted"}
    ] == ["identity.joined", "identity.account_invited", "identity.account_accepted"]


def test_a_newcomer_that_fails_leaves_nothing() -> None:
    actor = people()
    before = (Person.objects.count(), User.objects.count(), Assignment.objects.count())

    with pytest.raises(NameTaken):
        _join(actor, username="people")
    with pytest.raises(PersonMissing):
        _join(actor, role="nobody")
    with pytest.raises(Forbidden):
        _join(opener())

    after = (Person.objects.count(), User.objects.count(), Assignment.objects.count())
    assert after == (before[0] + 1, before[1] + 1, before[2] + 1)  # the opener alone


def test_a_link_is_good_once_for_three_days_and_the_newest_alone() -> None:
    made, actor = _join(SYSTEM), opener()
    first = services.invite(user_id=made.user_id, actor=actor, at=AT).token
    second = services.invite(user_id=made.user_id, actor=actor, at=AT).token

    assert services.invited(token=first, at=AT) is None
    assert services.invited(token=second, at=AT + timedelta(hours=73)) is None
    with pytest.raises(WeakPassword):
        services.accept(token=second, password="short", at=AT)
    services.accept(token=second, password=PASSWORD, at=AT)
    with pytest.raises(PersonMissing):
        services.accept(token=second, password=PASSWORD + "2", at=AT)
    assert second.encode() not in bytes(AccountLink.objects.get().digest)


def test_a_mover_ends_the_old_position_the_day_before_and_begins_the_new_one() -> None:
    place = Department.objects.create(code="kf", name="客服部")
    user = account("mover", Role.EDITOR)
    epoch = selectors.epoch_of(user.pk)
    on = TODAY + timedelta(days=10)

    services.move(
        person_id=user.person_id,
        seats=[Seat(role=Role.CUSTOMER_SERVICE_AGENT, department_id=place.pk)],
        on=on,
        actor=SYSTEM,
        at=AT,
    )

    eve, day = AT + timedelta(days=9), AT + timedelta(days=10)
    assert selectors.actor_for(user, at=eve).roles == {"editor", "all_staff"}
    assert selectors.actor_for(user, at=day).roles == {"customer_service_agent", "all_staff"}
    assert selectors.epoch_of(user.pk) != epoch


def test_a_move_that_conflicts_changes_nothing() -> None:
    user = account("mover", Role.EDITOR)
    seats = [Seat(role=Role.PURCHASING_OFFICER), Seat(role=Role.WAREHOUSE_KEEPER)]

    with pytest.raises(PositionsExclude):
        services.move(person_id=user.person_id, seats=seats, on=TODAY, actor=SYSTEM, at=AT)
    with pytest.raises(BadInput):
        services.move(person_id=user.person_id, seats=[], on=TODAY, actor=SYSTEM, at=AT)

    assert selectors.actor_for(user, at=AT).roles == {"editor", "all_staff"}


def test_a_leaver_ends_everywhere_at_once() -> None:
    place = Department.objects.create(code="kf", name="客服部")
    user, other = account("leaver", Role.OPERATIONS_MANAGER), account("deputy")
    services.grant_scope(
        user_id=user.pk, kind="department", object_id=place.pk, actor=SYSTEM, at=AT
    )
    token = services.create_api_token(
        user_id=user.pk, label="robot", lifetime=timedelta(days=9), actor=SYSTEM, at=AT
    ).token
    services.assign(
        person_id=other.person_id,
        role=Role.OPERATIONS_MANAGER,
        first=TODAY,
        last=TODAY + timedelta(days=5),
        deputy_for=user.person_id,
        actor=SYSTEM,
        at=AT,
    )
    hash_before = user.get_session_auth_hash()

    left = services.leave(person_id=user.person_id, reason="离职", actor=people(), at=AT)
    again = services.leave(person_id=user.person_id, reason="离职", actor=SYSTEM, at=AT)

    user = User.objects.select_related("person").get(pk=user.pk)
    assert (left.assignments, left.accounts, left.tokens, left.scopes, left.deputies) == (
        1,
        1,
        1,
        1,
        1,
    )
    assert (again.assignments, again.accounts, again.tokens, again.scopes) == (0, 0, 0, 0)
    assert user.get_session_auth_hash() != hash_before
    assert services.owner_of_token(token=token, at=AT) is None
    assert selectors.actor_for(user, at=AT).roles == frozenset()
    assert selectors.actor_for(other, at=AT).roles == {"all_staff"}
    assert selectors.holders(role=Role.OPERATIONS_MANAGER, at=AT) == []
    assert selectors.epoch_of(user.pk) is None


def test_nobody_moves_or_dismisses_themselves() -> None:
    actor = people()
    assert actor.person_id is not None

    with pytest.raises(NotYourself):
        services.leave(person_id=actor.person_id, reason="x", actor=actor, at=AT)
    with pytest.raises(NotYourself):
        services.move(
            person_id=actor.person_id,
            seats=[Seat(role=Role.EXECUTIVE)],
            on=TODAY,
            actor=actor,
            at=AT,
        )

    assert actor.roles == {"hr_officer", "all_staff"}
    assert User.objects.get(pk=actor.user_id or 0).is_active


def test_positions_are_taken_away_at_once_also_those_yet_to_come() -> None:
    user = account("holder", Role.EDITOR)
    services.assign(
        person_id=user.person_id,
        role=Role.DESIGNER,
        first=TODAY + timedelta(days=3),
        actor=SYSTEM,
        at=AT,
    )
    ids = list(Assignment.objects.filter(person=user.person).values_list("pk", flat=True))

    assert services.end_now(assignment_ids=ids, actor=SYSTEM, at=AT) == 2
    assert selectors.actor_for(user, at=AT).roles == {"all_staff"}
    assert selectors.actor_for(user, at=AT + timedelta(days=4)).roles == {"all_staff"}


@pytest.mark.parametrize("end", ["leave", "off"])
def test_a_link_handed_over_before_opens_no_account_that_was_shut_since(end: str) -> None:
    user = account("leaver", Role.EDITOR)
    token = services.invite(user_id=user.pk, actor=opener(), at=AT).token

    if end == "leave":
        services.leave(person_id=user.person_id, reason="离职", actor=SYSTEM, at=AT)
    else:
        services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=AT)

    with pytest.raises(PersonMissing):
        services.accept(token=token, password=PASSWORD, at=AT)
    assert not User.objects.get(pk=user.pk).is_active
