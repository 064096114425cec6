"""Who decides: any of several, two of many, all who are concerned, nobody who took part."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ops.engines.approvals import errors, selectors, services
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit.models import Fact
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User
from tests.engines.approvals.toys import SEEN, SYSTEM_DAY, People, actor, people, submitted
from tests.engines.identity.factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> People:
    return people()


def approve(user: User, request: RequestInfo, **changes: Any) -> RequestInfo:
    given = {"content_hash": request.content_hash, "opinion": "seen", "at": AT, **changes}
    return services.approve(request_id=request.id, actor=actor(user), **given)


def stand_in(user: User, role: str, *, of: User) -> None:
    identity_services.assign(
        person_id=user.person_id,
        role=role,
        first=SYSTEM_DAY,
        last=SYSTEM_DAY,
        deputy_for=of.person_id,
        actor=SYSTEM,
        at=AT,
    )


@pytest.mark.parametrize("who", ["supervisor", "manager"])
def test_any_of_the_positions_decides(team: People, who: str) -> None:
    request = submitted(team.requester, flow="toy_any")

    done = approve(getattr(team, who), request)

    assert done.state == "approved"
    assert Decision.objects.get().role == f"operations_{who}"


def test_two_persons_of_one_step_decide_before_the_next(team: People) -> None:
    second = account("second", Role.OPERATIONS_MANAGER)
    request = submitted(team.requester, flow="toy_both")

    after_one = approve(team.manager, request)
    with pytest.raises(errors.DecidedBefore):
        approve(team.manager, request)
    with pytest.raises(errors.NotApprover):
        approve(team.director, request)
    after_two = approve(second, request)

    assert (after_one.step, after_two.step) == (0, 1)
    assert approve(team.director, request).state == "approved"


def test_too_few_of_a_position_bring_in_the_next_level(team: People) -> None:
    request = submitted(team.requester, flow="toy_both")

    named = Approver.objects.filter(request_id=request.id, step=0)

    assert {each.role for each in named} == {"operations_manager", "operations_director"}
    approve(team.manager, request)
    approve(team.director, request)
    # The director decided already: the step above goes to the executive.
    assert approve(team.executive, request).state == "approved"


def test_everybody_concerned_decides() -> None:
    places = [Department.objects.create(code=code, name=code) for code in ("a", "b", "c")]
    heads = [
        account(f"head-{place.code}", Role.DEPARTMENT_HEAD, department_id=place.pk)
        for place in places
    ]
    officer, director = account("hr", Role.HR_OFFICER), account("dir", Role.OPERATIONS_DIRECTOR)

    request = submitted(
        officer, flow="toy_heads", content={"heads": [head.person_id for head in heads[:2]]}
    )

    assert request.steps[0].needed == 2
    with pytest.raises(errors.NotApprover):
        approve(heads[2], request)
    approve(heads[0], request)
    assert approve(heads[1], request).step == 1
    assert approve(director, request).state == "approved"


def test_who_took_part_is_barred(team: People) -> None:
    second, third = (account(name, Role.OPERATIONS_MANAGER) for name in ("second", "third"))
    request = submitted(
        team.requester, flow="toy_both", content={"judged": [team.manager.person_id]}
    )

    with pytest.raises(errors.Barred):
        approve(team.manager, request)
    assert selectors.inbox(actor=actor(team.manager), at=AT) == []
    approve(second, request)
    assert approve(third, request).step == 1
    assert request.barred_person_ids == (team.manager.person_id,)


def test_a_deputy_decides_instead_and_not_beside(team: People) -> None:
    second, deputy = account("second", Role.OPERATIONS_MANAGER), account("deputy")
    request = submitted(team.requester, flow="toy_both")
    stand_in(deputy, Role.OPERATIONS_MANAGER, of=team.manager)
    approve(deputy, request)

    with pytest.raises(errors.DecidedBefore):
        approve(team.manager, request)

    assert Decision.objects.get().deputy_for_id == team.manager.person_id
    assert approve(second, request).step == 1


def test_a_deputy_of_somebody_barred_is_barred_too(team: People) -> None:
    account("second", Role.OPERATIONS_MANAGER)
    account("third", Role.OPERATIONS_MANAGER)
    deputy = account("deputy")
    stand_in(deputy, Role.OPERATIONS_MANAGER, of=team.manager)
    request = submitted(
        team.requester, flow="toy_both", content={"judged": [team.manager.person_id]}
    )

    with pytest.raises(errors.NotApprover):
        approve(deputy, request)

    assert Decision.objects.count() == 0


def test_figures_that_moved_refuse_the_decision_and_say_which(team: People) -> None:
    request = submitted(team.requester, flow="toy_moving")
    before = selectors.request(request_id=request.id, actor=actor(team.supervisor), at=AT)
    SEEN.now["floor"] = "9.00"

    for shown in (None, before.shown):
        with pytest.raises(errors.FiguresMoved) as caught:
            approve(team.supervisor, request, shown=shown)
        assert caught.value.status == 409
        assert [each["detail"] for each in caught.value.context["errors"]] == ["8.00 -> 9.00"]
    assert Decision.objects.count() == 0
    after = selectors.request(request_id=request.id, actor=actor(team.supervisor), at=AT)
    assert [(each.key, each.before, each.now) for each in after.moved] == [
        ("floor", "8.00", "9.00")
    ]
    approve(team.supervisor, request, shown=after.shown)

    decision = Decision.objects.get()
    assert decision.figures["floor"] == "8.00"
    assert decision.figures_now is not None
    assert decision.figures_now["floor"] == "9.00"


def test_an_open_question_stops_the_clock_until_the_last_answer(team: People) -> None:
    request = submitted(team.requester)
    ask: dict[str, Any] = {"request_id": request.id, "actor": actor(team.supervisor)}
    first = services.ask(question="Why?", at=AT + timedelta(hours=1), **ask)
    other = services.ask(question="Why now?", at=AT + timedelta(hours=2), **ask)

    services.escalate_due(actor=SYSTEM, at=AT + timedelta(hours=20))
    assert Request.objects.get(pk=request.id).level == 0
    mine = actor(team.requester)
    services.answer(question_id=first, text="So", actor=mine, at=AT + timedelta(hours=3))
    assert Request.objects.get(pk=request.id).paused_at == AT + timedelta(hours=1)
    services.answer(question_id=other, text="So", actor=mine, at=AT + timedelta(hours=21))

    # Eight hours were the limit and one had passed: seven are left.
    assert Request.objects.get(pk=request.id).due_at == AT + timedelta(hours=28)


def test_a_word_in_the_thread_is_for_those_who_take_part(team: People) -> None:
    request = submitted(team.requester)

    with pytest.raises(errors.RequestMissing):
        services.comment(request_id=request.id, text="Hi", actor=actor(team.outsider), at=AT)
    with pytest.raises(errors.ReasonMissing):
        services.comment(request_id=request.id, text=" ", actor=actor(team.requester), at=AT)
    for user in (team.requester, team.supervisor):
        services.comment(request_id=request.id, text="Hi", actor=actor(user), at=AT)

    detail = selectors.request(request_id=request.id, actor=actor(team.requester), at=AT)
    assert [said.person_name for said in detail.comments] == ["requester", "supervisor"]
    assert detail.request.state == "submitted"


def test_a_change_voids_the_approval_and_bars_who_asked_before(team: People) -> None:
    both = account("both", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
    request = submitted(both, flow="toy_moving")
    approve(team.supervisor, request)

    again = services.amend(
        request_id=request.id,
        content={"lines": []},
        figures={},
        actor=actor(team.requester),
        at=AT,
    )

    assert Request.objects.get(pk=request.id).state == "voided"
    assert again.requester_person_id == team.requester.person_id
    assert again.barred_person_ids == (both.person_id,)
    with pytest.raises(errors.Barred):
        approve(both, again)
    assert approve(team.supervisor, again).state == "approved"


def test_what_is_in_effect_and_cannot_be_taken_back_is_not_changed(team: People) -> None:
    request = submitted(team.requester)
    approve(team.supervisor, request)

    with pytest.raises(errors.InEffect):
        services.amend(
            request_id=request.id, content={}, figures={}, actor=actor(team.requester), at=AT
        )

    assert [row.state for row in Request.objects.all()] == ["approved"]


def test_what_came_of_earlier_requests_stands_in_the_history(team: People) -> None:
    submitted(team.requester, flow="toy_moving")
    submitted(team.requester, flow="toy_any")

    told = {item.flow: item.outcome for item in selectors.for_subject("toys.change", 1)}

    assert told == {"toy_moving": "-4.00", "toy_any": ""}


def test_every_refusal_leaves_a_fact(team: People) -> None:
    request = submitted(team.requester)
    tries = (
        (team.requester, request.content_hash, "approvals.own_request"),
        (team.outsider, request.content_hash, "approvals.not_approver"),
        (team.supervisor, "0" * 64, "approvals.content_moved"),
    )

    for user, shown, _code in tries:
        with pytest.raises((errors.OwnRequest, errors.NotApprover, errors.ContentMoved)):
            approve(user, request, content_hash=shown)

    facts = Fact.objects.filter(action="approvals.refused").order_by("id")
    assert [(fact.person_id, json.loads(fact.body)["code"]) for fact in facts] == [
        (user.person_id, code) for user, _shown, code in tries
    ]
    assert Decision.objects.count() == 0


def test_bulk_leaves_what_lies_outside_the_band(team: People) -> None:
    near = submitted(team.requester, subject_id=1)
    far = submitted(team.requester, subject_id=2, figures={"change": -20})
    items = [(near.id, near.content_hash), (far.id, far.content_hash)]

    waiting = selectors.inbox(actor=actor(team.supervisor), at=AT)
    results = services.approve_many(items=items, actor=actor(team.supervisor), at=AT)

    assert [(each.in_bulk, str(each.adds)) for each in waiting] == [(True, "-5.00"), (False, "-20")]
    assert [each.code for each in results] == ["", "approvals.not_in_bulk"]
    assert Request.objects.get(pk=far.id).step == 0
