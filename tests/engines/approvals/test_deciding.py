"""From submission to decision: who decides, in which order, on exactly what."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ops.engines.approvals import errors, selectors, services
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.errors import RuleViolation
from ops.engines.notices import selectors as notices
from tests.engines.approvals.toys import (
    CONTENT,
    FIGURES,
    SEEN,
    SYSTEM_DAY,
    People,
    actor,
    people,
    submitted,
)
from tests.engines.identity.factories import AT, PASSWORD, SYSTEM, account

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> People:
    return people()


def approve(user: User, request_id: int, **changes: Any) -> None:
    services.approve(
        request_id=request_id,
        content_hash=changes.pop("content_hash", Request.objects.get(pk=request_id).content_hash),
        actor=actor(user),
        at=AT,
        **changes,
    )


def state(request_id: int) -> tuple[str, int, int]:
    row = Request.objects.get(pk=request_id)
    return row.state, row.step, Decision.objects.filter(request=row).count()


def test_an_approval_runs_the_effect_with_what_was_asked(team: People) -> None:
    request = submitted(team.requester)

    approve(team.supervisor, request.id)

    [seen] = SEEN.approved
    assert seen.state == "approved"
    assert seen.content == {"lines": [{"thing": 1, "price": "9.90"}], "reason": "spring"}
    assert seen.content_hash == content_hash({"content": CONTENT, "figures": FIGURES})
    [decision] = selectors.decisions_of(request_ids=[request.id])[request.id]
    assert decision.person_name == "supervisor"
    assert decision.role == Role.OPERATIONS_SUPERVISOR
    assert decision.figures == {"change": "-5.00", "floor": "8.00", "lowest": "9.90"}
    assert decision.content_hash == request.content_hash


def test_figures_pick_the_steps_once_at_submission(team: People) -> None:
    request = submitted(
        team.requester, figures={"change": Decimal("-20.00"), "lowest": Decimal("7.00")}
    )

    roles = [step.role for step in request.steps]

    assert roles == ["operations_supervisor", "operations_manager", "operations_director"]
    for user in (team.supervisor, team.manager):
        approve(user, request.id)
        assert SEEN.approved == []
    approve(team.director, request.id)
    assert state(request.id) == ("approved", 2, 3)
    assert len(SEEN.approved) == 1


def test_the_requester_never_decides(team: People) -> None:
    request = submitted(team.requester)

    with pytest.raises(errors.OwnRequest):
        approve(team.requester, request.id)

    assert state(request.id) == ("submitted", 0, 0)


def test_a_second_account_of_the_requester_is_the_same_person(team: People) -> None:
    both = account("both", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
    made = identity_services.create_account(
        person_id=both.person_id, username="both-2", password=PASSWORD, actor=SYSTEM, at=AT
    )
    second = User.objects.select_related("person").get(pk=made.user_id)
    request = submitted(both)

    with pytest.raises(errors.OwnRequest):
        approve(second, request.id)

    assert [item.id for item in selectors.inbox(actor=actor(second), at=AT)] == []
    assert [item.id for item in selectors.inbox(actor=actor(team.supervisor), at=AT)] == [
        request.id
    ]


def test_when_only_the_requester_could_decide_the_next_level_does() -> None:
    both = account("both", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
    manager = account("manager", Role.OPERATIONS_MANAGER)

    request = submitted(both)

    assert [step.role for step in request.steps] == ["operations_manager"]
    approve(manager, request.id)
    assert state(request.id) == ("approved", 0, 1)


def test_a_step_that_climbed_onto_a_later_one_is_decided_once() -> None:
    both = account("both", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
    account("manager", Role.OPERATIONS_MANAGER)

    request = submitted(both, figures={"change": Decimal("-20.00")})

    assert [step.role for step in request.steps] == ["operations_manager"]


def test_without_any_second_person_nothing_is_handed_in() -> None:
    alone = account("alone", Role.OPERATIONS_SPECIALIST, Role.EXECUTIVE)

    with pytest.raises(errors.NobodyMayDecide):
        submitted(alone)

    assert Request.objects.count() == 0


def test_a_deputy_of_the_requester_is_no_second_person() -> None:
    both = account("both", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
    deputy = account("deputy")
    manager = account("manager", Role.OPERATIONS_MANAGER)
    identity_services.assign(
        person_id=deputy.person_id,
        role=Role.OPERATIONS_SUPERVISOR,
        first=SYSTEM_DAY,
        last=SYSTEM_DAY,
        deputy_for=both.person_id,
        actor=SYSTEM,
        at=AT,
    )
    request = submitted(both)

    with pytest.raises(errors.NotApprover):
        approve(deputy, request.id)

    assert selectors.inbox(actor=actor(deputy), at=AT) == []
    assert [item.id for item in selectors.inbox(actor=actor(manager), at=AT)] == [request.id]


def test_a_deputy_named_later_stands_in_on_the_days_given(team: People) -> None:
    deputy = account("deputy")
    request = submitted(team.requester)
    identity_services.assign(
        person_id=deputy.person_id,
        role=Role.OPERATIONS_SUPERVISOR,
        first=SYSTEM_DAY,
        last=SYSTEM_DAY,
        deputy_for=team.supervisor.person_id,
        actor=SYSTEM,
        at=AT,
    )

    assert [item.id for item in selectors.inbox(actor=actor(deputy), at=AT)] == [request.id]
    approve(deputy, request.id)

    assert state(request.id) == ("approved", 0, 1)


def test_a_position_taken_up_after_submission_does_not_decide(team: People) -> None:
    request = submitted(team.requester)
    late = account("late", Role.OPERATIONS_SUPERVISOR)

    with pytest.raises(errors.NotApprover):
        approve(late, request.id)

    assert selectors.inbox(actor=actor(late), at=AT) == []


def test_a_position_laid_down_meanwhile_no_longer_decides(team: People) -> None:
    request = submitted(team.requester)
    holder = actor(team.supervisor)
    gone = Actor(
        kind=holder.kind, name=holder.name, person_id=holder.person_id, rights=holder.rights
    )

    with pytest.raises(errors.NotApprover):
        services.approve(
            request_id=request.id, content_hash=request.content_hash, actor=gone, at=AT
        )


def test_other_positions_and_machines_do_not_decide(team: People) -> None:
    request = submitted(team.requester)

    for user in (team.manager, team.outsider):
        with pytest.raises(errors.NotApprover):
            approve(user, request.id)
    with pytest.raises(errors.NotApprover):
        services.approve(
            request_id=request.id, content_hash=request.content_hash, actor=SYSTEM, at=AT
        )

    assert state(request.id) == ("submitted", 0, 0)


def test_one_person_decides_one_step_only() -> None:
    requester = account("requester", Role.OPERATIONS_SPECIALIST)
    both = account("both", Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_MANAGER)
    director = account("director", Role.OPERATIONS_DIRECTOR)
    request = submitted(requester, figures={"change": Decimal("-20.00")})
    approve(both, request.id)

    with pytest.raises(errors.DecidedBefore):
        approve(both, request.id)

    assert selectors.inbox(actor=actor(both), at=AT) == []
    approve(director, request.id)
    assert state(request.id) == ("approved", 1, 2)


def test_a_decision_cites_what_was_shown(team: People) -> None:
    request = submitted(team.requester)

    with pytest.raises(errors.ContentMoved):
        approve(team.supervisor, request.id, content_hash="0" * 64)

    assert state(request.id) == ("submitted", 0, 0)


def test_a_refusing_effect_leaves_no_decision(team: People) -> None:
    request = submitted(team.requester)
    SEEN.refuse = RuleViolation("toys.no", "No.")

    with pytest.raises(RuleViolation):
        approve(team.supervisor, request.id)

    assert state(request.id) == ("submitted", 0, 0)


def test_a_return_needs_words_closes_and_tells_the_requester(team: People) -> None:
    request = submitted(team.requester)
    given: dict[str, Any] = {
        "request_id": request.id,
        "content_hash": request.content_hash,
        "actor": actor(team.supervisor),
        "at": AT,
    }

    with pytest.raises(errors.ReasonMissing):
        services.send_back(reason="  ", **given)
    assert state(request.id) == ("submitted", 0, 0)
    services.send_back(reason="Margin too thin", **given)

    assert state(request.id) == ("returned", 0, 1)
    [seen] = SEEN.returned
    assert seen.state == "returned"
    assert notices.counts(actor=actor(team.requester)).act == 1
    assert submitted(team.requester).id != request.id


def test_withdrawing_is_possible_until_the_first_decision(team: People) -> None:
    one = submitted(team.requester)
    other = submitted(team.requester, subject_id=2, figures={"change": Decimal("-20.00")})
    approve(team.supervisor, other.id)

    with pytest.raises(errors.RequestMissing):
        services.withdraw(request_id=one.id, actor=actor(team.outsider), at=AT)
    services.withdraw(request_id=one.id, actor=actor(team.requester), at=AT)
    with pytest.raises(errors.WithdrawTooLate):
        services.withdraw(request_id=other.id, actor=actor(team.requester), at=AT)

    assert state(one.id) == ("withdrawn", 0, 0)
    assert [seen.state for seen in SEEN.returned] == ["withdrawn"]
    assert state(other.id) == ("submitted", 1, 1)
    with pytest.raises(errors.RequestClosed):
        approve(team.supervisor, one.id)


def test_one_subject_has_one_open_request(team: People) -> None:
    submitted(team.requester)

    with pytest.raises(errors.AlreadySubmitted):
        submitted(team.requester)

    assert Request.objects.count() == 1


def test_only_the_named_positions_hand_in(team: People) -> None:
    for user in (team.outsider, team.director):
        with pytest.raises(errors.RequesterMayNotAsk):
            submitted(user)

    assert Request.objects.count() == 0


def test_an_opinion_needs_words_and_does_not_decide(team: People) -> None:
    keeper = account("keeper", Role.WAREHOUSE_KEEPER)
    store = account("store", Role.STORE_MANAGER)
    request = submitted(keeper, flow="toy_count")

    with pytest.raises(errors.ReasonMissing):
        approve(store, request.id)
    approve(store, request.id, opinion="Miscounted twice")
    assert state(request.id) == ("submitted", 1, 1)
    approve(team.director, request.id)

    assert state(request.id) == ("approved", 1, 2)
    verdicts = [d.verdict for d in selectors.decisions_of(request_ids=[request.id])[request.id]]
    assert verdicts == ["opinion", "approve"]


def test_approvers_must_reach_the_scope() -> None:
    here = Department.objects.create(code="here", name="here")
    there = Department.objects.create(code="there", name="there")
    asker = account("asker", Role.DEPARTMENT_HEAD, department_id=here.pk)
    head = account("head", Role.DEPARTMENT_HEAD, department_id=here.pk)
    stranger = account("stranger", Role.DEPARTMENT_HEAD, department_id=there.pk)

    request = submitted(
        asker, flow="toy_local", scope_ids={"department": here.pk}, department_id=here.pk
    )

    named = set(Approver.objects.values_list("person_id", flat=True))
    assert named == {head.person_id}
    with pytest.raises(errors.NotApprover):
        approve(stranger, request.id)
    with pytest.raises(errors.RequestMissing):
        selectors.request(request_id=request.id, actor=actor(stranger), at=AT)
    approve(head, request.id)
    assert state(request.id)[0] == "approved"


def test_handing_in_outside_ones_own_scope_is_refused() -> None:
    here = Department.objects.create(code="here", name="here")
    there = Department.objects.create(code="there", name="there")
    asker = account("asker", Role.DEPARTMENT_HEAD, department_id=here.pk)
    account("head", Role.DEPARTMENT_HEAD, department_id=there.pk)

    with pytest.raises(errors.RequesterMayNotAsk):
        submitted(asker, flow="toy_local", scope_ids={"department": there.pk})


def test_a_question_reaches_the_requester_and_its_answer_the_asker(team: People) -> None:
    request = submitted(team.requester)

    with pytest.raises(errors.NotApprover):
        services.ask(request_id=request.id, question="Why?", actor=actor(team.outsider), at=AT)
    asked = services.ask(
        request_id=request.id, question="Why now?", actor=actor(team.supervisor), at=AT
    )
    with pytest.raises(errors.RequestMissing):
        services.answer(question_id=asked, text="Because", actor=actor(team.supervisor), at=AT)
    services.answer(question_id=asked, text="Spring", actor=actor(team.requester), at=AT)

    detail = selectors.request(request_id=request.id, actor=actor(team.supervisor), at=AT)
    assert [(q.question, q.answer) for q in detail.questions] == [("Why now?", "Spring")]
    assert state(request.id) == ("submitted", 0, 0)


def test_many_of_one_flow_are_approved_each_on_its_own(team: People) -> None:
    good = submitted(team.requester, subject_id=1)
    moved = submitted(team.requester, subject_id=2)
    own = submitted(team.supervisor, subject_id=3)
    items = [(own.id, own.content_hash), (moved.id, "0" * 64), (good.id, good.content_hash)]

    results = services.approve_many(items=items, actor=actor(team.supervisor), at=AT)

    assert [(r.request_id, r.code) for r in results] == [
        (own.id, "approvals.own_request"),
        (moved.id, "approvals.content_moved"),
        (good.id, ""),
    ]
    assert [state(r)[0] for r in (good.id, moved.id, own.id)] == [
        "approved",
        "submitted",
        "submitted",
    ]


def test_bulk_approval_has_limits(team: People) -> None:
    keeper = account("keeper", Role.WAREHOUSE_KEEPER)
    account("store", Role.STORE_MANAGER)
    price = submitted(team.requester)
    count = submitted(keeper, flow="toy_count", subject_id=2)
    tries: tuple[list[tuple[int, str]], ...] = (
        [],
        [(n, "0" * 64) for n in range(1, 52)],
        [(price.id, price.content_hash), (count.id, count.content_hash)],
        [(price.id, price.content_hash)] * 2,
    )

    for items in tries:
        with pytest.raises(errors.BulkTooLarge):
            services.approve_many(items=items, actor=actor(team.supervisor), at=AT)

    assert state(price.id) == ("submitted", 0, 0)


def test_history_comes_in_by_the_import_account_only(team: People) -> None:
    given: dict[str, Any] = {
        "flow": "toy_price",
        "subject": ("toys.batch", 7),
        "content": {"sha256": "ab"},
    }

    for nobody in (actor(team.requester), actor(team.director), Actor.system("job")):
        with pytest.raises(errors.RequesterMayNotAsk):
            services.open_as_history(**given, actor=nobody, at=AT)
    request = services.open_as_history(**given, actor=Actor.importer(), at=AT)

    assert (request.kind, request.state) == ("opening", "approved")
    assert SEEN.approved == []


def test_the_inbox_is_one_query_with_the_most_urgent_first(team: People) -> None:
    late = submitted(team.requester, subject_id=1, at=AT)
    early = submitted(team.requester, subject_id=2, at=AT - timedelta(hours=9))
    decider = actor(team.supervisor)

    with CaptureQueriesContext(connection) as queries:
        found = selectors.inbox(actor=decider, at=AT)

    assert [(item.id, item.is_overdue) for item in found] == [(early.id, True), (late.id, False)]
    assert found[1].due_at == AT + timedelta(hours=8)
    assert len(queries) == 1
    assert selectors.inbox(actor=actor(team.manager), at=AT) == []
    assert [item.id for item in selectors.asked_by(actor=actor(team.requester))] == [
        early.id,
        late.id,
    ]


def test_the_decision_page_says_why_not(team: People) -> None:
    request = submitted(team.requester)

    def why_not(user: User) -> str:
        return selectors.request(request_id=request.id, actor=actor(user), at=AT).why_not

    assert why_not(team.supervisor) == ""
    assert why_not(team.requester) == "own_request"
    assert why_not(team.manager) == "not_approver"
    approve(team.supervisor, request.id)
    assert why_not(team.manager) == "closed"
    [item] = selectors.for_subject("toys.change", 1)
    assert item.state == "approved"
    assert [h.id for h in selectors.decided_by(actor=actor(team.supervisor))] == [request.id]


def test_a_decided_request_leaves_the_other_inboxes(team: People) -> None:
    other = account("other", Role.OPERATIONS_SUPERVISOR)
    request = submitted(team.requester)
    assert notices.counts(actor=actor(other)).act == 1

    approve(team.supervisor, request.id)

    assert notices.counts(actor=actor(other)).act == 0
    assert notices.counts(actor=actor(team.requester)).fyi == 1


@pytest.mark.clause("HR-1.2-08")
def test_what_waits_a_day_for_the_store_manager_goes_to_the_director(team: People) -> None:
    keeper = account("keeper", Role.WAREHOUSE_KEEPER)
    store = account("store", Role.STORE_MANAGER)
    request = submitted(keeper, flow="toy_receipt")
    day_later = AT + timedelta(hours=24)
    assert notices.counts(actor=actor(store)).act == 1

    services.escalate_due(actor=SYSTEM, at=day_later - timedelta(seconds=1))
    assert selectors.inbox(actor=actor(team.director), at=day_later) == []
    services.escalate_due(actor=SYSTEM, at=day_later)

    waiting = selectors.inbox(actor=actor(team.director, at=day_later), at=day_later)
    assert [item.id for item in waiting] == [request.id]
    assert selectors.inbox(actor=actor(team.manager, at=day_later), at=day_later) == []


def test_an_overdue_step_moves_one_level_up_once_per_limit(team: People) -> None:
    request = submitted(team.requester)
    later = AT + timedelta(hours=8)

    early = services.escalate_due(actor=SYSTEM, at=AT + timedelta(hours=7))
    first = services.escalate_due(actor=SYSTEM, at=later)
    again = services.escalate_due(actor=SYSTEM, at=later)

    assert (early["escalated"], first["escalated"], again["escalated"]) == (0, 1, 0)
    for user in (team.supervisor, team.manager):
        assert [i.id for i in selectors.inbox(actor=actor(user, at=later), at=later)] == [
            request.id
        ]
    assert selectors.inbox(actor=actor(team.director, at=later), at=later) == []
    services.approve(
        request_id=request.id,
        content_hash=request.content_hash,
        actor=actor(team.manager, at=later),
        at=later,
    )
    [decision] = Decision.objects.filter(request_id=request.id)
    assert decision.role == Role.OPERATIONS_MANAGER


def test_escalation_ends_at_the_top(team: People) -> None:
    request = submitted(team.requester)
    moment = AT

    reports = []
    for _ in range(6):
        moment += timedelta(hours=8)
        reports.append(services.escalate_due(actor=SYSTEM, at=moment)["escalated"])

    assert reports == [1, 1, 1, 0, 0, 0]
    assert Request.objects.get(pk=request.id).escalate_at is None
    assert state(request.id) == ("submitted", 0, 0)
