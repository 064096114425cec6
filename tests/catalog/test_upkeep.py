"""What the scans find, the tasks they open, and papers that run out."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from catalog.errors import listings as errors
from catalog.models import Delisting, Listing, ListingTask
from catalog.rules.categories import Attribute, Demands
from catalog.rules.listing.completeness import ListingRule
from catalog.services import categories, listing_rules, products, quality_watch, upkeep
from catalog.types.listings import ScanReport
from ops.engines.clocks import selectors as clocks
from ops.engines.clocks import services as clock_services
from ops.engines.events import delivery
from ops.engines.kernel.errors import Conflict
from ops.engines.notices.models import Notice
from ops.engines.revisions.errors import FindingsStop
from tests.catalog.listed import Stall, open_stall, review
from tests.catalog.shop import Shop, actor
from tests.catalog.test_listings import price
from tests.engines.identity.factories import AT, SYSTEM

NEXT = AT + timedelta(days=1)
OLD = AT + timedelta(days=91)


def silent(_done: int, _total: int, _stage: str) -> None:
    """Say nothing."""


def night(at: datetime = NEXT) -> ScanReport:
    return upkeep.scan_completeness(actor=SYSTEM, at=at, progress=silent)


def monday(at: datetime) -> ScanReport:
    return upkeep.scan_freshness(actor=SYSTEM, at=at, progress=silent)


def row_of(stall: Stall) -> Listing:
    return Listing.objects.get(pk=stall.listing_id)


def tighten(stall: Stall, **changes: Any) -> None:
    listing_rules.set_rule(
        category_id=stall.shop.category_id,
        rule=ListingRule(**changes),
        starts_on=date(2026, 11, 22),
        reason="stricter",
        actor=SYSTEM,
        at=AT,
    )


@pytest.mark.clause("CAT-4.3-01")
def test_the_night_keeps_the_percentage_and_what_is_missing(stall: Stall) -> None:
    stall.list()
    night()
    assert (row_of(stall).percent, row_of(stall).missing) == (100, [])
    assert not ListingTask.objects.exists()

    tighten(stall, least_section=60)
    report = night()

    assert row_of(stall).percent == 44
    assert {one["field"] for one in row_of(stall).missing} == {
        "specification", "material", "function", "use", "after_sales",
    }  # fmt: skip
    assert (report.reopened, ListingTask.objects.get().kind) == (1, "incomplete")


@pytest.mark.clause("CAT-4.3-01")
def test_a_listing_is_reopened_once_and_closed_by_its_next_version(stall: Stall) -> None:
    stall.list()
    tighten(stall, least_section=24)
    night()
    assert night(NEXT + timedelta(days=1)).reopened == 0
    (waiting,) = clocks.mine(actor=actor(stall.shop.specialist, at=NEXT))

    longer = {name: f"{text}{text}" for name, text in stall.content()["sections"].items()}
    stall.write(why="longer texts", at=NEXT, **longer)
    stall.submit(at=NEXT)
    stall.approve(stall.editors, at=NEXT)

    task = ListingTask.objects.get()
    assert (waiting.kind, task.outcome) == (upkeep.UPKEEP, "changed")
    assert night(NEXT + timedelta(days=2)).incomplete == 2
    assert row_of(stall).percent == 100


def test_goods_taken_over_have_a_percentage_and_no_task(shop: Shop) -> None:
    report = night()

    assert (report.looked_at, report.incomplete, report.reopened) == (2, 2, 0)
    assert {row.percent for row in Listing.objects.all()} <= {11, 22}


@pytest.mark.clause("CAT-4.3-09")
def test_what_nobody_verified_for_ninety_days_needs_a_look(stall: Stall) -> None:
    stall.list()
    assert monday(AT + timedelta(days=89)).tasks == 0

    report = monday(OLD)

    assert (report.stale, report.tasks) == (3, 3)
    task = ListingTask.objects.get(listing=stall.listing_id)
    upkeep.verify(
        listing_id=stall.listing_id,
        note="looked at every line",
        actor=actor(stall.shop.specialist, at=OLD),
        at=OLD,
    )
    task.refresh_from_db()
    assert (task.outcome, task.note, row_of(stall).verified_at) == (
        "verified",
        "looked at every line",
        OLD,
    )
    assert monday(OLD + timedelta(days=7)).tasks == 0


@pytest.mark.clause("CAT-4.3-09")
def test_the_days_are_those_of_the_category(stall: Stall) -> None:
    stall.list()
    tighten(stall, verify_days=30)

    assert monday(AT + timedelta(days=31)).stale == 3


@pytest.mark.clause("CAT-4.3-09")
def test_what_contradicts_facts_price_or_stock_needs_a_look_at_once(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    categories.set_category_rule(
        category_id=stall.shop.category_id,
        demands=Demands(
            attributes=(Attribute(key="length", title="衣长", kind="number", unit="厘米"),)
        ),
        starts_on=date(2026, 11, 21),
        reason="facts",
        actor=SYSTEM,
        at=AT,
    )
    stall.list(specification="尺码 S 到 XL，衣长 64 厘米，胸围宽松。")
    products.edit_product(
        product_id=stall.product_id, attributes={"length": "66"}, actor=SYSTEM, at=NEXT
    )
    monkeypatch.setattr("catalog.ports.sellable_pieces._answer", lambda **_asked: {})

    report = monday(NEXT)

    task = ListingTask.objects.get(listing=stall.listing_id)
    assert (report.contradicting, task.kind) == (1, "contradicts")
    assert [one["field"] for one in task.details] == ["specification", "stock"]
    with pytest.raises(errors.StillWrong):
        upkeep.verify(
            listing_id=stall.listing_id,
            note="fine",
            actor=actor(stall.shop.specialist, at=NEXT),
            at=NEXT,
        )
    assert ListingTask.objects.get(pk=task.pk).done_at is None


@pytest.mark.clause("CAT-4.3-09")
def test_a_task_late_by_seven_days_reaches_the_supervisor(stall: Stall) -> None:
    stall.list()
    monday(OLD)
    told = Notice.objects.filter(person=stall.shop.supervisor.person_id)
    before = told.count()

    clock_services.sweep(actor=SYSTEM, at=OLD + timedelta(days=13))
    assert told.count() == before
    clock_services.sweep(actor=SYSTEM, at=OLD + timedelta(days=15))

    assert told.count() > before


@pytest.mark.clause("CAT-4.1-02")
def test_moving_a_category_judges_its_listings_by_what_they_inherit_now(stall: Stall) -> None:
    stall.list()
    night()
    strict = products.create_category(name="童装", actor=SYSTEM, at=AT)
    listing_rules.set_rule(
        category_id=strict.id,
        rule=ListingRule(least_images=5),
        starts_on=date(2026, 11, 21),
        reason="children",
        actor=SYSTEM,
        at=AT,
    )

    categories.move_category(
        category_id=stall.shop.category_id,
        parent_id=strict.id,
        reason="it is for children",
        actor=SYSTEM,
        at=AT,
    )
    delivery.drain(at=AT)

    assert row_of(stall).missing == [{"field": "images", "title": ""}]
    assert ListingTask.objects.get(listing=stall.listing_id).kind == "incomplete"


@pytest.mark.clause("CAT-4.1-02")
def test_a_move_asks_the_attributes_and_documents_of_the_new_shelf(stall: Stall) -> None:
    stall.list()
    night()
    strict = products.create_category(name="童装", actor=SYSTEM, at=AT)
    categories.set_category_rule(
        category_id=strict.id,
        demands=Demands(
            attributes=(Attribute(key="age", title="适用年龄", is_mandatory=True),),
            documents=(("ccc", "3C 证书"),),
        ),
        starts_on=date(2026, 11, 21),
        reason="children",
        actor=SYSTEM,
        at=AT,
    )

    categories.move_category(
        category_id=stall.shop.category_id,
        parent_id=strict.id,
        reason="it is for children",
        actor=SYSTEM,
        at=AT,
    )
    delivery.drain(at=AT)

    assert [one["field"] for one in row_of(stall).missing] == ["attribute:age", "document:ccc"]


def test_a_scan_asks_the_same_questions_for_one_listing_or_many(
    stall: Stall, django_assert_max_num_queries: Any
) -> None:
    stall.list()
    open_stall(stall.shop, name="羊绒开衫", with_pictures=False)

    with django_assert_max_num_queries(24):
        night()


@pytest.mark.clause("CAT-4.3-06")
def test_a_report_is_warned_of_in_time_and_then_takes_the_goods_off(stall: Stall) -> None:
    stall.review_id = review(stall, expires_on=date(2027, 1, 31))
    stall.list()
    told = Notice.objects.filter(person=stall.compliance.person_id)
    before = told.count()

    def watch(day: date) -> quality_watch.WatchReport:
        at = datetime(day.year, day.month, day.day, 22, tzinfo=AT.tzinfo) - timedelta(days=1)
        return quality_watch.watch(actor=SYSTEM, at=at)

    watch(date(2026, 12, 1))
    assert told.count() == before
    for day in (date(2026, 12, 2), date(2026, 12, 3), date(2027, 1, 1), date(2027, 1, 24)):
        watch(day)
    assert told.count() == before + 3
    assert watch(date(2027, 1, 30)).taken_off == 0

    report = watch(date(2027, 1, 31))

    off = Delisting.objects.get()
    assert (report.taken_off, off.reason, off.state) == (1, "credential", "at_once")
    assert off.stated_at is not None
    assert price(stall, at=datetime(2027, 2, 1, tzinfo=AT.tzinfo)) == "None"


@pytest.mark.clause("CAT-4.3-06")
@pytest.mark.parametrize("is_passed", [True, False])
def test_without_a_valid_pass_nothing_is_handed_in(stall: Stall, *, is_passed: bool) -> None:
    newest = review(stall, expires_on=date(2026, 12, 1), is_passed=is_passed)
    later = datetime(2026, 12, 2, tzinfo=AT.tzinfo)
    stall.review_id = newest
    stall.write(at=later)

    with pytest.raises(FindingsStop) as caught:
        stall.submit(at=later)

    assert {one["code"] for one in caught.value.context["findings"]} == {"catalog.quality_missing"}


@pytest.mark.clause("CAT-4.3-06")
def test_a_pass_that_is_gone_by_the_decision_lists_nothing(stall: Stall) -> None:
    stall.write()
    stall.submit()
    stall.attest()
    review(stall, is_passed=False)

    with pytest.raises((FindingsStop, Conflict)):
        stall.approve()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_listingshelf WHERE how = 'listed'")
        assert cursor.fetchone() == (0,)
