"""Rule documents: two people decide, one version a day is in force, readers say they read it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.documents import rules, selectors, services
from ops.engines.documents.choices import VersionState
from ops.engines.documents.errors import (
    DocumentMissing,
    DocumentWrong,
    NotEffective,
    VersionClosed,
)
from ops.engines.documents.models import DocumentReading, DocumentVersion, Interpretation
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices import selectors as notices
from ops.engines.notices.types import NoticeInfo
from tests.engines.approvals.toys import refused_by
from tests.engines.documents.people import TODAY, decide, draft, people, publish
from tests.engines.identity.factories import AT, SYSTEM

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def state(version_id: int) -> str:
    return DocumentVersion.objects.values_list("state", flat=True).get(pk=version_id)


def test_a_version_is_in_force_once_head_and_compliance_agreed() -> None:
    who = people()
    version = draft(who)

    request = services.submit(version_id=version.id, actor=who.writer, at=AT)
    decide(request, who.head)
    halfway = state(version.id)
    decide(request, who.compliance)

    kept = DocumentVersion.objects.get(pk=version.id)
    assert halfway == VersionState.REVIEW
    assert (kept.state, kept.approval_id) == (VersionState.EFFECTIVE, request.id)
    assert (kept.effective_on, kept.review_on) == (TODAY, dt.date(2027, 5, 21))
    assert selectors.version_at(code="SOP-01", day=TODAY).id == version.id


def test_a_rule_of_the_company_is_the_directors_too() -> None:
    who = people()
    version = draft(who, department_id=None)

    request = services.submit(version_id=version.id, actor=who.writer, at=AT)

    assert [step.role for step in request.steps] == [
        Role.COMPLIANCE_OFFICER,
        Role.OPERATIONS_DIRECTOR,
    ]


def test_an_outsider_writes_nothing() -> None:
    who = people()

    with pytest.raises(Forbidden):
        draft(who, actor=who.keeper)

    assert not DocumentVersion.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": "  "}, "documents.text"),
        ({"effective_on": TODAY - DAY}, "documents.effective_past"),
        ({"expires_on": TODAY}, "documents.expires_before"),
        ({"audience": []}, "documents.audience"),
        ({"code": "sop 1"}, "documents.code"),
    ],
)
def test_what_cannot_be_a_rule_is_refused(wrong: dict[str, Any], code: str) -> None:
    who = people()

    with pytest.raises(DocumentWrong) as refusal:
        draft(who, **wrong)

    assert refusal.value.code == code
    assert not DocumentVersion.objects.exists()


def test_the_words_that_were_handed_in_stay() -> None:
    who = people()
    version = draft(who)
    services.submit(version_id=version.id, actor=who.writer, at=AT)

    with pytest.raises(VersionClosed):
        services.revise(
            code="SOP-01", text="别的", reason="改", effective_on=TODAY, actor=who.writer, at=AT
        )
    with refused_by("documentversion_words_stay"):
        DocumentVersion.objects.filter(pk=version.id).update(text="别的")

    assert DocumentVersion.objects.get(pk=version.id).text.startswith("一、")


def test_a_returned_version_is_a_draft_again() -> None:
    who = people()
    version = draft(who)
    request = services.submit(version_id=version.id, actor=who.writer, at=AT)

    approvals.send_back(
        request_id=request.id,
        reason="缺少附表",
        content_hash=request.content_hash,
        actor=who.head,
        at=AT,
    )

    assert state(version.id) == VersionState.DRAFT
    again = services.revise(
        code="SOP-01", text="补附表", reason="补", effective_on=TODAY, actor=who.writer, at=AT
    )
    assert (again.id, again.number) == (version.id, 1)


def test_the_database_puts_nothing_in_force_without_its_approval() -> None:
    who = people()
    version = draft(who)
    request = services.submit(version_id=version.id, actor=who.writer, at=AT)

    with refused_by("documents_documentversion_needs_rule_document"):
        DocumentVersion.objects.filter(pk=version.id).update(
            state=VersionState.APPROVED, approval_id=request.id, published_at=AT
        )
    with refused_by("documentversion_course"):
        DocumentVersion.objects.filter(pk=version.id).update(state=VersionState.EFFECTIVE)

    assert state(version.id) == VersionState.REVIEW


def test_the_approval_of_one_version_does_not_carry_another() -> None:
    who = people()
    approved = publish(who, draft(who))
    other = draft(who, code="SOP-02")
    DocumentVersion.objects.filter(pk=other.id).update(state=VersionState.REVIEW)

    with refused_by("documents_documentversion_needs_rule_document_lines"):
        DocumentVersion.objects.filter(pk=other.id).update(
            state=VersionState.APPROVED, approval_id=approved.approval_id, published_at=AT
        )

    assert state(other.id) == VersionState.REVIEW


def test_versions_change_places_on_their_day_and_old_ones_are_kept() -> None:
    who = people()
    first = publish(who, draft(who))
    later = TODAY + 10 * DAY
    second = services.revise(
        code="SOP-01",
        text="一、核对送货单。\n二、当场清点并拍照。",
        reason="补拍照",
        effective_on=later,
        actor=who.writer,
        at=AT,
    )
    publish(who, second)
    assert state(second.id) == VersionState.APPROVED

    early = services.switch_due(actor=SYSTEM, at=AT + 9 * DAY)
    on_time = services.switch_due(actor=SYSTEM, at=AT + 10 * DAY)
    again = services.switch_due(actor=SYSTEM, at=AT + 10 * DAY)

    assert (early.effective, on_time.effective, again.effective) == (0, 1, 0)
    former = DocumentVersion.objects.get(pk=first.pk)
    assert (former.state, former.ended_on) == (VersionState.SUPERSEDED, later)
    assert selectors.version_at(code="SOP-01", day=later - DAY).id == first.pk
    assert selectors.version_at(code="SOP-01", day=later).id == second.id
    with pytest.raises(DocumentMissing):
        selectors.version_at(code="SOP-01", day=TODAY - DAY)


def test_two_versions_cannot_be_in_force_on_one_day() -> None:
    who = people()
    first = publish(who, draft(who))
    second = services.revise(
        code="SOP-01", text="新", reason="改", effective_on=TODAY + DAY, actor=who.writer, at=AT
    )
    publish(who, second)

    with refused_by("documentversion_one_in_force"):
        DocumentVersion.objects.filter(pk=second.id).update(state=VersionState.EFFECTIVE)

    assert state(first.pk) == VersionState.EFFECTIVE


def test_a_trial_ends_by_itself_and_its_owner_is_warned_once() -> None:
    who = people()
    version = publish(who, draft(who, expires_on=TODAY + 40 * DAY))

    calm = services.switch_due(actor=SYSTEM, at=AT + 9 * DAY)
    warned = services.switch_due(actor=SYSTEM, at=AT + 10 * DAY)
    again = services.switch_due(actor=SYSTEM, at=AT + 11 * DAY)
    over = services.switch_due(actor=SYSTEM, at=AT + 40 * DAY)

    assert (calm.warned, warned.warned, again.warned) == (0, 1, 0)
    assert over.ended == 1
    assert state(version.pk) == VersionState.ABOLISHED


def test_a_review_is_opened_on_its_day_and_once() -> None:
    who = people()
    publish(who, draft(who, review_months=1))

    early = services.switch_due(actor=SYSTEM, at=AT + 29 * DAY)
    due = services.switch_due(actor=SYSTEM, at=AT + 30 * DAY)
    again = services.switch_due(actor=SYSTEM, at=AT + 31 * DAY)

    assert (early.reviews, due.reviews, again.reviews) == (0, 1, 0)
    assert any("Review due" in row.title or "复审" in row.title for row in inbox(who.writer))


def test_an_abolition_is_decided_like_the_rule_itself() -> None:
    who = people()
    version = publish(who, draft(who))

    request = services.abolish(
        version_id=version.pk, reason="并入新规程", actor=who.writer, at=AT + DAY
    )
    with refused_by("documentversion_needs_abolition"):
        DocumentVersion.objects.filter(pk=version.pk).update(
            state=VersionState.ABOLISHED, ended_on=TODAY, abolition_id=request.id
        )
    decide(request, who.head, who.compliance, at=AT + DAY)

    kept = DocumentVersion.objects.get(pk=version.pk)
    assert (kept.state, kept.ended_on) == (VersionState.ABOLISHED, TODAY + DAY)
    assert Request.objects.get(pk=kept.abolition_id or 0).content["reason"] == "并入新规程"


def test_readers_are_asked_counted_and_reminded_until_they_confirm() -> None:
    who = people()
    version = publish(who, draft(who))
    asked = [inbox(one) for one in (who.keeper, who.other_keeper, who.head)]

    first = services.acknowledge(
        version_id=version.pk, digest=version.digest, actor=who.keeper, at=AT
    )
    again = services.acknowledge(
        version_id=version.pk, digest=version.digest, actor=who.keeper, at=AT
    )

    standing = selectors.readership(version_id=version.pk, at=AT)
    assert [len(rows) for rows in asked][:2] == [1, 1]
    assert (first, again) == (True, False)
    assert (standing.confirmed, [one.name for one in standing.missing]) == (1, ["other"])
    assert inbox(who.keeper) == []
    assert services.remind(actor=SYSTEM, at=AT + 6 * DAY) == 0
    assert services.remind(actor=SYSTEM, at=AT + 7 * DAY) == 1
    assert services.remind(actor=SYSTEM, at=AT + 7 * DAY) == 0
    assert services.remind(actor=SYSTEM, at=AT + 14 * DAY) == 1


def test_only_the_words_in_force_are_confirmed() -> None:
    who = people()
    version = draft(who)

    with pytest.raises(NotEffective):
        services.acknowledge(version_id=version.id, digest=version.digest, actor=who.keeper, at=AT)
    publish(who, version)
    with pytest.raises(VersionClosed):
        services.acknowledge(version_id=version.id, digest="0" * 64, actor=who.keeper, at=AT)
    with refused_by("documentreading_cites_words"):
        DocumentReading.objects.create(
            version_id=version.id, person_id=who.keeper.person_id or 0, digest="0" * 64, at=AT
        )

    assert not DocumentReading.objects.exists()


def test_a_confirmation_is_never_taken_back() -> None:
    who = people()
    version = publish(who, draft(who))
    services.acknowledge(version_id=version.pk, digest=version.digest, actor=who.keeper, at=AT)

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        DocumentReading.objects.all().delete()

    assert DocumentReading.objects.count() == 1


def test_only_the_owners_department_says_what_a_rule_means() -> None:
    who = people()
    version = publish(who, draft(who))
    words = {"passage": "二", "question": "夜班呢？", "answer": "同样当场清点。"}

    services.interpret(version_id=version.pk, **words, actor=who.head, at=AT)
    with pytest.raises(Forbidden):
        services.interpret(version_id=version.pk, **words, actor=who.compliance, at=AT)

    assert Interpretation.objects.count() == 1


def test_the_difference_shows_what_came_and_went() -> None:
    assert rules.changes("a\nb\nc", "a\nB\nc") == [
        (" ", "a"),
        ("-", "b"),
        ("+", "B"),
        (" ", "c"),
    ]


def test_unread_documents_are_those_in_force_and_addressed_to_me() -> None:
    who = people()
    version = publish(who, draft(who))
    draft(who, code="SOP-02")

    assert selectors.unread_count(actor=who.keeper) == 1
    assert selectors.unread_count(actor=who.director) == 0
    services.acknowledge(version_id=version.pk, digest=version.digest, actor=who.keeper, at=AT)
    assert selectors.unread_count(actor=who.keeper) == 0


def inbox(actor: Actor) -> list[NoticeInfo]:
    """Return what the library asks of a person."""
    return [
        row
        for row in notices.inbox(actor=actor, kinds=["act"])
        if row.subject.startswith(rules.SUBJECT) and row.link.startswith("/documents/")
    ]
