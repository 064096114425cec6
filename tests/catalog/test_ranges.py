"""The range review: SKUs ranked from the ledgers, decided, dropped, bought no more, disposed of."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.choices.ranges import DropState, LineState, Verdict
from catalog.errors import ranges as errors
from catalog.errors.goods import ReasonNeeded
from catalog.events import SkusDropped
from catalog.models import (
    Delisting,
    ListingShelf,
    RangeDrop,
    RangeDropLine,
    RangeReview,
    RangeReviewRow,
)
from catalog.rules import ranges as rules
from catalog.services import ranging
from inventory.choices import DisposalState, MoveReason, PurchaseState
from inventory.errors import NotReady, UnknownPlace, WrongState
from inventory.models import PurchaseLine, PurchaseOrder, StockDisposal
from inventory.services import disposals, purchasing, suppliers
from inventory.types import PurchaseWant
from ops.engines.approvals.models import Request
from ops.engines.clocks.models import Clock
from ops.engines.events import delivery
from ops.engines.identity.choices import Role
from ops.engines.jobs import services as jobs
from ops.engines.kernel.errors import BadInput, Forbidden, OpsError
from ops.engines.notices.models import Notice
from tests.catalog.listed import Stall
from tests.catalog.ranged import FIRST, LAST, NEW, Range, answer_sales, codes, open_range
from tests.catalog.shop import Shop, actor
from tests.engines.identity.factories import AT, SYSTEM, account

clause = pytest.mark.clause("CAT-4.1-05")


@pytest.fixture(name="range_")
def fixture_range(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Range:
    return open_range(shop, monkeypatch)


@pytest.fixture
def order(range_: Range) -> Any:
    """Order pieces of a SKU as the purchasing officer."""
    supplier = suppliers.create_supplier(code="S1", name="宏达", actor=SYSTEM, at=AT)
    buyer = account("buyer", Role.PURCHASING_OFFICER)

    def place(code: str) -> Any:
        want = PurchaseWant(
            sku_id=range_.skus[code], quantity=10, unit_cost=Decimal(10), reason="补货"
        )
        return purchasing.draft_purchase(
            supplier_id=supplier,
            warehouse_id=range_.warehouse_id,
            lines=[want],
            actor=actor(buyer),
            at=AT,
        )

    return place


@clause
def test_a_month_is_ranked_by_what_skus_earned_turned_and_got_back(range_: Range) -> None:
    made = range_.build()

    rows = list(RangeReviewRow.objects.filter(review=made).order_by("rank"))
    assert codes(rows)[:2] == ["RG-STAR", "RG-GOOD"]
    assert codes(rows)[-2:] == ["RG-DEAD", NEW]
    assert (made.sku_count, made.push_count, made.drop_count) == (7, 2, 1)
    star, back = range_.row("RG-STAR"), range_.row("RG-BACK")
    assert (star.pieces, star.revenue, star.margin) == (90, Decimal(2700), Decimal(1800))
    assert (star.margin_percent, star.stock) == (Decimal("66.7"), 10)
    # 90 pieces out of the mean of nothing and ten, twelve months a year.
    assert star.turns == Decimal("216.00")
    assert (back.returned, back.return_rate, back.stock) == (20, Decimal("50.0"), 80)
    assert made.basis == rules.basis()


@clause
def test_the_review_proposes_push_keep_and_drop_with_its_grounds(range_: Range) -> None:
    range_.build()

    found = {code: (range_.row(code).proposal, range_.row(code).grounds) for code in range_.skus}
    assert found["RG-STAR"] == ("push", ["best"])
    assert found["RG-FAIR"][0] == "keep"
    assert found["RG-BACK"][0] == "keep"
    assert "returned" in found["RG-BACK"][1]
    assert "losing" in found["RG-LOSS"][1]
    assert found["RG-DEAD"] == ("drop", ["unsold"])
    assert found[NEW] == ("keep", ["new", "unsold"]), "what came within the month is not judged"


@clause
def test_the_job_reviews_a_month_once_and_tells_those_who_decide(range_: Range) -> None:
    day = dt.datetime(2026, 12, 3, 1, tzinfo=dt.UTC)

    done = jobs.run_now(name="range_review_build", period="2026-11", actor=SYSTEM, at=day)

    assert done.result == {"skus": 7, "push": 2, "drop": 1}
    made = RangeReview.objects.get()
    told = Notice.objects.filter(link=f"/range-reviews/{made.pk}/")
    assert {one.person_id for one in told} == {
        range_.shop.specialist.person_id,
        range_.shop.supervisor.person_id,
    }
    assert ranging.build(first=FIRST, last=LAST, actor=SYSTEM, at=AT) is None
    assert RangeReview.objects.count() == 1


@clause
def test_stock_at_the_end_is_that_of_the_evening_not_of_today(range_: Range) -> None:
    range_.move("RG-FAIR", 25, MoveReason.RECEIPT, FIRST + dt.timedelta(days=19))

    made = ranging.build(first=FIRST, last=FIRST + dt.timedelta(days=18), actor=SYSTEM, at=AT)

    assert made is not None
    assert range_.row("RG-FAIR").stock == 60


@clause
def test_rows_are_kept_or_pushed_many_at_once_and_may_be_decided_anew(range_: Range) -> None:
    range_.build()
    rows = [range_.row(code).pk for code in ("RG-STAR", "RG-GOOD", "RG-FAIR")]
    supervisor = actor(range_.shop.supervisor)

    done = ranging.decide(row_ids=rows, verdict=Verdict.PUSH, note="主推", actor=supervisor, at=AT)
    ranging.decide(row_ids=rows[2:], verdict=Verdict.KEEP, actor=supervisor, at=AT)

    assert done == 3
    star, fair = range_.row("RG-STAR"), range_.row("RG-FAIR")
    assert (star.decision, star.note, star.decided_at) == ("push", "主推", AT)
    assert star.decided_by == supervisor.person_id
    assert fair.decision == "keep"


@clause
def test_a_drop_needs_its_approval_then_stops_purchasing_and_opens_a_disposal(
    range_: Range, order: Any
) -> None:
    range_.build()
    made = range_.ask("RG-DEAD")
    assert order("RG-DEAD").state == PurchaseState.DRAFT, "nothing is stopped before the decision"

    range_.decide(made)

    assert range_.row("RG-DEAD").decision == "drop"
    line = RangeDropLine.objects.get()
    assert (line.state, line.stopped_at) == (LineState.STOPPED, AT)
    with pytest.raises(NotReady) as refused:
        order("RG-DEAD")
    assert refused.value.code == "inventory.sku_retired"
    assert "RG-DEAD" in str(refused.value)
    assert PurchaseOrder.objects.count() == 1
    assert order("RG-FAIR").state == PurchaseState.DRAFT
    delivery.drain(at=AT)
    rest = StockDisposal.objects.get()
    assert (rest.sku_id, rest.pieces, rest.value) == (range_.skus["RG-DEAD"], 100, Decimal(1000))
    assert (rest.source_type, rest.source_id) == (ranging.SUBJECT, made.id)
    clock = Clock.objects.get(kind=disposals.FILING)
    assert (clock.subject_type, clock.subject_id) == (disposals.SUBJECT, rest.pk)


@clause
def test_the_database_refuses_to_buy_what_was_dropped(range_: Range, order: Any) -> None:
    range_.build()
    purchase = order("RG-FAIR")
    waiting = order("RG-DEAD")
    range_.dropped("RG-DEAD")

    for deed in (
        lambda: PurchaseLine.objects.create(
            purchase_id=purchase.id,
            line_no=2,
            sku_id=range_.skus["RG-DEAD"],
            quantity=1,
            unit_cost=1,
            reason="x",
        ),
        lambda: PurchaseOrder.objects.filter(pk=waiting.id).update(state="submitted"),
    ):
        with pytest.raises(DatabaseError, match="not to be bought"), transaction.atomic():
            deed()

    assert PurchaseLine.objects.count() == 2
    assert PurchaseOrder.objects.get(pk=waiting.id).state == "draft"


@clause
def test_the_database_stops_nothing_without_the_approval_of_that_drop(range_: Range) -> None:
    range_.build()
    first = range_.dropped("RG-DEAD")
    range_.ask("RG-LOSS")
    foreign = RangeDrop.objects.get(pk=first.id).approval_id
    line = RangeDropLine.objects.get(sku_id=range_.skus["RG-LOSS"])
    own = line.drop.approval_id

    for approval in (None, foreign, own):
        with pytest.raises(DatabaseError), transaction.atomic():
            RangeDropLine.objects.filter(pk=line.pk).update(
                state="stopped", stopped_at=AT, approval_id=approval
            )
    for deed in (
        lambda: RangeDropLine.objects.filter(drop_id=first.id).update(state="let_go"),
        lambda: RangeDropLine.objects.filter(drop_id=first.id).delete(),
        lambda: RangeReviewRow.objects.update(pieces=1),
        lambda: RangeReviewRow.objects.filter(sku_id=line.sku_id).update(decision="keep"),
        lambda: RangeReviewRow.objects.filter(sku_id=range_.skus["RG-STAR"]).update(
            decision="drop", decided_by=1, decided_at=AT
        ),
        lambda: RangeReview.objects.update(drop_count=0),
        lambda: RangeReview.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            deed()

    line.refresh_from_db()
    assert (line.state, RangeReview.objects.get().drop_count) == ("asked", 1)


@clause
def test_a_returned_drop_leaves_the_sku_bought_and_its_row_undecided(
    range_: Range, order: Any
) -> None:
    range_.build()
    made = range_.ask("RG-DEAD")

    range_.decide(made, back=True)

    assert RangeDrop.objects.get().state == DropState.RETURNED
    assert (range_.row("RG-DEAD").decision, RangeDropLine.objects.get().state) == ("", "let_go")
    assert order("RG-DEAD").state == PurchaseState.DRAFT
    delivery.drain(at=AT)
    assert not StockDisposal.objects.exists()
    again = range_.dropped("RG-DEAD")
    assert again.number != made.number


@clause
def test_nobody_decides_the_drop_they_asked_for_and_outsiders_decide_nothing(
    range_: Range,
) -> None:
    range_.build()
    made = range_.ask("RG-DEAD")
    with pytest.raises(OpsError):
        range_.decide(made, user=range_.shop.specialist)
    for deed in (
        lambda who: ranging.decide(
            row_ids=[range_.row("RG-STAR").pk], verdict="keep", actor=who, at=AT
        ),
        lambda who: ranging.ask_drop(
            row_ids=[range_.row("RG-LOSS").pk], note="x y", actor=who, at=AT
        ),
    ):
        with pytest.raises(Forbidden):
            deed(actor(account("keeper" + str(id(deed)), Role.WAREHOUSE_KEEPER)))

    assert RangeDropLine.objects.get().state == LineState.ASKED
    assert range_.row("RG-STAR").decision == ""


def test_what_waits_to_be_dropped_is_not_decided_beside_it(range_: Range) -> None:
    range_.build()
    range_.ask("RG-DEAD")
    row = range_.row("RG-DEAD").pk
    who = actor(range_.shop.specialist)

    with pytest.raises(errors.DropDecided):
        ranging.decide(row_ids=[row], verdict="keep", actor=who, at=AT)
    with pytest.raises(errors.DropDecided):
        ranging.ask_drop(row_ids=[row], note="又一次", actor=who, at=AT)
    with pytest.raises(ReasonNeeded):
        ranging.ask_drop(row_ids=[range_.row("RG-LOSS").pk], note=" ", actor=who, at=AT)
    with pytest.raises(errors.NothingChosen):
        ranging.decide(row_ids=[], verdict="keep", actor=who, at=AT)
    with pytest.raises(errors.ReviewMissing):
        ranging.decide(row_ids=[row, 10**12], verdict="keep", actor=who, at=AT)

    assert Request.objects.filter(subject_type=ranging.SUBJECT).count() == 1
    assert range_.row("RG-LOSS").decision == ""


@clause
def test_dropped_skus_are_not_ranked_again(range_: Range) -> None:
    range_.build()
    range_.dropped("RG-DEAD", "RG-LOSS")

    made = ranging.build(
        first=dt.date(2026, 12, 1), last=dt.date(2026, 12, 31), actor=SYSTEM, at=AT
    )

    assert made is not None
    assert made.rows == 5


@clause
def test_goods_leave_the_shelf_when_their_last_variant_is_dropped(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    stall.list()
    range_ = open_range(stall.shop, monkeypatch)
    range_.skus["LISTED"] = stall.sku_id
    range_.move("LISTED", 7, MoveReason.RECEIPT, FIRST)
    range_.build()

    made = range_.ask("LISTED")
    assert made.listing_ids == (stall.listing_id,)
    assert ListingShelf.objects.get(listing=stall.listing_id).delisting_id is None
    range_.decide(made)

    shelf = ListingShelf.objects.get(listing=stall.listing_id)
    off = Delisting.objects.get()
    assert shelf.delisting_id == off.pk
    assert (off.kind, off.reason, off.note) == ("retire", "slow", "无人问津")
    with pytest.raises(DatabaseError), transaction.atomic():
        Delisting.objects.create(
            number="DL-X",
            listing_id=stall.listing_id,
            kind="off",
            reason="slow",
            note="x",
            effective_at=AT,
            open_pieces=0,
            stock_pieces=0,
            state="approved",
            asked_by=1,
            asked_at=AT,
        )


@clause
def test_a_disposal_is_proposed_once_and_ends_when_nothing_is_left(range_: Range) -> None:
    range_.build()
    range_.dropped("RG-DEAD")
    delivery.drain(at=AT)
    rest = StockDisposal.objects.get()
    keeper = account("keeper", Role.WAREHOUSE_KEEPER)
    with pytest.raises(UnknownPlace):
        disposals.file_disposal(
            disposal_id=rest.pk, treatment="scrap", note="过时", actor=actor(keeper), at=AT
        )
    who = SYSTEM
    with pytest.raises(WrongState):
        disposals.end_disposal(disposal_id=rest.pk, actor=who, at=AT)
    with pytest.raises((BadInput, ValueError)):
        disposals.file_disposal(disposal_id=rest.pk, treatment="eat", note="x y", actor=who, at=AT)

    disposals.file_disposal(disposal_id=rest.pk, treatment="donate", note="捐助", actor=who, at=AT)

    with pytest.raises(WrongState):
        disposals.file_disposal(
            disposal_id=rest.pk, treatment="scrap", note="改主意", actor=who, at=AT
        )
    with pytest.raises(NotReady):
        disposals.end_disposal(disposal_id=rest.pk, actor=who, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        StockDisposal.objects.update(state="ended", ended_by=1, ended_at=AT)
    assert Clock.objects.get(kind=disposals.FILING).state == "met"
    range_.move("RG-DEAD", 100, MoveReason.WRITE_OFF, FIRST + dt.timedelta(days=20))
    disposals.end_disposal(disposal_id=rest.pk, actor=who, at=AT)
    rest.refresh_from_db()
    assert (rest.state, rest.treatment) == (DisposalState.ENDED, "donate")


def test_a_fact_told_twice_opens_one_disposal(range_: Range) -> None:
    range_.build()
    made = range_.dropped("RG-DEAD", "RG-LOSS")

    first = disposals.open_for_drop(drop_id=made.id, actor=SYSTEM, at=AT)
    second = disposals.open_for_drop(drop_id=made.id, actor=SYSTEM, at=AT)

    assert (first, second) == (2, 0)
    assert SkusDropped(drop_id=made.id).drop_id == made.id
    with pytest.raises(DatabaseError), transaction.atomic():
        StockDisposal.objects.create(
            number="SD-X",
            sku_id=range_.skus["RG-STAR"],
            warehouse_id=range_.warehouse_id,
            source_type=ranging.SUBJECT,
            source_id=made.id,
            pieces=1,
            value=1,
            opened_at=AT,
        )


def test_ranking_costs_the_same_for_any_number_of_skus(
    range_: Range, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_sales(monkeypatch, "SELECT id, 1::bigint, 20::numeric FROM catalog_sku")

    with CaptureQueriesContext(connection) as seen:
        range_.build()

    assert len([q for q in seen if "INSERT INTO catalog_rangereviewrow" in q["sql"]]) == 1
    assert RangeReviewRow.objects.count() == 9
