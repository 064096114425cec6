"""One suite for every declared flow: a new declaration is picked up by itself.

The flow's effect is replaced by one that remembers; what it really does is its own app's test.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from ops.engines.approvals import approvers, errors, flows, selectors, services
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.flows import Example, Flow
from ops.engines.approvals.models import Approver, Decision, Request, StepUpRule
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit.models import Fact
from ops.engines.clocks import rules
from ops.engines.clocks.limits import LimitKind
from ops.engines.desk import decisions
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from tests.engines.approvals import toys
from tests.engines.approvals.house import OUTSIDE_SCOPE, House, browser_of, built
from tests.engines.approvals.toys import refused_by
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import PASSWORD, SYSTEM

assert toys.TOYS  # they are registered before the flows are listed
KEYS = sorted(key for key in flows.flows() if not key.startswith("toy_screen"))


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    with django_db_blocker.unblock(), built() as made:
        yield made


@pytest.fixture(autouse=True)
def _on_one_day(house: House) -> None:
    house.have_the_day_ahead()


class Watched:
    """A flow with its effects replaced by a memory of what they were told."""

    def __init__(self, flow: Flow) -> None:
        self.done: list[str] = []
        self.flow = replace(
            flow,
            effect=self._remember("effect"),
            on_return=self._remember("on_return"),
            on_void=self._remember("on_void"),
        )

    def _remember(self, what: str) -> flows.Effect:
        def told(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
            self.done.append(f"{what} {request.state}")

        return told

    @property
    def longest(self) -> Example:
        """Return the example that takes the most steps."""
        return max(self.flow.examples, key=lambda each: len(frozen(self.flow, each)))


def frozen(flow: Flow, example: Example) -> list[Any]:
    return list(flow.frozen_steps(example.content, example.figures))


@pytest.fixture(params=KEYS)
def watched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Watched:
    made = Watched(flows.flow_named(request.param))
    monkeypatch.setitem(flows._flows, request.param, made.flow)
    if kind := decisions._kinds.get(request.param):
        # The subject is not a real one: what leads to it is its own app's test too.
        bare = replace(kind, subject_href=None, files=None)
        monkeypatch.setitem(decisions._kinds, request.param, bare)
    return made


def state(request_id: int) -> str:
    return Request.objects.get(pk=request_id).state


def waits_for(house: House, actor: Actor, request_id: int) -> bool:
    return request_id in [each.id for each in selectors.inbox(actor=actor, at=house.at)]


def test_its_examples_reach_every_step(watched: Watched) -> None:
    flow = watched.flow
    shown = [flows.shown_of(each.content, each.figures) for each in flow.examples]

    assert flow.examples, "declare examples=(Example(content, figures), ...)"
    for number, step in enumerate(flow.steps):
        reached = [step.when is None or step.when(each) for each in shown]
        assert any(reached), f"no example reaches step {number} of {flow.key}"


def test_submitting_fixes_content_steps_and_people(house: House, watched: Watched) -> None:
    for example in watched.flow.examples:
        made = house.submit(watched.flow, example)

        row = Request.objects.get(pk=made.id)
        assert made.state == RequestState.SUBMITTED
        assert made.content_hash == content_hash({"content": row.content, "figures": row.figures})
        assert len(made.steps) <= len(frozen(watched.flow, example))
        for number, step in enumerate(made.steps):
            named = Approver.objects.filter(request=row, step=number)
            assert named.count() >= step.needed
            assert not named.filter(person_id=made.requester_person_id or 0).exists()
        assert watched.done == []


def test_its_steps_in_order_run_the_effect_once(house: House, watched: Watched) -> None:
    made = house.submit(watched.flow, watched.longest)

    done = house.approve_all(made.id)

    assert done.state == RequestState.APPROVED
    assert watched.done == ["effect approved"]
    given = selectors.decisions_of(request_ids=[made.id])[made.id]
    assert [d.step for d in given] == sorted(d.step for d in given)
    assert len({d.person_id for d in given}) == len(given)
    assert {d.content_hash for d in given} == {made.content_hash}
    for number, step in enumerate(made.steps):
        assert sum(d.step == number for d in given) == step.needed
    with pytest.raises(errors.RequestClosed):
        house.approve(made.id, user=house.users["executive-1"], code="")
    assert len(watched.done) == 1


def test_its_requester_takes_it_back_until_the_first_decision(
    house: House, watched: Watched
) -> None:
    made = house.submit(watched.flow, watched.longest)
    asker = house.actor(house.requester(watched.flow))

    with pytest.raises(errors.RequestMissing):
        services.withdraw(request_id=made.id, actor=_stranger(house), at=house.tick())
    services.withdraw(request_id=made.id, actor=asker, at=house.tick())

    assert (state(made.id), watched.done) == ("withdrawn", ["on_return withdrawn"])


def test_a_return_needs_a_reason_and_offers_five(house: House, watched: Watched) -> None:
    made = house.submit(watched.flow, watched.longest)
    decider = house.decider(made.id)
    given: dict[str, Any] = {
        "request_id": made.id,
        "content_hash": made.content_hash,
        "actor": house.actor(decider),
        "at": house.tick(),
    }

    with pytest.raises(errors.ReasonMissing):
        services.send_back(reason=" ", **given)
    offered = selectors.request(request_id=made.id, actor=given["actor"], at=house.at).reasons
    services.send_back(reason=offered[0], **given)

    assert len(offered) == 5
    assert (state(made.id), watched.done) == ("returned", ["on_return returned"])


def test_its_requester_decides_by_no_account(house: House, watched: Watched) -> None:
    asker = house.requester(watched.flow)
    made = house.submit(watched.flow, watched.longest)
    twin = identity_services.create_account(
        person_id=asker.person_id,
        username=f"twin-{made.id}",
        password=PASSWORD,
        actor=SYSTEM,
        at=house.at,
    )
    before = Fact.objects.filter(action="approvals.refused").count()

    for user in (asker, User.objects.get(pk=twin.user_id)):
        with pytest.raises(errors.OwnRequest):
            house.approve(made.id, user=user, code="")
        assert not waits_for(house, house.actor(user), made.id)
    identity_services.set_active(user_id=twin.user_id, is_active=False, actor=SYSTEM, at=house.at)

    assert (state(made.id), Decision.objects.filter(request_id=made.id).count()) == ("submitted", 0)
    assert Fact.objects.filter(action="approvals.refused").count() == before + 2


def test_the_next_level_decides_where_only_the_excluded_could(
    house: House, watched: Watched
) -> None:
    flow = watched.flow
    for step in frozen(flow, watched.longest):
        held = [user.person_id for name, user in house.users.items() if name[:-2] in step.roles]
        asked = approvers.Asked(
            requester_person_id=held[0],
            scope_ids=house.scope_ids(flow),
            department_id=house.department_id,
            at=house.at,
            barred=frozenset(held),
        )
        if Role.EXECUTIVE in step.roles:
            with pytest.raises(errors.NobodyMayDecide):
                approvers.climb(flow, step, asked, excluded=asked.excluded)
            continue

        settled, named = approvers.climb(flow, step, asked, excluded=asked.excluded)

        assert settled.role not in step.roles
        assert {each.person_id for each in named}.isdisjoint(held)
        assert len(named) >= settled.needed


def test_a_dated_deputy_stands_in_but_never_for_the_requester(
    house: House, watched: Watched
) -> None:
    made = house.submit(watched.flow, watched.longest)
    decider = house.decider(made.id)
    role = Approver.objects.get(request_id=made.id, step=0, person=decider.person_id).role
    deputy = house.deputy(role, of=decider.person_id)
    shadow = house.deputy(role, of=made.requester_person_id or 0)

    with pytest.raises(errors.NotApprover):
        house.approve(made.id, user=shadow, code="")
    with pytest.raises(errors.OwnRequest):
        house.approve(made.id, user=house.requester(watched.flow), code="")
    shown = selectors.request(request_id=made.id, actor=house.actor(deputy), at=house.at)
    assert shown.deputy_for == decider.person.name
    house.approve(made.id, user=deputy)

    [decision] = selectors.decisions_of(request_ids=[made.id])[made.id]
    assert (decision.person_id, decision.deputy_for) == (deputy.person_id, decider.person.name)
    house.next_day()


def test_a_passed_limit_names_one_more_level(house: House, watched: Watched) -> None:
    made = house.submit(watched.flow, watched.longest)
    before = set(Approver.objects.filter(request_id=made.id, step=0).values_list("pk", flat=True))
    assert made.due_at is not None
    assert made.due_at == rules.due(made.submitted_at, made.steps[0].within)

    services.escalate_due(actor=SYSTEM, at=made.due_at - dt.timedelta(seconds=1))
    assert Request.objects.get(pk=made.id).level == 0
    services.escalate_due(actor=SYSTEM, at=made.due_at)

    added = Approver.objects.filter(request_id=made.id, step=0).exclude(pk__in=before)
    assert Request.objects.get(pk=made.id).level == 1
    assert {each.level for each in added} == {1}
    assert made.requester_person_id not in {each.person_id for each in added}


def test_only_the_hash_that_was_shown_is_decided(house: House, watched: Watched) -> None:
    made = house.submit(watched.flow, watched.longest)

    with pytest.raises(errors.ContentMoved):
        house.approve(made.id, content_hash="0" * 64, code="")
    with pytest.raises(errors.FiguresMoved):
        house.approve(made.id, shown="0" * 64, code="")
    with refused_by("request_content_fixed"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE approvals_request SET document = replace(document, '{', '{ ') WHERE id = %s",
            [made.id],
        )

    assert (state(made.id), watched.done) == ("submitted", [])


def test_a_change_after_approval_voids_it_and_asks_anew(house: House, watched: Watched) -> None:
    flow, example = watched.flow, watched.longest
    asker = house.requester(flow)
    made = house.submit(flow, example)
    house.approve_all(made.id)
    changed = {**example.content, "changed": "afterwards"}

    with pytest.raises(errors.NothingChanged):
        _amend(house, asker, made, example.content, example)
    again = _amend(house, asker, made, changed, example)

    assert (state(made.id), again.state) == ("voided", "submitted")
    assert again.content_hash != made.content_hash
    assert again.replaces_id == made.id
    assert Decision.objects.filter(request_id=again.id).count() == 0
    assert watched.done == ["effect approved", "on_void voided"]
    house.approve_all(again.id)
    assert state(again.id) == "approved"


def test_bulk_takes_those_in_band_each_on_its_own(house: House, watched: Watched) -> None:
    flow = watched.flow
    made = [house.submit(flow, flow.examples[0]) for _ in range(2)]
    decider = house.decider(made[0].id)
    step = made[0].steps[0]
    items = [(made[0].id, made[0].content_hash), (made[1].id, "0" * 64)]

    results = services.approve_many(
        items=items, opinion="seen", actor=house.actor(decider), at=house.tick()
    )

    if flow.allows_bulk(step, made[0].figures):
        assert [each.code for each in results] == ["", "approvals.content_moved"]
        assert Decision.objects.filter(request_id=made[0].id).count() == 1
    else:
        assert {each.code for each in results} == {"approvals.not_in_bulk"}
        assert Decision.objects.filter(request_id=made[0].id).count() == 0
    assert Decision.objects.filter(request_id=made[1].id).count() == 0


def test_people_outside_its_scope_are_no_approvers(house: House, watched: Watched) -> None:
    flow = watched.flow
    made = house.submit(flow, watched.longest)

    with pytest.raises((errors.RequestMissing, errors.NotApprover, errors.OwnRequest)):
        services.approve(
            request_id=made.id,
            content_hash=made.content_hash,
            actor=replace(_stranger(house), roles=frozenset({"editor"})),
            at=house.tick(),
        )
    if flow.scope is not None:
        confined = _confined(house.actor(house.decider(made.id)), flow)
        with pytest.raises(errors.NotApprover):
            services.approve(
                request_id=made.id, content_hash=made.content_hash, actor=confined, at=house.at
            )
        assert not waits_for(house, confined, made.id)

    assert Decision.objects.filter(request_id=made.id).count() == 0


def test_a_question_stops_the_clock_as_the_flow_says(house: House, watched: Watched) -> None:
    made = house.submit(watched.flow, watched.longest)
    asker, decider = house.requester(watched.flow), house.decider(made.id)

    asked = services.ask(
        request_id=made.id, question="Why?", actor=house.actor(decider), at=house.tick()
    )
    later = house.at + dt.timedelta(minutes=30)
    paused = Request.objects.get(pk=made.id).paused_at is not None
    # Time limits in hours move with the pause; one in days is due at the end of the same day.
    by_hours = made.steps[0].within.kind is LimitKind.SECONDS
    services.answer(question_id=asked, text="So.", actor=house.actor(asker), at=later)

    row = Request.objects.get(pk=made.id)
    moved = row.due_at - made.due_at if row.due_at and made.due_at else None
    assert paused == watched.flow.pauses
    pause = dt.timedelta(minutes=30) if paused and by_hours else dt.timedelta()
    assert moved == pause
    assert row.paused_at is None
    assert row.escalate_at == row.due_at


def test_its_page_shows_the_figures_and_decides(house: House, watched: Watched) -> None:
    made = house.submit(watched.flow, watched.longest)
    decider = house.decider(made.id, last=True)
    browser = browser_of(decider)
    address = f"/approvals/{made.id}/"

    page = browser.get(address)
    detail = selectors.request(
        request_id=made.id, actor=house.actor(decider, at=timezone.now()), at=timezone.now()
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert made.content_hash in text
    assert ('name="code"' in text) == detail.needs_step_up
    moved = browser.post(address, {"deed": "approve", "content_hash": made.content_hash})
    assert moved.status_code == 409
    answer = browser.post(
        address,
        {
            "deed": "approve",
            "content_hash": made.content_hash,
            "shown": detail.shown,
            "opinion": "seen",
            "code": house.code(decider, at=timezone.now()) if detail.needs_step_up else "",
        },
    )

    assert answer.status_code == 302
    [decision] = selectors.decisions_of(request_ids=[made.id])[made.id]
    assert decision.person_id == decider.person_id


def test_the_api_shows_and_decides_it(house: House, watched: Watched) -> None:
    made = house.submit(watched.flow, watched.longest)
    decider = house.decider(made.id, last=True)
    api, own = with_token(decider), with_token(house.requester(watched.flow))
    url = f"/api/v1/approvals/{made.id}"
    kind = "application/json"

    shown = api.get(url).json()
    refused = own.post(f"{url}/approve", "{}", content_type=kind)
    code = house.code(decider, at=timezone.now()) if shown["needs_step_up"] else ""
    body = {"content_hash": shown["content_hash"], "shown": shown["shown"], "opinion": "seen"}
    answer = api.post(f"{url}/approve", json.dumps({**body, "code": code}), content_type=kind)

    assert (refused.status_code, refused.json()["code"]) == (403, "approvals.own_request")
    assert answer.status_code == 200, answer.content
    assert answer.json()["decisions"][0]["person_name"] == decider.person.name


def test_the_last_five_on_its_subject_are_shown(house: House, watched: Watched) -> None:
    flow, subject = watched.flow, ("house.again", KEYS.index(watched.flow.key) + 1)
    asker = house.requester(flow)
    for _ in range(6):
        made = house.submit(flow, flow.examples[0], subject=subject)
        services.withdraw(request_id=made.id, actor=house.actor(asker), at=house.tick())
    last = house.submit(flow, flow.examples[0], subject=subject)

    page = browser_of(asker).get(f"/approvals/{last.id}/").content.decode()

    earlier = selectors.for_subject(*subject)
    assert len(earlier) == 7
    assert [f"/approvals/{item.id}/" in page for item in earlier[1:]] == [True] * 5 + [False]


def test_a_decided_one_prints(house: House, watched: Watched) -> None:
    made = house.submit(watched.flow, watched.longest)
    browser = browser_of(house.requester(watched.flow))

    assert browser.get(f"/approvals/{made.id}/print/").status_code == 409
    house.approve_all(made.id)
    answer = browser.get(f"/approvals/{made.id}/print/")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")


def test_the_database_asks_for_the_proofs_it_declares(house: House, watched: Watched) -> None:
    flow = watched.flow
    rule = StepUpRule.objects.filter(flow=flow.key).first()

    assert (rule is not None and rule.on_request) == flow.step_up
    assert (rule is not None and rule.on_decision) == all(step.step_up for step in flow.steps)


def _amend(
    house: House, asker: User, made: RequestInfo, content: Any, example: Example
) -> RequestInfo:
    flow = flows.flow_named(made.flow)
    at = house.tick()
    return services.amend(
        request_id=made.id,
        content=content,
        figures=example.figures,
        code=house.code(asker) if flow.step_up else "",
        actor=house.actor(asker),
        at=at,
    )


def _stranger(house: House) -> Actor:
    """Return somebody who takes part in no flow: an auditor without rights."""
    return replace(house.actor(house.users["auditor-2"]), rights={}, roles=frozenset())


def _confined(actor: Actor, flow: Flow) -> Actor:
    """Return the actor with lower-case letters and another scope only."""
    rights = {area: frozenset(each.lower() for each in held) for area, held in actor.rights.items()}
    return replace(actor, rights=rights, scopes={flow.scope or "": frozenset({OUTSIDE_SCOPE})})
