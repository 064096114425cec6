"""A version from draft to live, and the ways back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit.models import Fact
from ops.engines.kernel.errors import BadInput, Conflict, Forbidden
from ops.engines.revisions import errors, selectors, services
from ops.engines.revisions.models import Publication, Revision
from ops.engines.revisions.types import RevisionInfo
from tests.engines.revisions.toys import (
    AT,
    CHANGED,
    HELLO,
    IMPORTER,
    KIND,
    LATER,
    MEMORY,
    MUCH_LATER,
    Team,
    asked,
    decide,
    draft,
    published,
    submitted,
)


def live_no(people: Team, at: object = LATER) -> int | None:
    found = selectors.live(kind=KIND, subject_ids=[people.here.pk], at=at)  # type: ignore[arg-type]
    return found[people.here.pk].no if found else None


def standings(people: Team, at: object = LATER) -> list[str]:
    found = selectors.history(kind=KIND, subject_id=people.here.pk, at=at)  # type: ignore[arg-type]
    return [each.standing for each in found]


def send_back(people: Team, made: RevisionInfo) -> None:
    request = asked(made)
    approvals.send_back(
        request_id=request.pk,
        reason="Too short",
        content_hash=request.content_hash,
        actor=people.actor("web"),
        at=AT,
    )


def test_an_approved_version_is_live_from_its_decision(people: Team) -> None:
    made = published(people)

    found = selectors.live(kind=KIND, subject_ids=[people.here.pk], at=AT)[people.here.pk]
    assert (found.no, found.content, found.since) == (1, HELLO, AT)
    assert found.approval_id == made.approval_id
    assert [each.how for each in MEMORY.live] == ["published"]
    assert Fact.objects.filter(action="revisions.published").count() == 1


def test_the_old_version_lives_while_the_next_is_reviewed(people: Team) -> None:
    published(people)
    next_one = submitted(people, CHANGED)

    assert (live_no(people), standings(people)) == (1, ["submitted", "live"])
    decide(people, next_one, at=LATER)

    assert live_no(people, LATER) == 2
    assert live_no(people, LATER - timedelta(seconds=1)) == 1
    assert standings(people, LATER) == ["live", "replaced"]


def test_a_version_waits_for_its_day(people: Team) -> None:
    published(people)
    published(people, CHANGED, publish_at=MUCH_LATER)

    assert standings(people, LATER) == ["scheduled", "live"]
    assert live_no(people, MUCH_LATER) == 2
    assert live_no(people, MUCH_LATER - timedelta(microseconds=1)) == 1


def test_a_newer_decision_calls_off_what_was_to_follow(people: Team) -> None:
    published(people)
    published(people, CHANGED, publish_at=MUCH_LATER)
    published(people, {**HELLO, "title": "Third"}, at=LATER)

    assert standings(people, MUCH_LATER) == ["live", "replaced", "replaced"]
    [_first, called_off, _third] = Publication.objects.order_by("pk")
    assert called_off.during.isempty
    assert called_off.since == MUCH_LATER


def test_findings_that_stop_refuse_submission_and_change_nothing(people: Team) -> None:
    made = draft(people, {**HELLO, "title": "a badword"})

    with pytest.raises(errors.FindingsStop) as refusal:
        services.submit(revision_id=made.id, actor=people.actor("specialist"), at=AT)

    assert [each["code"] for each in refusal.value.context["findings"]] == ["toy.word"]
    row = Revision.objects.get(pk=made.id)
    assert (row.state, row.findings, row.approval_id) == ("draft", None, None)
    assert Request.objects.count() == 0
    assert [each.code for each in selectors.findings(revision_id=made.id, at=AT)] == ["toy.word"]


def test_remarks_are_kept_with_the_version_and_shown_to_deciders(people: Team) -> None:
    made = submitted(people, {**HELLO, "title": "a cure", "picture": ""})

    assert made.findings is not None
    assert [(each.code, each.level) for each in made.findings] == [
        ("toy.bare", "note"),
        ("toy.claim", "route"),
    ]
    figures = asked(made).figures
    assert figures == {"findings": 2, "routed": ["toy.claim"]}


def test_what_became_forbidden_meanwhile_cannot_be_approved(people: Team) -> None:
    made = submitted(people)
    MEMORY.forbidden = "Hello"

    with pytest.raises(errors.FindingsStop):
        decide(people, made)

    assert (Revision.objects.get(pk=made.id).state, Publication.objects.count()) == ("submitted", 0)


def test_only_the_steps_of_changed_parts_are_asked(people: Team) -> None:
    published(people)
    made = submitted(people, {**HELLO, "picture": "b.png"})

    request = asked(made)
    assert made.parts == ("look",)
    assert [step["role"] for step in request.steps] == ["operations_supervisor"]
    assert request.content["changes"] == [{"field": "picture", "old": "a.png", "new": "b.png"}]


def test_a_returned_version_stays_as_it_was_and_the_next_one_begins(people: Team) -> None:
    made = submitted(people)
    send_back(people, made)

    with pytest.raises(errors.RevisionClosed):
        services.edit(revision_id=made.id, content=CHANGED, actor=people.actor("specialist"), at=AT)
    again = draft(people, CHANGED)

    assert (again.no, standings(people)) == (2, ["draft", "returned"])
    assert Revision.objects.get(pk=made.id).content == HELLO


def test_its_requester_takes_it_back(people: Team) -> None:
    made = submitted(people)

    back = services.withdraw(revision_id=made.id, actor=people.actor("specialist"), at=LATER)

    assert back.state == "withdrawn"
    assert asked(made).state == "withdrawn"


def test_one_version_at_a_time_is_open(people: Team) -> None:
    made = draft(people)

    with pytest.raises(errors.AlreadyOpen) as refusal:
        draft(people, CHANGED)

    assert refusal.value.context["revision_id"] == made.id
    services.discard(revision_id=made.id, actor=people.actor("specialist"), at=AT)
    assert draft(people, CHANGED).no == 2


def test_a_stale_save_is_refused(people: Team) -> None:
    made = draft(people)
    services.edit(
        revision_id=made.id,
        content=CHANGED,
        seen=made.content_hash,
        actor=people.actor("specialist"),
        at=AT,
    )

    with pytest.raises(errors.DraftMoved):
        services.edit(
            revision_id=made.id,
            content=HELLO,
            seen=made.content_hash,
            actor=people.actor("editor"),
            at=LATER,
        )

    assert Revision.objects.get(pk=made.id).content == CHANGED


def test_one_step_brings_a_former_version_back_under_its_own_approval(people: Team) -> None:
    first = published(people)
    published(people, CHANGED, at=LATER)

    services.restore(
        revision_id=first.id, why="Broken", actor=people.actor("supervisor"), at=MUCH_LATER
    )

    found = selectors.live(kind=KIND, subject_ids=[people.here.pk], at=MUCH_LATER)
    assert (found[people.here.pk].no, found[people.here.pk].approval_id) == (1, first.approval_id)
    fact = Fact.objects.get(action="revisions.restored")
    assert f'"request":{first.approval_id}' in fact.body
    assert MEMORY.live[-1].how == "restored"
    assert standings(people, MUCH_LATER) == ["replaced", "live"]


def test_what_was_never_approved_cannot_be_brought_back(people: Team) -> None:
    published(people)
    returned = submitted(people, CHANGED)
    send_back(people, returned)
    supervisor = people.actor("supervisor")

    with pytest.raises(errors.NeverApproved):
        services.restore(revision_id=returned.id, why="Better", actor=supervisor, at=LATER)

    assert live_no(people, MUCH_LATER) == 1


def test_bringing_back_asks_who_why_and_what_a_way_back_needs(people: Team) -> None:
    first = published(people, {**HELLO, "picture": ""})
    second = published(people, CHANGED, at=LATER)
    supervisor = people.actor("supervisor")

    with pytest.raises(Forbidden):
        services.restore(
            revision_id=first.id, why="x", actor=people.actor("specialist"), at=MUCH_LATER
        )
    with pytest.raises(errors.ReasonMissing):
        services.restore(revision_id=first.id, why=" ", actor=supervisor, at=MUCH_LATER)
    with pytest.raises(errors.LiveAlready):
        services.restore(revision_id=second.id, why="x", actor=supervisor, at=MUCH_LATER)
    with pytest.raises(errors.FindingsStop):
        services.restore(revision_id=first.id, why="x", actor=supervisor, at=MUCH_LATER)

    assert Publication.objects.count() == 2
    assert live_no(people, MUCH_LATER) == 2


def test_retiring_ends_it_and_what_was_to_follow(people: Team) -> None:
    published(people)
    published(people, CHANGED, publish_at=MUCH_LATER)

    services.retire(
        kind=KIND,
        subject_id=people.here.pk,
        why="The shop closes",
        actor=people.actor("supervisor"),
        at=LATER,
    )

    assert (live_no(people, LATER), live_no(people, MUCH_LATER)) == (None, None)
    assert live_no(people, AT) == 1
    assert MEMORY.live[-1].revision_id is None
    with pytest.raises(errors.NothingLive):
        services.retire(
            kind=KIND,
            subject_id=people.here.pk,
            why="Again",
            actor=people.actor("supervisor"),
            at=MUCH_LATER,
        )


def test_who_may_not_write_this_part_writes_nothing(people: Team) -> None:
    MEMORY.writers = {people.editor.person_id or 0}

    with pytest.raises(Forbidden):
        draft(people)

    assert Revision.objects.count() == 0
    assert draft(people, name="editor").no == 1


def test_other_places_do_not_exist(people: Team) -> None:
    made = published(people)
    outsider = people.actor("outsider")

    with pytest.raises(errors.RevisionMissing):
        services.draft(
            kind=KIND, subject_id=people.here.pk, content=CHANGED, why="x", actor=outsider, at=AT
        )
    with pytest.raises(errors.RevisionMissing):
        selectors.revision(revision_id=made.id, actor=outsider)
    assert selectors.revisions(actor=outsider, kind=KIND).count() == 0
    assert selectors.revisions(actor=people.actor("specialist"), kind=KIND).count() == 1


def test_content_is_read_before_it_is_kept(people: Team) -> None:
    for content, named in (({**HELLO, "colour": "red"}, "colour"), ({"texts": []}, "title")):
        with pytest.raises(BadInput) as refusal:
            draft(people, content)
        assert refusal.value.context["field"] == named
    published(people)
    with pytest.raises(errors.NothingChanged):
        draft(people, HELLO)

    assert Revision.objects.count() == 1


def test_the_app_may_refuse_what_would_go_live(people: Team) -> None:
    made = submitted(people, {**HELLO, "picture": "unknown.png"})

    with pytest.raises(Conflict, match="no such picture"):
        decide(people, made)

    assert (Revision.objects.get(pk=made.id).state, Publication.objects.count()) == ("submitted", 0)


def test_a_changed_request_ends_its_version(people: Team) -> None:
    made = submitted(people)
    request = asked(made)
    actor = people.actor("specialist")

    other = approvals.amend(
        request_id=request.pk,
        content={**request.content, "content_hash": "0" * 64},
        figures=request.figures,
        actor=actor,
        at=AT,
    )

    assert Revision.objects.get(pk=made.id).state == "withdrawn"
    with pytest.raises(errors.RevisionClosed):
        _decide_all(people, other)
    assert Publication.objects.count() == 0


def test_an_approved_request_is_not_changed_under_what_is_live(people: Team) -> None:
    made = published(people)
    request = asked(made)

    with pytest.raises(errors.InEffect):
        approvals.amend(
            request_id=request.pk,
            content={**request.content, "reason": "another"},
            figures=request.figures,
            actor=people.actor("specialist"),
            at=LATER,
        )

    assert live_no(people) == 1


def test_what_was_live_before_is_taken_over_once(people: Team) -> None:
    contents = {people.here.pk: HELLO, people.there.pk: CHANGED}

    made = services.open_as_history(
        kind=KIND, contents=contents, why="taken over", actor=IMPORTER, at=AT
    )
    again = services.open_as_history(
        kind=KIND, contents=contents, why="taken over", actor=IMPORTER, at=LATER
    )

    assert (made, again) == (2, 0)
    assert live_no(people) == 1
    assert Request.objects.get().kind == "opening"
    published(people, CHANGED, at=LATER)
    assert standings(people, LATER) == ["live", "replaced"]


def test_nobody_else_takes_history_over(people: Team) -> None:
    with pytest.raises(Forbidden):
        services.open_as_history(
            kind=KIND,
            contents={people.here.pk: HELLO},
            why="x",
            actor=people.actor("supervisor"),
            at=AT,
        )

    assert Revision.objects.count() == 0


def _decide_all(people: Team, request: RequestInfo) -> None:
    for name in ("web", "supervisor"):
        approvals.approve(
            request_id=request.id,
            content_hash=request.content_hash,
            actor=people.actor(name),
            at=LATER,
        )
