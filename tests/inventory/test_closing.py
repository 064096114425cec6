"""Days and months end: frozen, hashed, kept; work goes on in the next one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from inventory.errors import DayClosed
from inventory.models import DayClose, MonthBalance, MonthClose, Move
from inventory.selectors import closing as totals
from inventory.services import closing, places
from ops.engines.periods import services as periods
from tests.inventory.factories import AT, SYSTEM, TODAY, Shop

DECEMBER = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)


@pytest.mark.clause("SCM-2.3-02")
def test_a_closed_day_takes_no_posting_and_keeps_its_totals(shop: Shop) -> None:
    sku = shop.skus[0]
    shop.receive(sku, 10, "2.00")
    shop.post(shop.draft(sku, 1, shop.warehouse.bin_id, shop.warehouse.damage_id))
    shop.lose(sku, 3)

    closed = closing.close_day(warehouse_id=shop.warehouse.id, day=TODAY, actor=SYSTEM, at=AT)

    with pytest.raises(DayClosed):
        shop.receive(sku, 1)
    row = DayClose.objects.get()
    assert (row.moves, row.quantity_in, row.quantity_out) == (3, 10, 3)
    assert (row.value_in, row.value_out) == (Decimal("20.00"), Decimal("6.00"))
    again = closing.close_day(warehouse_id=shop.warehouse.id, day=TODAY, actor=SYSTEM, at=AT)
    assert (again.content_hash, again.is_new) == (closed.content_hash, False)
    assert Move.objects.count() == 3


@pytest.mark.clause("SCM-2.3-02")
def test_a_closed_day_stops_only_its_own_warehouse_and_day(shop: Shop) -> None:
    other = places.create_warehouse(code="WH2", name="二号仓", actor=SYSTEM, at=AT)
    yesterday = TODAY - timedelta(days=1)
    closing.close_day(warehouse_id=shop.warehouse.id, day=yesterday, actor=SYSTEM, at=AT)

    shop.receive(shop.skus[0], 1)
    shop.post(shop.draft(shop.skus[0], 1, shop.virtual.supplier, other.bin_id), day=yesterday)

    with pytest.raises(DayClosed):
        shop.post(
            shop.draft(shop.skus[0], 1, other.bin_id, shop.warehouse.transit_id), day=yesterday
        )


@pytest.mark.clause("SCM-2.3-02")
def test_a_late_document_goes_to_the_current_day_marked_late(shop: Shop) -> None:
    yesterday = TODAY - timedelta(days=1)
    closing.close_day(warehouse_id=shop.warehouse.id, day=yesterday, actor=SYSTEM, at=AT)

    shop.receive(shop.skus[0], 4, document_day=yesterday)

    assert totals.day_totals(warehouse_id=shop.warehouse.id, day=TODAY).late_moves == 1
    assert [row.document_day for row in totals.late_documents(day=TODAY)] == [yesterday]


def test_missed_days_are_caught_up(shop: Shop) -> None:
    first = TODAY - timedelta(days=4)
    closing.close_past_days(until=first, actor=SYSTEM, at=AT)

    closing.close_past_days(until=TODAY - timedelta(days=1), actor=SYSTEM, at=AT)

    assert DayClose.objects.count() == 4


def test_a_day_that_lies_ahead_is_not_closed(shop: Shop) -> None:
    with pytest.raises(DayClosed):
        closing.close_day(
            warehouse_id=shop.warehouse.id, day=TODAY + timedelta(days=1), actor=SYSTEM, at=AT
        )


@pytest.mark.clause("SCM-2.3-02")
def test_unposted_documents_of_the_day_are_listed(shop: Shop) -> None:
    shop.receive(shop.skus[0], 9)
    packed = shop.packed(1, (shop.skus[0], 2))
    shop.ship(2, (shop.skus[0], 2))

    listed = totals.unposted_documents(day=TODAY)

    assert [(one.kind, one.number, one.state) for one in listed] == [
        ("shipment", packed.number, "packed")
    ]


@pytest.mark.clause("SCM-2.3-02")
def test_month_close_stores_balances_and_refuses_later_postings(shop: Shop) -> None:
    one, two, _three = shop.skus
    shop.receive(one, 10, "2.00")
    shop.lose(one, 4)
    shop.receive(two, 5, None)

    closed = closing.close_month(month=NOVEMBER, actor=SYSTEM, at=DECEMBER)
    again = closing.close_month(month=NOVEMBER, actor=SYSTEM, at=DECEMBER)

    assert (closed.quantity, closed.value, closed.revision) == (11, Decimal("12.00"), 1)
    assert (again.is_new, again.content_hash) == (False, closed.content_hash)
    assert list(MonthBalance.objects.order_by("sku").values_list("quantity", "value")) == [
        (6, Decimal("12.00")),
        (5, Decimal("0.00")),
    ]
    with pytest.raises(DayClosed):
        shop.receive(one, 1)


def test_a_month_closed_anew_is_the_next_revision(shop: Shop) -> None:
    shop.receive(shop.skus[0], 10)
    closing.close_month(month=NOVEMBER, actor=SYSTEM, at=DECEMBER)
    periods.reopen(
        module="stock",
        first=NOVEMBER,
        last=date(2026, 11, 30),
        reason="late invoice",
        actor=SYSTEM,
        at=DECEMBER,
    )
    shop.receive(shop.skus[0], 1)

    closed = closing.close_month(month=NOVEMBER, actor=SYSTEM, at=DECEMBER)

    assert (closed.revision, closed.quantity) == (2, 11)
    assert MonthClose.objects.count() == 2


def test_a_month_is_closed_only_when_it_is_over(shop: Shop) -> None:
    with pytest.raises(DayClosed):
        closing.close_month(month=NOVEMBER, actor=SYSTEM, at=AT)
