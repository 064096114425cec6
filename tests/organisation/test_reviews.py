"""The quarterly review of rights: somebody else answers, signs, and silence ends the right."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from ops.engines.audit.models import Fact
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as access
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User
from ops.engines.jobs import services as jobs
from ops.engines.jobs.choices import RunState
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.notices.models import Notice
from ops.engines.reports import services as reports
from ops.organisation.choices import ReviewState, RightKind, Verdict
from ops.organisation.errors import NotYourReview, ReviewAnswered, ReviewMissing
from ops.organisation.models import AccessReview, AccessReviewLine
from ops.organisation.selectors import handover
from ops.organisation.selectors import reviewing as reading
from ops.organisation.services import reviewing
from tests.engines.identity.factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db


class House:
    """A department with a head and an agent, an executive, a compliance officer."""

    def __init__(self) -> None:
        self.place = Department.objects.create(code="kf", name="客服部")
        self.head = account("head", Role.DEPARTMENT_HEAD, department_id=self.place.pk)
        self.agent = account("agent", Role.CUSTOMER_SERVICE_AGENT, department_id=self.place.pk)
        self.executive = account("executive", Role.EXECUTIVE)
        self.compliance = account("compliance", Role.COMPLIANCE_OFFICER)
        access.grant_scope(
            user_id=self.agent.pk,
            kind="department",
            object_id=self.place.pk,
            actor=SYSTEM,
            at=AT,
        )
        self.review_id = reviewing.open_review(period="2026-Q4", actor=SYSTEM, at=AT)

    def actor(self, user: User, at: datetime = AT) -> Actor:
        return identity.actor_for(user, at=at)

    def lines(self, user: User) -> list[AccessReviewLine]:
        return list(AccessReviewLine.objects.filter(person_id=user.person_id).order_by("pk"))

    def watch(self, days: int) -> dict[str, int]:
        return reviewing.watch(actor=SYSTEM, at=AT + timedelta(days=days))


@pytest.fixture
def house() -> House:
    return House()


def test_every_right_in_force_is_asked_about_and_by_another_person(house: House) -> None:
    reviewers = {
        (line.person_id, line.kind): line.reviewer_id for line in AccessReviewLine.objects.all()
    }

    assert reviewers == {
        (house.agent.person_id, RightKind.POSITION): house.head.person_id,
        (house.agent.person_id, RightKind.SCOPE): house.head.person_id,
        (house.head.person_id, RightKind.POSITION): house.executive.person_id,
        (house.executive.person_id, RightKind.POSITION): house.compliance.person_id,
        (house.compliance.person_id, RightKind.POSITION): house.executive.person_id,
    }
    assert Notice.objects.filter(person_id=house.head.person_id, kind="act").count() == 1


def test_a_period_is_asked_about_once(house: House) -> None:
    again = reviewing.open_review(period="2026-Q4", actor=SYSTEM, at=AT)

    assert again == house.review_id
    assert AccessReview.objects.count() == 1
    assert AccessReviewLine.objects.count() == 5


def test_a_kept_right_stays_and_its_answer_is_signed(house: House) -> None:
    line = house.lines(house.agent)[0]

    reviewing.answer(line_ids=[line.pk], verdict=Verdict.KEPT, actor=house.actor(house.head), at=AT)

    line.refresh_from_db()
    assert line.signature == reviewing.signature_of(line)
    assert line.decided_by_id == house.head.person_id
    assert house.actor(house.agent).holds(Role.CUSTOMER_SERVICE_AGENT)
    fact = Fact.objects.get(action="organisation.rights_kept")
    assert line.signature in fact.body
    line.right_zh = "另一项权限"
    assert line.signature != reviewing.signature_of(line)


def test_a_right_taken_away_ends_at_once(house: House) -> None:
    ids = [line.pk for line in house.lines(house.agent)]
    epoch = identity.epoch_of(house.agent.pk)

    done = reviewing.answer(
        line_ids=ids,
        verdict=Verdict.REVOKED,
        reason="已调岗",
        actor=house.actor(house.head),
        at=AT,
    )

    agent = house.actor(User.objects.select_related("person").get(pk=house.agent.pk))
    assert done == 2
    assert agent.roles == {"all_staff"}
    assert agent.scopes == {}
    assert identity.epoch_of(house.agent.pk) != epoch


def test_only_the_named_other_person_answers_once_and_with_a_reason(house: House) -> None:
    line = house.lines(house.agent)[0]
    own = house.lines(house.head)[0]
    stranger = identity.actor_for(account("stranger", Role.STORE_MANAGER), at=AT)
    head = house.actor(house.head)

    with pytest.raises(NotYourReview):
        reviewing.answer(line_ids=[line.pk], verdict=Verdict.KEPT, actor=stranger, at=AT)
    with pytest.raises(NotYourReview):
        reviewing.answer(line_ids=[own.pk], verdict=Verdict.KEPT, actor=head, at=AT)
    with pytest.raises(NotYourReview):
        reviewing.answer(line_ids=[line.pk], verdict=Verdict.KEPT, actor=SYSTEM, at=AT)
    with pytest.raises(BadInput):
        reviewing.answer(line_ids=[line.pk], verdict=Verdict.REVOKED, actor=head, at=AT)
    with pytest.raises(BadInput):
        reviewing.answer(line_ids=[line.pk], verdict=Verdict.LAPSED, actor=head, at=AT)
    with pytest.raises(ReviewMissing):
        reviewing.answer(line_ids=[line.pk, 0], verdict=Verdict.KEPT, actor=head, at=AT)
    assert set(AccessReviewLine.objects.values_list("verdict", flat=True)) == {"pending"}
    reviewing.answer(line_ids=[line.pk], verdict=Verdict.KEPT, actor=head, at=AT)
    with pytest.raises(ReviewAnswered):
        reviewing.answer(line_ids=[line.pk], verdict=Verdict.KEPT, actor=head, at=AT)


def test_a_review_that_is_answered_closes(house: House) -> None:
    for user in (house.agent, house.head, house.executive, house.compliance):
        for line in house.lines(user):
            reviewer = User.objects.select_related("person").get(person_id=line.reviewer_id or 0)
            reviewing.answer(
                line_ids=[line.pk], verdict=Verdict.KEPT, actor=house.actor(reviewer), at=AT
            )

    assert AccessReview.objects.get().state == ReviewState.CLOSED


def test_unanswered_rights_lapse_after_two_reminders_and_an_escalation(house: House) -> None:
    assert house.watch(6) == {"reminded": 0, "escalated": 0, "lapsed": 0}
    assert house.watch(7)["reminded"] > 0
    assert house.watch(12)["reminded"] > 0
    assert house.watch(13) == {"reminded": 0, "escalated": 0, "lapsed": 0}
    assert house.watch(14)["escalated"] == 5
    assert house.actor(house.agent).holds(Role.CUSTOMER_SERVICE_AGENT)
    assert house.watch(20) == {"reminded": 0, "escalated": 0, "lapsed": 0}

    lapsed = house.watch(21)["lapsed"]

    later = AT + timedelta(days=21)
    assert lapsed == 3
    assert house.actor(house.agent, later).roles == {"all_staff"}
    assert house.actor(house.agent, later).scopes == {}
    assert house.actor(house.executive, later).holds(Role.EXECUTIVE)
    assert house.actor(house.compliance, later).holds(Role.COMPLIANCE_OFFICER)
    assert AccessReviewLine.objects.filter(verdict=Verdict.LAPSED).count() == 3
    assert Notice.objects.filter(person_id=house.compliance.person_id).count() >= 2
    assert house.watch(22)["lapsed"] == 0


def test_a_watch_that_comes_late_still_reminds_twice_and_escalates_first(house: House) -> None:
    steps = [house.watch(40) for _time in range(4)]

    assert [next(key for key, value in step.items() if value) for step in steps] == [
        "reminded",
        "reminded",
        "escalated",
        "lapsed",
    ]


def test_after_the_escalation_the_compliance_officer_answers_but_not_for_their_own(
    house: House,
) -> None:
    line = house.lines(house.agent)[0]
    officer = house.actor(house.compliance)
    with pytest.raises(NotYourReview):
        reviewing.answer(line_ids=[line.pk], verdict=Verdict.KEPT, actor=officer, at=AT)
    for day in (7, 12, 14):
        house.watch(day)

    reviewing.answer(line_ids=[line.pk], verdict=Verdict.KEPT, actor=officer, at=AT)

    line.refresh_from_db()
    assert line.decided_by_id == house.compliance.person_id
    own = house.lines(house.compliance)[0]
    with pytest.raises(NotYourReview):
        reviewing.answer(line_ids=[own.pk], verdict=Verdict.KEPT, actor=officer, at=AT)
    own.refresh_from_db()
    assert own.verdict == Verdict.PENDING


@pytest.mark.parametrize(
    ("claim", "sql"),
    [
        ("reviewline_answer_stays", "UPDATE {t} SET verdict = 'revoked' WHERE verdict = 'kept'"),
        ("reviewline_answer_stays", "UPDATE {t} SET person_id = reviewer_id"),
        ("reviewline_lapses_after_escalation", ("UPDATE {t} SET verdict = 'lapsed',"
         " decided_at = now() WHERE verdict = 'pending'")),
        ("reviewline_by_another", ("UPDATE {t} SET verdict = 'kept', decided_by_id = person_id,"
         " decided_at = now(), signature = repeat('a', 64) WHERE verdict = 'pending'")),
        ("reviewline_answer_signed", ("UPDATE {t} SET verdict = 'kept',"
         " decided_by_id = reviewer_id, decided_at = now() WHERE verdict = 'pending'")),
    ],
)  # fmt: skip
def test_the_database_keeps_answers_signed_by_another_and_unchanged(
    house: House, claim: str, sql: str
) -> None:
    reviewing.answer(
        line_ids=[house.lines(house.agent)[0].pk],
        verdict=Verdict.KEPT,
        actor=house.actor(house.head),
        at=AT,
    )
    before = list(AccessReviewLine.objects.order_by("pk").values())

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        connection.cursor().execute(sql.format(t="organisation_accessreviewline"))
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        connection.cursor().execute("DELETE FROM organisation_accessreviewline")

    name = refusal.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert name == claim
    assert list(AccessReviewLine.objects.order_by("pk").values()) == before


def test_a_reviewer_sees_own_lines_and_a_watcher_all(house: House) -> None:
    def seen(user: User) -> int:
        return reading.lines(review_id=house.review_id, actor=house.actor(user)).count()

    assert (seen(house.head), seen(house.agent), seen(house.compliance)) == (2, 0, 5)
    assert reading.reviews(actor=house.actor(house.agent)).count() == 0
    assert reading.waiting_for(actor=house.actor(house.head)).count() == 2


def test_the_job_opens_the_review_of_the_quarter_once(house: House) -> None:
    for _time in range(2):
        run = jobs.run_now(name="access_review_open", period="2027-Q1", actor=SYSTEM, at=AT)
        assert run.state == RunState.DONE, run.error

    assert AccessReview.objects.filter(period="2027-Q1").count() == 1


def test_the_reports_name_rights_answers_and_conflicts(house: House) -> None:
    account("both", Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_SPECIALIST)

    found = reports.build(name="duty_conflicts", period="2026-11", fmt="csv", actor=SYSTEM, at=AT)
    review = reports.build(name="access_review", period="2026-Q4", fmt="csv", actor=SYSTEM, at=AT)

    assert "price_x_approval" in found.path.read_text(encoding="utf-8-sig")
    assert "客服人员（客服部）" in review.path.read_text(encoding="utf-8-sig")
    assert review.rows == 5


def test_open_work_of_a_leaver_is_counted(house: House) -> None:
    work = handover.open_work(person_id=house.head.person_id, at=AT)

    assert work == (0, 0, 2)
