"""The patrol by the clock and on paper: its job, its report, the way from a total to its rows."""

from datetime import timedelta

import pytest

from catalog.choices.patrol import ViolationKind
from catalog.models import PriceOutlier, PriceViolation, Promotion
from catalog.services import patrol, redemption, rivals
from ops.engines.jobs import services as jobs
from ops.engines.kernel.parse import business_day
from ops.engines.notices.models import Notice
from ops.engines.reports import services as reports
from ops.engines.reports.choices import Format
from tests.catalog.promos import DURING, running, wish
from tests.catalog.shop import Shop, actor
from tests.catalog.test_patrol import seen, show
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM

DAY = f"{business_day(AT):%Y-%m-%d}"


@pytest.mark.clause("CAT-4.2-03")
def test_the_job_patrols_daily(shop: Shop) -> None:
    show(shop, "150.00")

    done = jobs.run_now(name="price_patrol", period=DAY, actor=SYSTEM, at=AT)

    assert done.result is not None
    assert (done.result["offers"], done.result["opened"]) == (1, 1)
    assert PriceViolation.objects.get().kind == ViolationKind.WRONG_PRICE
    assert not PriceOutlier.objects.exists()


def test_every_hour_promotions_are_checked_and_their_channels_patrolled(shop: Shop) -> None:
    gift = {"sku_id": shop.sku_ids[0], "quantity": 1, "value": "9.00"}
    rule = {"type": "gift", "gifts": [gift], "caps": {"budget": "100"}}
    made = running(shop, rule, gift_stock=1)
    show(shop, "150.00")
    hour = f"{DURING:%Y-%m-%dT%H}:00+00:00"

    nothing = jobs.run_now(name="price_patrol", period=hour, actor=SYSTEM, at=DURING)
    redemption.consume(
        wanted=[wish(made, 1, amount="0.00", gift_pieces=1)], actor=SYSTEM, at=DURING
    )
    later = f"{DURING + timedelta(hours=1):%Y-%m-%dT%H}:00+00:00"
    done = jobs.run_now(
        name="price_patrol", period=later, actor=SYSTEM, at=DURING + timedelta(hours=1)
    )

    assert nothing.result is not None
    assert (nothing.result["paused"], nothing.result["offers"]) == (0, 1)
    assert done.result == {"paused": 1}
    assert Promotion.objects.get(pk=made.id).paused_why == "The gifts are used up."
    told = Notice.objects.filter(subject=f"catalog.promotion:{made.id}")
    assert shop.supervisor.person_id in set(told.values_list("person_id", flat=True))


@pytest.mark.clause("CAT-4.2-06")
def test_the_job_compares_with_rivals_weekly(shop: Shop) -> None:
    seen(shop, ("甲", "150.00", 3))
    year, week, _day = business_day(AT).isocalendar()

    done = jobs.run_now(name="price_patrol", period=f"{year}-W{week:02}", actor=SYSTEM, at=AT)

    assert done.result == {"opened": 1, "again": 0}
    assert PriceOutlier.objects.get().kind == "above_rival"


@pytest.mark.clause("CAT-4.2-03", "CAT-4.2-06")
def test_the_report_lists_violations_handling_and_outliers(shop: Shop) -> None:
    show(shop, "150.00")
    seen(shop, ("甲", "150.00", 3))
    patrol.patrol(actor=SYSTEM, at=AT)
    patrol.check_rivals(actor=SYSTEM, at=AT)
    case, outlier = PriceViolation.objects.get(), PriceOutlier.objects.get()
    who = actor(shop.supervisor)
    patrol.handle(case_id=case.pk, handling="Channel corrected", lift=False, actor=who, at=AT)
    rivals.keep_price(
        outlier_id=outlier.pk, reason="Season ends", actor=actor(shop.specialist), at=AT
    )

    for period in (DAY, DAY[:7]):
        file = reports.build(name="price_patrol", period=period, fmt=Format.CSV, actor=who, at=AT)
        text = file.path.read_text("utf-8-sig")
        assert file.rows == 2
        for words in (case.number, "Channel corrected", "Season ends", "展示价与批准价不符"):
            assert words in text


def test_screens_lead_from_the_list_to_the_case_and_to_the_sku(shop: Shop) -> None:
    show(shop, "150.00")
    seen(shop, ("甲", "150.00", 3))
    patrol.patrol(actor=SYSTEM, at=AT)
    patrol.check_rivals(actor=SYSTEM, at=AT + timedelta(hours=1))
    case, outlier = PriceViolation.objects.get(), PriceOutlier.objects.get()
    desk = enter(shop.supervisor)

    listed = desk.get("/price-violations/?sku=A-1001-S").content.decode()
    page = desk.get(f"/price-violations/{case.pk}/").content.decode()

    assert f"/price-violations/{case.pk}/" in listed
    assert f"/skus/{shop.sku_ids[0]}/" in page
    other = desk.get("/price-violations/?sku=A-1001-M").content.decode()
    assert case.number in listed
    assert case.number not in other
    assert f"/price-outliers/{outlier.pk}/" in desk.get("/price-outliers/").content.decode()
    assert desk.get(f"/price-outliers/{outlier.pk}/").status_code == 200
    assert desk.get(f"/skus/{shop.sku_ids[0]}/").status_code == 200
