"""What channels show against what was approved; rivals against limits (CAT-4.2-03, -06)."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from catalog import ports
from catalog.choices.patrol import CaseState, OutlierState, Severity, ViolationKind
from catalog.errors import prices as errors
from catalog.errors.goods import ReasonNeeded
from catalog.models import (
    CompetitorPrice,
    OfferSuspension,
    PriceChange,
    PriceOutlier,
    PriceViolation,
)
from catalog.selectors import offers, prices
from catalog.services import patrol, pricing, rivals
from catalog.types.patrol import RivalRow, ShownRow
from ops.engines.clocks import selectors as clocks
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.parse import business_day
from ops.engines.tables.services import import_file
from tests.catalog.shop import END, START, Shop, actor
from tests.catalog.test_constraints import run
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

HOUR = timedelta(hours=1)
Cost = Callable[[dict[int, str]], None]


def show(
    shop: Shop, price: str, *, struck: str | None = None, sku: int = 0, at: object = AT
) -> None:
    rivals.take_shown(
        channel_id=shop.channel_id,
        rows=[
            ShownRow(
                sku_id=shop.sku_ids[sku],
                price=Decimal(price),
                struck=None if struck is None else Decimal(struck),
                seen_at=at,  # type: ignore[arg-type]
            )
        ],
        source="tests",
        actor=SYSTEM,
        at=AT,
    )


def on_sale(shop: Shop, *, at: object = AT) -> set[int]:
    found = prices.price_at(
        sku_ids=shop.sku_ids,
        channel_id=shop.channel_id,
        at=at,  # type: ignore[arg-type]
    )
    return set(found)


def kinds() -> set[str]:
    return set(PriceViolation.objects.values_list("kind", flat=True))


def test_an_offer_as_approved_is_no_case(shop: Shop) -> None:
    show(shop, "199.00")

    report = patrol.patrol(actor=SYSTEM, at=AT)

    assert (report.offers, report.opened, report.suspended) == (1, 0, 0)
    assert on_sale(shop) == set(shop.sku_ids)


@pytest.mark.clause("CAT-4.2-03")
def test_another_price_than_approved_is_a_case_with_owner_and_clock(shop: Shop) -> None:
    change = shop.approved("189.00")
    pricing.activate_due(actor=SYSTEM, at=START)
    show(shop, "185.00", at=START + HOUR)

    report = patrol.patrol(actor=SYSTEM, at=START + HOUR)

    case = PriceViolation.objects.get()
    assert (report.opened, report.severe, report.suspended) == (1, 0, 0)
    assert (case.kind, case.severity) == (ViolationKind.WRONG_PRICE, Severity.MEDIUM)
    assert (case.shown_price, case.right_price) == (Decimal("185.00"), Decimal("189.00"))
    assert case.owner_id == PriceChange.objects.get(pk=change.id).drafted_by
    (clock,) = clocks.of_subject(
        subject_type=patrol.SUBJECT, subject_id=case.pk, actor=actor(shop.supervisor)
    )
    assert (clock.kind, clock.role) == (patrol.HANDLING, Role.OPERATIONS_SUPERVISOR)


@pytest.mark.clause("CAT-4.2-03")
def test_a_severe_violation_takes_the_offer_off_sale_at_once(shop: Shop, cost_of: Cost) -> None:
    cost_of({shop.sku_ids[0]: "180.00"})  # floor 200.00
    show(shop, "150.00")

    report = patrol.patrol(actor=SYSTEM, at=AT)

    assert (report.severe, report.suspended) == (1, 1)
    assert kinds() == {ViolationKind.BELOW_FLOOR}
    assert on_sale(shop) == {shop.sku_ids[1]}
    found = offers.offers(channel="tmall", codes=["A-1001-S", "A-1001-M"], at=AT)
    assert found is not None
    assert found.by_code["A-1001-S"].price is None
    assert found.by_code["A-1001-M"].price == Decimal("199.00")
    assert on_sale(shop, at=AT - HOUR) == set(shop.sku_ids)


@pytest.mark.clause("CAT-4.2-03")
def test_the_price_of_a_window_that_is_over_is_a_case(shop: Shop) -> None:
    shop.approved("189.00")
    pricing.activate_due(actor=SYSTEM, at=START)
    show(shop, "189.00", at=END + HOUR)

    patrol.patrol(actor=SYSTEM, at=END + HOUR)

    case = PriceViolation.objects.get()
    assert (case.kind, case.right_price) == (ViolationKind.WINDOW_OVER, Decimal("199.00"))


@pytest.mark.clause("CAT-4.2-03")
def test_a_struck_out_price_nobody_proved_is_severe(shop: Shop) -> None:
    show(shop, "199.00", struck="399.00")

    patrol.patrol(actor=SYSTEM, at=AT)

    case = PriceViolation.objects.get()
    assert (case.kind, case.severity) == (ViolationKind.NO_PROOF, Severity.SEVERE)
    assert shop.sku_ids[0] not in on_sale(shop)


def test_an_approved_price_whose_floor_rose_is_named_and_stays(shop: Shop, cost_of: Cost) -> None:
    cost_of({shop.sku_ids[0]: "190.00"})
    show(shop, "199.00")

    patrol.patrol(actor=SYSTEM, at=AT)

    case = PriceViolation.objects.get()
    assert (case.kind, case.severity) == (ViolationKind.FLOOR_ROSE, Severity.LIGHT)
    assert on_sale(shop) == set(shop.sku_ids)


def test_what_a_promotion_promises_counts_as_approved(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised = {shop.sku_ids[0]: Decimal("150.00")}
    monkeypatch.setattr(ports.promised_prices, "_answer", lambda *, channel_id, at: promised)
    show(shop, "150.00")

    assert patrol.patrol(actor=SYSTEM, at=AT).opened == 0


def test_an_offer_shown_although_off_sale_is_severe(shop: Shop) -> None:
    patrol.suspend_offer(
        sku_id=shop.sku_ids[0],
        channel_id=shop.channel_id,
        reason="wrong",
        actor=actor(shop.supervisor),
        at=AT,
    )
    show(shop, "199.00", at=AT + HOUR)

    patrol.patrol(actor=SYSTEM, at=AT + HOUR)

    assert kinds() == {ViolationKind.STILL_SHOWN}


def test_a_second_patrol_sees_the_case_again_and_opens_none(shop: Shop) -> None:
    show(shop, "150.00")
    patrol.patrol(actor=SYSTEM, at=AT)

    report = patrol.patrol(actor=SYSTEM, at=AT + HOUR)

    case = PriceViolation.objects.get()
    assert (report.opened, report.again, case.times_seen) == (0, 1, 2)
    assert case.last_seen_at == AT + HOUR


def test_what_was_not_seen_for_three_days_is_not_judged(shop: Shop) -> None:
    show(shop, "150.00", at=AT - timedelta(days=3, seconds=1))

    assert patrol.patrol(actor=SYSTEM, at=AT).offers == 0
    assert not PriceViolation.objects.exists()


@pytest.mark.clause("CAT-4.2-03")
def test_a_case_is_handled_once_and_says_how(shop: Shop, cost_of: Cost) -> None:
    cost_of({shop.sku_ids[0]: "180.00"})
    show(shop, "150.00")
    patrol.patrol(actor=SYSTEM, at=AT)
    case = PriceViolation.objects.get()
    who = actor(shop.supervisor)

    with pytest.raises(ReasonNeeded):
        patrol.handle(case_id=case.pk, handling=" ", lift=True, actor=who, at=AT + HOUR)
    with pytest.raises(Forbidden):
        patrol.handle(case_id=case.pk, handling="x", lift=True, actor=actor(shop.specialist), at=AT)
    assert shop.sku_ids[0] not in on_sale(shop)
    patrol.handle(case_id=case.pk, handling="Channel corrected", lift=True, actor=who, at=AT + HOUR)

    assert on_sale(shop, at=AT + HOUR) == set(shop.sku_ids)
    assert patrol.patrol(actor=SYSTEM, at=AT + 2 * HOUR).opened == 0  # seen before it was put back
    with pytest.raises(errors.CaseClosed):
        patrol.handle(case_id=case.pk, handling="again", lift=False, actor=who, at=AT + HOUR)
    with refused_by("catalog_priceviolation_ends_once"):
        run("UPDATE catalog_priceviolation SET handling = 'nothing'")
    assert PriceViolation.objects.get().handling == "Channel corrected"
    assert PriceViolation.objects.get().state == CaseState.HANDLED


@pytest.mark.clause("CAT-4.2-01")
def test_compliance_takes_a_wrong_price_off_sale_at_once_and_another_puts_it_back(
    shop: Shop,
) -> None:
    officer = actor(account("officer", Role.COMPLIANCE_OFFICER))
    where = {"sku_id": shop.sku_ids[0], "channel_id": shop.channel_id}

    patrol.suspend_offer(**where, reason="Decimal slipped", actor=officer, at=AT)

    assert on_sale(shop) == {shop.sku_ids[1]}
    with pytest.raises(errors.OfferSuspended):
        patrol.suspend_offer(**where, reason="again", actor=officer, at=AT)
    with pytest.raises(errors.SamePerson):
        patrol.lift_offer(**where, reason="fine now", actor=officer, at=AT + HOUR)
    with refused_by("offersuspension_two_persons"):
        run(
            "UPDATE catalog_offersuspension SET lifted_at = %s, lifted_by = set_by,"
            " lifted_why = 'x'",
            AT + HOUR,
        )
    assert on_sale(shop) == {shop.sku_ids[1]}
    patrol.lift_offer(**where, reason="fine now", actor=actor(shop.supervisor), at=AT + HOUR)
    assert on_sale(shop, at=AT + HOUR) == set(shop.sku_ids)
    with refused_by("offersuspension_only_lifted"):
        run("UPDATE catalog_offersuspension SET lifted_at = NULL, lifted_by = NULL, lifted_why=''")


def test_who_may_not_approve_takes_nothing_off_sale(shop: Shop) -> None:
    with pytest.raises(Forbidden):
        patrol.suspend_offer(
            sku_id=shop.sku_ids[0],
            channel_id=shop.channel_id,
            reason="x",
            actor=actor(shop.specialist),
            at=AT,
        )
    assert not OfferSuspension.objects.exists()


def test_a_patrol_of_many_offers_takes_the_same_statements(shop: Shop) -> None:
    show(shop, "150.00")
    with CaptureQueriesContext(connection) as few:
        patrol.patrol(actor=SYSTEM, at=AT)
    PriceViolation.objects.all()
    for number in (0, 1):
        show(shop, "140.00", struck="300.00", sku=number, at=AT + HOUR)
    with CaptureQueriesContext(connection) as many:
        patrol.patrol(actor=SYSTEM, at=AT + HOUR)

    assert abs(len(many) - len(few)) <= 2  # the second finds old cases and new ones


def test_a_channels_file_of_offers_is_read(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "offers.csv"
    path.write_text(
        "商品编码,页面价,划线价\nA-1001-S,189.00,299\na-1001-m,1,\nNONE,1,\nA-1001-M,NaN,\n"
    )

    batch = import_file(
        profile="channel_offers",
        path=path,
        name=path.name,
        actor=actor(shop.specialist),
        at=AT,
        options={"channel": "tmall"},
    )

    assert (batch.accepted, batch.rejected) == (1, 3)
    patrol.patrol(actor=SYSTEM, at=AT)
    assert kinds() == {ViolationKind.WRONG_PRICE, ViolationKind.NO_PROOF}


def seen(shop: Shop, *rows: tuple[str, str, int]) -> None:
    """Record (rival, price, days ago) for the first SKU."""
    rivals.record_prices(
        rows=[
            RivalRow(
                sku_id=shop.sku_ids[0],
                rival=rival,
                price=Decimal(price),
                seen_on=business_day(AT) - timedelta(days=days),
                source="https://shop.example/1",
            )
            for rival, price, days in rows
        ],
        actor=actor(shop.specialist),
        at=AT,
    )


@pytest.mark.clause("CAT-4.2-06")
def test_a_price_far_above_the_cheapest_rival_is_suggested_to_fall(shop: Shop) -> None:
    seen(shop, ("甲", "150.00", 3), ("甲", "100.00", 9), ("乙", "180.00", 1), ("丙", "90.00", 31))

    report = patrol.check_rivals(actor=SYSTEM, at=AT)

    assert (report.opened, report.again) == (1, 0)
    outlier = PriceOutlier.objects.get()
    assert (outlier.kind, outlier.compared_with) == ("above_rival", Decimal("150.00"))
    assert (outlier.percent, outlier.limit) == (Decimal("32.7"), Decimal("20.0"))
    assert patrol.check_rivals(actor=SYSTEM, at=AT + HOUR).again == 1


@pytest.mark.clause("CAT-4.2-06")
def test_an_outlier_becomes_a_draft_or_a_recorded_decision_to_keep(
    shop: Shop, cost_of: Cost
) -> None:
    seen(shop, ("甲", "150.00", 3))
    cost_of({shop.sku_ids[1]: "190.00"})
    patrol.check_rivals(actor=SYSTEM, at=AT)
    above = PriceOutlier.objects.get(kind="above_rival")
    low = PriceOutlier.objects.get(kind="low_margin")
    who = actor(shop.specialist)
    assert low.suggested == Decimal("271.43")  # 190.00 at the target margin of 30 per cent

    change = rivals.draft_from_outlier(outlier_id=above.pk, starts_at=START, actor=who, at=AT)
    with pytest.raises(ReasonNeeded):
        rivals.keep_price(outlier_id=low.pk, reason=" ", actor=who, at=AT)
    rivals.keep_price(outlier_id=low.pk, reason="Ends with the season", actor=who, at=AT)

    line = PriceChange.objects.get(pk=change.id).lines.get()
    assert (line.new_price, line.rival_price) == (Decimal("150.00"), Decimal("150.00"))
    above.refresh_from_db()
    low.refresh_from_db()
    assert (above.state, above.change_id) == (OutlierState.DRAFTED, change.id)
    assert (low.state, low.reason) == (OutlierState.KEPT, "Ends with the season")
    with pytest.raises(errors.CaseClosed):
        rivals.keep_price(outlier_id=above.pk, reason="no", actor=who, at=AT)
    with refused_by("catalog_priceoutlier_ends_once"):
        run("UPDATE catalog_priceoutlier SET reason = 'other'")
    again = patrol.check_rivals(actor=SYSTEM, at=AT + HOUR)
    assert (again.opened, PriceOutlier.objects.filter(kind="low_margin").count()) == (1, 1)


@pytest.mark.clause("CAT-4.2-06")
def test_a_competitor_price_has_its_source_and_stays(shop: Shop) -> None:
    seen(shop, ("甲", "150.00", 3))
    seen(shop, ("甲", "150.00", 3))

    assert CompetitorPrice.objects.count() == 1
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run("UPDATE catalog_competitorprice SET price = 1")
    with refused_by("competitorprice_says_where"):
        run(
            "INSERT INTO catalog_competitorprice (sku_id, rival, price, seen_on, source, note,"
            " recorded_by, recorded_at) VALUES (%s, '甲', 1, %s, '', '', 1, %s)",
            shop.sku_ids[0],
            business_day(AT),
            AT,
        )


def test_a_file_of_competitor_prices_is_read(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "rivals.csv"
    path.write_text(
        "商品编码,竞争对手,竞品价,日期,来源\n"
        "A-1001-S,甲,150.00,2026-11-20,https://shop.example/1\n"
        "A-1001-S,甲,150.00,2099-11-20,https://shop.example/1\n"
        "A-1001-S,甲,1.234,2026-11-20,https://shop.example/1\n"
        "A-1001-S,甲,150.00,2026-11-20,\n"
    )

    batch = import_file(
        profile="competitor_prices",
        path=path,
        name=path.name,
        actor=actor(shop.specialist),
        at=AT,
    )

    assert (batch.accepted, batch.rejected) == (1, 3)
