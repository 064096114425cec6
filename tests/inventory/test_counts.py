"""Stock counts: frozen book, blind figures, recount, explained, posted once (SCM-2.3-05, -06)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from inventory.errors import CountedByAnother, NotReady, SamePerson, WrongState
from inventory.models import CountLine, Move, StockCount
from inventory.services import count_plans, counting, counts, variances
from inventory.types import Explanation
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.events.models import StoredFact
from ops.engines.kernel.errors import Conflict, Forbidden
from tests.inventory.checking import assert_sound
from tests.inventory.documents import House, house
from tests.inventory.factories import AT, SYSTEM, TODAY, Shop


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    made = house(shop)
    shop.receive(shop.skus[0], 100, "10.00")
    shop.receive(shop.skus[1], 50, "4.00")
    return made


def line(house: House, sku_id: int) -> CountLine:
    return CountLine.objects.get(sku_id=sku_id, location_id=house.shop.warehouse.bin_id)


def state() -> str:
    return StockCount.objects.get().state


@pytest.mark.clause("SCM-2.3-05")
def test_start_freezes_the_book_with_its_ledger_position(house: House) -> None:
    first, second, _third = house.shop.skus

    count = house.started()

    frozen = StockCount.objects.get(pk=count.id)
    assert (line(house, first).book_quantity, line(house, first).book_seq) == (100, 1)
    assert line(house, second).book_quantity == 50
    assert frozen.book_move_id == Move.objects.order_by("-pk")[0].pk
    assert (frozen.state, count.lines) == ("counting", 2)


@pytest.mark.clause("SCM-2.3-05")
def test_moves_posted_meanwhile_are_netted_out(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started()
    house.shop.lose(first, 30)

    house.closed(count, {first: 70, second: 50})

    counted = line(house, first)
    assert (counted.book_quantity, counted.expected, counted.counted_seq) == (100, 70, 2)
    assert counted.variance == 0
    house.shop.lose(first, 5)
    assert line(house, first).variance == 0


@pytest.mark.clause("SCM-2.3-05")
@pytest.mark.clause("SCM-2.3-06")
def test_a_count_goes_from_open_to_posted_once_in_stock(house: House) -> None:
    first, second, third = house.shop.skus
    count = house.started()
    house.closed(count, {first: 97, second: 51, third: 2})
    assert line(house, first).needs_recount
    house.recounted(count, {first: 98})
    house.explained(count)
    request = house.submitted(count)

    house.approve(request, "store", "director")

    assert state() == "posted"
    assert house.shop.stock(first).on_hand == 98
    assert house.shop.stock(second).on_hand == 51
    assert house.shop.stock(third).on_hand == 2
    posted = Move.objects.filter(source_type="inventory.stockcount", source_id=count.id)
    assert {(move.sku_id, move.quantity, move.approval_id) for move in posted} == {
        (first, 2, request),
        (second, 1, request),
        (third, 2, request),
    }
    fact = StoredFact.objects.get(name="inventory.count_posted")
    assert (fact.payload["count_id"], fact.dated_on) == (count.id, TODAY)
    assert_sound()


@pytest.mark.clause("SCM-2.3-06")
def test_nothing_is_posted_before_the_director_decides(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started()
    house.closed(count, {first: 99, second: 50})
    house.explained(count)
    request = house.submitted(count)

    house.approve(request, "store")

    assert state() == "submitted"
    assert house.shop.stock(first).on_hand == 100


@pytest.mark.clause("SCM-2.3-06")
def test_a_returned_report_goes_back_to_review(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started()
    house.closed(count, {first: 99, second: 50})
    house.explained(count)
    request = Request.objects.get(pk=house.submitted(count))

    approvals.send_back(
        request_id=request.pk,
        reason="Look again",
        content_hash=request.content_hash,
        actor=house.who("store"),
        at=AT,
    )

    assert state() == "review"
    assert house.shop.stock(first).on_hand == 100


@pytest.mark.clause("SCM-2.3-06")
def test_a_line_without_cause_blocks_the_report(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started()
    house.closed(count, {first: 99, second: 49})
    house.explained(count, [first])

    with pytest.raises(NotReady) as refusal:
        house.submitted(count)

    assert refusal.value.context["lines"] == [line(house, second).pk]
    assert state() == "review"


@pytest.mark.clause("SCM-2.3-06")
def test_cause_not_found_needs_a_note(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started()
    house.closed(count, {first: 99, second: 50})
    silent = Explanation(
        line_id=line(house, first).pk,
        cause="not_found",
        responsible="A",
        treatment="adjust",
    )

    with pytest.raises(NotReady):
        variances.explain(
            count_id=count.id, explanations=[silent], actor=house.who("keeper"), at=AT
        )

    assert line(house, first).cause == ""


@pytest.mark.clause("SCM-2.3-05")
def test_lines_over_tolerance_wait_for_another_counter(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started()
    house.closed(count, {first: 90, second: 50})
    house.explained(count)
    with pytest.raises(NotReady):
        house.submitted(count)
    with pytest.raises(SamePerson):
        counting.recount(
            count_id=count.id,
            quantities={line(house, first).pk: 90},
            actor=house.who("keeper"),
            at=AT,
        )
    assert line(house, first).recounted is None

    house.recounted(count, {first: 100})

    assert (line(house, first).variance, line(house, first).value) == (0, Decimal("0.00"))
    house.submitted(count)
    assert state() == "submitted"


@pytest.mark.clause("SCM-2.3-05")
def test_two_persons_sign_before_counting_is_closed(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started()
    with pytest.raises(NotReady):
        counts.sign_sheets(count_id=count.id, actor=house.who("keeper"), at=AT)
    house.enter(count, {first: 100, second: 50})
    with pytest.raises(NotReady):
        counts.sign_sheets(count_id=count.id, actor=house.who("finance"), at=AT)
    counts.sign_sheets(count_id=count.id, actor=house.who("keeper"), at=AT)
    with pytest.raises(NotReady):
        counts.close_counting(count_id=count.id, actor=house.who("keeper"), at=AT)
    with pytest.raises(Forbidden):
        counts.sign_sheets(count_id=count.id, actor=house.who("buyer"), at=AT)

    counts.sign_sheets(count_id=count.id, actor=house.who("finance"), at=AT)

    assert (
        counts.close_counting(count_id=count.id, actor=house.who("keeper"), at=AT).state == "review"
    )


def test_figures_of_another_counter_are_not_overwritten(house: House) -> None:
    first = house.shop.skus[0]
    count = house.started()
    house.enter(count, {first: 99})

    with pytest.raises(CountedByAnother):
        house.enter(count, {first: 98}, name="helper")

    assert line(house, first).counted == 99


def test_an_own_figure_is_replaced_and_taken_back(house: House) -> None:
    first = house.shop.skus[0]
    count = house.started()
    house.enter(count, {first: 99})
    house.enter(count, {first: 98})
    assert line(house, first).counted == 98

    counting.clear(
        count_id=count.id, line_id=line(house, first).pk, actor=house.who("keeper"), at=AT
    )

    assert line(house, first).counted is None


def test_an_empty_place_counts_zero(house: House) -> None:
    count = house.started()

    done = counting.mark_empty(
        count_id=count.id, sheet_no=house.sheet_no(count), actor=house.who("keeper"), at=AT
    )

    assert done == 2
    assert set(CountLine.objects.values_list("counted", flat=True)) == {0}


def test_a_signed_sheet_stays(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started()
    house.enter(count, {first: 100, second: 50})
    counts.sign_sheets(count_id=count.id, actor=house.who("keeper"), at=AT)

    with pytest.raises(NotReady):
        house.enter(count, {first: 1})

    assert line(house, first).counted == 100


@pytest.mark.clause("SCM-2.3-07")
def test_a_small_cycle_count_ends_with_the_store_manager(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started("cycle")
    house.closed(count, {first: 99, second: 50})
    house.explained(count)

    house.approve(house.submitted(count), "store")

    assert state() == "posted"
    assert house.shop.stock(first).on_hand == 99


@pytest.mark.clause("SCM-2.3-07")
def test_a_big_cycle_count_goes_to_the_director(house: House) -> None:
    first, second, _third = house.shop.skus
    count = house.started("cycle")
    house.closed(count, {first: 0, second: 50})
    house.recounted(count, {first: 0})
    house.explained(count)

    request = Request.objects.get(pk=house.submitted(count))

    assert [step["role"] for step in request.steps] == ["store_manager", "operations_director"]


@pytest.mark.clause("SCM-2.3-05")
def test_the_quarter_is_opened_once_in_every_warehouse(house: House) -> None:
    day = date(2026, 12, 25)

    opened = count_plans.open_quarter_counts(day=day, actor=SYSTEM, at=AT)

    assert [one.kind for one in opened] == ["quarter"]
    assert count_plans.open_quarter_counts(day=day, actor=SYSTEM, at=AT) == []
    assert StockCount.objects.get().period == "2026-Q4"
    with pytest.raises(Conflict):
        counts.open_count(
            warehouse_id=house.shop.warehouse.id,
            kind="quarter",
            period="2026-Q4",
            actor=SYSTEM,
            at=AT,
        )


@pytest.mark.clause("SCM-2.3-07")
def test_the_cycle_count_takes_places_with_goods(house: House) -> None:
    (opened,) = count_plans.open_cycle_counts(day=TODAY, actor=SYSTEM, at=AT)

    assert opened.sheets == 1
    assert count_plans.due_places(warehouse_id=house.shop.warehouse.id, at=AT) == []
    assert count_plans.open_cycle_counts(day=TODAY, actor=SYSTEM, at=AT) == []


def test_a_count_that_was_not_started_takes_no_figures(house: House) -> None:
    made = counts.open_count(
        warehouse_id=house.shop.warehouse.id, kind="cycle", actor=house.who("keeper"), at=AT
    )

    with pytest.raises(WrongState):
        house.enter(made, {house.shop.skus[0]: 1})
