"""Price violations held against channels: points, log, word of it, assessment (CAT-4.2-03)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from catalog.choices.patrol import ViolationKind
from catalog.errors import penalties as errors
from catalog.errors.goods import ReasonNeeded
from catalog.models import PricePatrol, PricePenalty, PriceViolation
from catalog.scores import PRICE_DISCIPLINE
from catalog.selectors import penalties as selectors
from catalog.services import patrol, penalties, pricing
from ops.engines.audit import selectors as audit
from ops.engines.events import delivery
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.jobs import services as jobs
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices.models import Notice
from ops.engines.scorecards.models import Card
from tests.catalog.shop import START, Shop, actor
from tests.catalog.test_patrol import show
from tests.compliance.conftest import enter
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

HOUR = timedelta(hours=1)
RULE = "Price rules, article 3"
ANSWER = "A colleague mistyped the price"


@pytest.fixture
def officer(shop: Shop) -> User:
    return account("officer", Role.COMPLIANCE_OFFICER)


def found(shop: Shop, price: str = "150.00", *, at: datetime = AT) -> PriceViolation:
    show(shop, price, at=at)
    patrol.patrol(actor=SYSTEM, at=at)
    return PriceViolation.objects.latest("pk")


def confirm(case: PriceViolation, user: User, **changes: str) -> PricePenalty:
    given = {"rule": RULE, "statement": ANSWER, **changes}
    return penalties.confirm(case_id=case.pk, **given, actor=actor(user), at=AT + HOUR)


def told(user: User) -> list[str]:
    rows = Notice.objects.filter(person_id=user.person_id).order_by("pk")
    return list(rows.values_list("title", flat=True))


@pytest.mark.clause("CAT-4.2-03")
def test_every_round_stands_in_the_log_even_when_nothing_was_found(shop: Shop) -> None:
    show(shop, "199.00")

    patrol.patrol(actor=SYSTEM, at=AT)
    found(shop, at=AT + HOUR)

    rows = PricePatrol.objects.order_by("pk").values_list("offers", "opened", "suspended")
    assert list(rows) == [(1, 0, 0), (1, 1, 0)]
    with pytest.raises(ProgrammingError, match="permission"), transaction.atomic():
        PricePatrol.objects.update(opened=0)


@pytest.mark.clause("CAT-4.2-03")
def test_the_timeline_of_a_case_tells_how_it_was_found_judged_and_handled(
    shop: Shop, officer: User, cost_of: Callable[[dict[int, str]], None]
) -> None:
    cost_of({shop.sku_ids[0]: "180.00"})
    case = found(shop)
    confirm(case, officer)
    patrol.handle(
        case_id=case.pk, handling="Put right", lift=True, actor=actor(shop.supervisor), at=AT + HOUR
    )

    lines = audit.timeline(object_type=patrol.SUBJECT, object_id=case.pk)

    said = {line.action: line.body.get("number", "") for line in lines}
    assert {what: number for what, number in said.items() if what.startswith("catalog.")} == {
        "catalog.price_violation_found": case.number,
        "catalog.offer_suspended": "",
        "catalog.price_penalty_confirmed": PricePenalty.objects.get().number,
        "catalog.price_violation_handled": case.number,
    }
    first = next(line for line in lines if line.action == "catalog.price_violation_found")
    assert (first.body["kind"], first.body["shown"]) == (ViolationKind.BELOW_FLOOR, "150.00")


@pytest.mark.clause("CAT-4.2-03")
def test_a_confirmed_case_costs_the_channel_points_and_its_people_are_told(
    shop: Shop, officer: User
) -> None:
    case = found(shop)

    made = confirm(case, officer)

    assert (made.points, made.rule, made.statement) == (3, RULE, ANSWER)
    title = "A price violation counts against the channel: %(number)s"
    assert title in told(shop.supervisor)
    with pytest.raises(errors.PenaltyGiven):
        confirm(case, officer)
    assert PricePenalty.objects.count() == 1


def test_who_does_not_judge_holds_nothing_against_a_channel(shop: Shop, officer: User) -> None:
    case = found(shop)

    with pytest.raises(Forbidden):
        confirm(case, shop.supervisor)
    with pytest.raises(ReasonNeeded):
        confirm(case, officer, statement=" ")

    assert not PricePenalty.objects.exists()


def test_nobody_judges_ones_own_price_not_even_past_the_service(shop: Shop, officer: User) -> None:
    pricing.activate_due(actor=SYSTEM, at=START)
    case = found(shop)
    PriceViolation.objects.filter(pk=case.pk).update(owner_id=officer.person_id)

    with pytest.raises(errors.OwnPrice):
        confirm(case, officer)
    with refused_by("pricepenalty_not_ones_own"), transaction.atomic():
        written(case, by=officer.person_id or 0)

    assert not PricePenalty.objects.exists()


def test_points_are_those_of_the_table_and_a_risen_cost_is_nobodys_fault(
    shop: Shop, officer: User
) -> None:
    case = found(shop)
    with refused_by("pricepenalty_points_of_its_severity"), transaction.atomic():
        written(case, by=1, points=6)
    PriceViolation.objects.filter(pk=case.pk).update(kind=ViolationKind.FLOOR_ROSE)

    with pytest.raises(errors.NobodysFault):
        confirm(case, officer)
    with refused_by("pricepenalty_has_a_fault"), transaction.atomic():
        written(case, by=1)

    assert not PricePenalty.objects.exists()


def written(case: PriceViolation, *, by: int, points: int = 3) -> PricePenalty:
    """Write a penalty past the service."""
    return PricePenalty.objects.create(
        violation=case, number="PP-X", points=points, rule=RULE, statement=ANSWER,
        confirmed_by=by, confirmed_at=AT,
    )  # fmt: skip


def test_another_person_takes_a_penalty_back_once(shop: Shop, officer: User) -> None:
    case = found(shop)
    made = confirm(case, officer)
    second = account("second", Role.COMPLIANCE_OFFICER)

    with pytest.raises(errors.OwnPenalty):
        penalties.revoke(case_id=case.pk, reason="Wrong", actor=actor(officer), at=AT + HOUR)
    made.refresh_from_db()
    assert made.revoked_at is None
    penalties.revoke(case_id=case.pk, reason="Wrong", actor=actor(second), at=AT + HOUR)

    with pytest.raises(errors.PenaltyGiven):
        penalties.revoke(case_id=case.pk, reason="Again", actor=actor(second), at=AT + HOUR)
    with refused_by("pricepenalty_taken_back_once"), transaction.atomic():
        PricePenalty.objects.update(revoked_why="Other words")
    made.refresh_from_db()
    assert made.revoked_why == "Wrong"


@pytest.mark.clause("CAT-4.2-03")
def test_points_feed_the_assessment_of_the_channel(shop: Shop, officer: User) -> None:
    case = found(shop)
    confirm(case, officer)
    month = f"{AT:%Y-%m}"

    jobs.run_now(name="price_discipline_run", period=month, actor=SYSTEM, at=AT + timedelta(days=9))

    card = Card.objects.get(scorecard=PRICE_DISCIPLINE.key)
    assert (card.subject_id, card.subject_name) == (shop.channel_id, "天猫旗舰店")
    lines = {line.criterion: line.points for line in card.lines.all()}
    assert lines == {"penalties": 80, "offers": 0}


def test_a_penalty_taken_back_costs_no_points(shop: Shop, officer: User) -> None:
    case = found(shop)
    confirm(case, officer)
    second = account("second", Role.COMPLIANCE_OFFICER)
    penalties.revoke(case_id=case.pk, reason="Wrong", actor=actor(second), at=AT + HOUR)

    jobs.run_now(
        name="price_discipline_run", period=f"{AT:%Y-%m}", actor=SYSTEM, at=AT + timedelta(days=9)
    )

    card = Card.objects.get(scorecard=PRICE_DISCIPLINE.key)
    assert card.lines.get(criterion="penalties").points == 100


def test_who_handles_and_who_judges_are_told_once_what_a_round_opened(
    shop: Shop, officer: User
) -> None:
    found(shop)

    delivery.drain(at=AT)
    row = PricePatrol.objects.get()
    again = penalties.tell_patrols(
        rounds=[(row.channel_id, row.patrolled_at.isoformat())], actor=SYSTEM, at=AT
    )

    title = "The price patrol opened %(opened)s cases in %(channel)s"
    assert (told(shop.supervisor).count(title), told(officer).count(title)) == (1, 1)
    assert again == 0
    assert selectors.newest_round() == AT


def test_screens_show_the_log_the_penalties_and_the_case(shop: Shop, officer: User) -> None:
    case = found(shop)
    desk = enter(officer)

    press = desk.post(
        f"/price-violations/{case.pk}/",
        {"action": "confirm", "rule": RULE, "statement": ANSWER},
    )

    made = PricePenalty.objects.get()
    assert press.status_code == 302
    assert made.number in desk.get(f"/price-violations/{case.pk}/").content.decode()
    assert made.number in desk.get("/price-penalties/").content.decode()
    assert "天猫旗舰店" in desk.get("/price-patrols/").content.decode()
