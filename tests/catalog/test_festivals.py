"""Festivals, seasons and promotions on one calendar; who is told what is missing (CAT-4.4-03)."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.choices.festivals import FestivalKind, PlanStatus
from catalog.choices.promotions import PromotionState
from catalog.errors import festivals as errors
from catalog.models import Festival, Promotion
from catalog.selectors import festivals as selectors
from catalog.selectors import promotion_figures, promotion_overlaps, promotion_rules
from catalog.services import festivals
from catalog.types.festivals import FestivalContent, FestivalPlan
from ops.engines.jobs import services as jobs
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.parse import business_day
from ops.engines.notices.models import Notice
from tests.catalog.promos import PERCENT, approved, draft, submitted
from tests.catalog.shop import START, Shop, actor
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM

TODAY = business_day(AT)
DAY = timedelta(days=1)
NO_PLAN = "%(name)s begins in %(days)s days and nobody drafted a promotion"
SHARED = "%(one)s and %(other)s reach the same %(skus)s SKUs in one time"


@pytest.fixture(autouse=True)
def only_ours(db: None) -> None:
    """Set the shipped festivals aside: each test writes those it speaks of."""
    Festival.objects.update(is_held=False)


def content(in_days: int = 30, *, name: str = "店庆", **changes: object) -> FestivalContent:
    first = TODAY + in_days * DAY
    given: dict[str, object] = {
        "name": name,
        "kind": FestivalKind.SHOPPING,
        "starts_on": first,
        "ends_on": first + 2 * DAY,
        "is_marked": True,
        **changes,
    }
    return FestivalContent(**given)  # type: ignore[arg-type]


def keep(shop: Shop, in_days: int = 30, **changes: object) -> Festival:
    return festivals.keep(content=content(in_days, **changes), actor=actor(shop.supervisor), at=AT)  # type: ignore[arg-type]


def watch(*, day: date = TODAY) -> dict[str, int]:
    done = jobs.run_now(name="campaign_calendar_watch", period=f"{day}", actor=SYSTEM, at=AT)
    assert done.result is not None
    return dict(done.result)


def told(title: str) -> list[int]:
    return list(Notice.objects.filter(title=title).values_list("person_id", flat=True))


def plan(row: Festival) -> FestivalPlan:
    (found,) = selectors.planned([row], among=Promotion.objects.all(), at=AT)
    return found


def test_the_shipped_days_hold_lunar_festivals_year_by_year() -> None:
    spring = Festival.objects.filter(name="春节").order_by("starts_on")
    marked = Festival.objects.filter(is_marked=True, starts_on__year=2027)

    assert [str(row.starts_on) for row in spring] == ["2026-02-17", "2027-02-06"]
    assert {row.name for row in marked} == {"年货节", "618", "双11", "双12"}


@pytest.mark.clause("CAT-4.4-03")
def test_thirty_days_before_a_marked_festival_without_a_draft_the_supervisor_is_told_once(
    shop: Shop,
) -> None:
    keep(shop, 30)
    keep(shop, 31, name="太远")
    keep(shop, 10, name="不标", is_marked=False)

    first, again = watch(), watch(day=TODAY - DAY)

    assert (first["reminded"], again["reminded"]) == (1, 0)
    assert told(NO_PLAN) == [shop.supervisor.person_id]
    assert Notice.objects.get(title=NO_PLAN).params == {"name": "店庆", "days": 30}


@pytest.mark.clause("CAT-4.4-03")
def test_a_draft_in_its_days_is_a_plan_and_nobody_is_reminded(shop: Shop) -> None:
    row = keep(shop, 3)
    assert plan(row).status == PlanStatus.NONE
    made = draft(shop)

    assert watch()["reminded"] == 0
    assert plan(row).status == PlanStatus.DRAFTED
    Promotion.objects.filter(pk=made.id).update(state=PromotionState.WITHDRAWN)
    assert watch(day=TODAY - DAY)["reminded"] == 1


@pytest.mark.clause("CAT-4.4-03")
def test_the_status_of_a_plan_is_its_furthest_promotion(shop: Shop) -> None:
    row = keep(shop, 3)
    submitted(shop)
    assert plan(row).status == PlanStatus.SUBMITTED
    approved(shop)

    found = plan(row)

    assert (found.status, found.promotions, found.days_left) == (PlanStatus.APPROVED, 2, 3)
    assert plan(keep(shop, -9, name="过去")).status == PlanStatus.OVER


@pytest.mark.clause("CAT-4.4-03")
def test_promotions_on_one_sku_in_one_time_are_flagged_once(shop: Shop) -> None:
    small, medium = shop.sku_ids[:2]
    one = submitted(shop, {**PERCENT, "condition": {"goods": {"skus": [small]}}})
    other = submitted(shop, {**PERCENT, "condition": {"goods": {"except_skus": [medium]}}})
    submitted(shop, {**PERCENT, "condition": {"goods": {"skus": [medium]}}})

    assert (watch()["overlaps"], watch(day=TODAY - DAY)["overlaps"]) == (1, 0)

    assert told(SHARED) == [shop.specialist.person_id]
    params = Notice.objects.get(title=SHARED).params
    assert params == {"one": one.number, "other": other.number, "skus": 1}


@pytest.mark.clause("CAT-4.4-03")
def test_an_overlap_is_flagged_at_submission(shop: Shop) -> None:
    one = submitted(shop)

    made = submitted(shop)

    request = Promotion.objects.get(pk=made.id).approval
    assert request is not None
    assert [each["number"] for each in request.content["overlaps"]] == [one.number]
    assert request.figures["overlapping"] == 1


def test_overlaps_are_those_the_database_counts(shop: Shop) -> None:
    small, medium = shop.sku_ids[:2]
    goods = [{}, {"skus": [small]}, {"categories": ["missing"]}, {"except_skus": [small]}]
    rows = [
        Promotion.objects.get(pk=draft(shop, {**PERCENT, "condition": {"goods": each}}).id)
        for each in goods
    ]

    found = promotion_overlaps.shared(rows)

    plans = {row.pk: promotion_figures.plan_of(row).rule for row in rows}
    ids = sorted(plans)
    counted = {
        (a, b): promotion_rules.skus_of_both(plans[a], plans[b])
        for place, a in enumerate(ids)
        for b in ids[place + 1 :]
    }
    assert {(each.one, each.other): each.skus for each in found} == {
        pair: count for pair, count in counted.items() if count
    }
    assert medium


def test_overlaps_of_many_take_two_statements(shop: Shop) -> None:
    named = {**PERCENT, "condition": {"goods": {"except_skus": [shop.sku_ids[0]]}}}
    rows = [Promotion.objects.get(pk=draft(shop, named).id) for _one in range(5)]

    with CaptureQueriesContext(connection) as seen:
        assert len(promotion_overlaps.shared(rows)) == 10

    assert len(seen) == 2


@pytest.mark.clause("CAT-4.4-03")
def test_the_calendar_shows_festivals_season_promotions_and_plan_status(shop: Shop) -> None:
    keep(shop, 3)
    keep(shop, 0, name="旺季", kind=FestivalKind.SEASON, is_marked=False)
    one, other = approved(shop), submitted(shop)
    with time_machine.travel(AT, tick=False):
        desk = enter(shop.supervisor)

        page = desk.get(f"/promotion-calendar/{START:%Y-%m}/").content.decode()

        for words in ("店庆", "旺季", one.number, other.number, "方案已批准", "同时覆盖相同商品"):
            assert words in page
        assert desk.get("/promotion-calendar/").status_code == 200
        assert desk.get("/promotion-calendar/2026-Q4/").status_code == 400


def test_a_festival_is_written_and_changed_by_the_supervisor_alone(shop: Shop) -> None:
    row = keep(shop)

    with pytest.raises(Forbidden):
        festivals.keep(content=content(5), actor=actor(shop.specialist), at=AT)
    with pytest.raises(errors.FestivalTaken):
        keep(shop)
    with pytest.raises(errors.FestivalDaysWrong):
        keep(shop, 5, ends_on=TODAY)
    assert Festival.objects.filter(is_held=True).count() == 1

    moved = festivals.keep(
        content=content(40), festival_id=row.pk, actor=actor(shop.supervisor), at=AT
    )

    assert (moved.pk, moved.starts_on) == (row.pk, TODAY + 40 * DAY)


def test_the_form_of_a_festival_keeps_what_was_typed(shop: Shop) -> None:
    desk = enter(shop.supervisor)
    typed = {
        "name": "店庆", "name_en": "", "kind": "shopping", "starts_on": f"{TODAY + DAY}",
        "ends_on": f"{TODAY + DAY}", "is_marked": "on", "is_held": "on",
    }  # fmt: skip

    made = desk.post("/festivals/new/", typed)
    row = Festival.objects.get(name="店庆")
    changed = desk.post(f"/festivals/{row.pk}/", {**typed, "name_en": "Birthday"})

    assert (made.status_code, changed.status_code) == (302, 302)
    row.refresh_from_db()
    assert (row.name_en, row.is_marked) == ("Birthday", True)
    assert "店庆" in desk.get("/festivals/").content.decode()


def test_the_database_refuses_a_festival_that_ends_before_it_begins() -> None:
    with pytest.raises(IntegrityError, match="festival_ends_after_start"), transaction.atomic():
        Festival.objects.create(name="X", kind="holiday", starts_on=TODAY, ends_on=TODAY - DAY)
