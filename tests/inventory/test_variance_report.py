"""The variance report: rates of what was compared, the quarter before, the whole as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from inventory import rules
from inventory.models import CountLine, StockCount
from inventory.selectors import variances as selected
from inventory.types import CountInfo
from ops.engines.identity.models import User
from ops.engines.periods import services as periods
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.inventory.documents import House, house
from tests.inventory.factories import AT, SYSTEM, Shop

Enter = Callable[[User], Client]


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    now = timezone.now()
    periods.ensure_month(module="stock", day=timezone.localdate(now), actor=SYSTEM, at=now)
    return house(shop)


def closed(house: House, *found: int, kind: str = "quarter") -> StockCount:
    """Count the three goods, 100 pieces of 2.00 each by the book, and close the count."""
    count: CountInfo = house.started(kind=kind)
    house.closed(count, dict(zip(house.shop.skus, found, strict=True)))
    return StockCount.objects.get(pk=count.id)


@pytest.fixture(name="stocked")
def fixture_stocked(house: House) -> House:
    for sku in house.shop.skus:
        house.shop.receive(sku, 100, "2.00")
    return house


@pytest.mark.clause("SCM-2.3-06")
def test_rates_are_shares_of_the_book_that_was_compared(stocked: House) -> None:
    count = closed(stocked, 97, 104, 100)

    sums = selected.sums(count=count)

    assert (count.book_pieces, count.book_value) == (300, Decimal("600.00"))
    assert (sums.gains, sums.losses, sums.pieces) == (1, 1, 7)
    assert (sums.gain, sums.loss, sums.net) == (
        Decimal("8.00"),
        Decimal("-6.00"),
        Decimal("2.00"),
    )
    assert sums.value_rate == Decimal("0.023333")
    assert sums.piece_rate == Decimal("0.023333")
    assert sums.unexplained == 2


def test_the_rate_stays_when_costs_move_later(stocked: House) -> None:
    count = closed(stocked, 97, 100, 100)
    before = selected.sums(count=count)

    stocked.shop.receive(stocked.shop.skus[0], 100, "50.00")

    count.refresh_from_db()
    assert selected.sums(count=count) == before


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_rate_is_a_share_and_of_no_book_there_is_none(gross: int, book: int) -> None:
    rate = rules.variance_rate(gross, book)

    if book == 0:
        assert rate is None
    else:
        assert rate is not None
        assert abs(rate * book - gross) <= Decimal("0.0000005") * book


def test_the_same_goods_at_the_same_place_are_remembered_for_a_quarter(stocked: House) -> None:
    first = closed(stocked, 99, 100, 100)
    StockCount.objects.filter(pk=first.pk).update(closed_at=AT - timedelta(days=10))
    old = closed(stocked, 95, 95, 100)
    StockCount.objects.filter(pk=old.pk).update(closed_at=AT - timedelta(days=93))

    count = closed(stocked, 97, 98, 101)

    found = selected.earlier(count=count)
    by_sku = {line.sku_id: found.get(line.pk) for line in CountLine.objects.filter(count=count)}
    known = by_sku[stocked.shop.skus[0]]
    assert known is not None
    assert (known.times, known.variance, known.count) == (1, -1, first.number)
    assert by_sku[stocked.shop.skus[1]] is None
    assert by_sku[stocked.shop.skus[2]] is None


def test_a_count_that_is_still_blind_is_no_earlier_difference(stocked: House) -> None:
    stocked.enter(stocked.started(), {stocked.shop.skus[0]: 5})

    count = closed(stocked, 97, 100, 100)

    assert selected.earlier(count=count) == {}


@pytest.mark.clause("SCM-2.3-06")
def test_the_screen_names_rate_anchor_and_first_open_line_in_few_queries(
    stocked: House, enter: Enter
) -> None:
    count = closed(stocked, 97, 104, 100)
    client = enter(stocked.users["helper"])
    path = f"/inventory/counts/{count.pk}/variance/"
    client.get(path)

    with CaptureQueriesContext(connection) as asked:
        text = client.get(path).content.decode()

    first = selected.lines(actor=stocked.who("helper")).order_by("value", "pk")[0]
    assert f'href="#line-{first.pk}"' in text
    assert "2.33%" in text
    assert f"{count.book_move_id:,}" in text
    assert len(asked) <= 12, [query["sql"][:90] for query in asked]


def test_every_difference_goes_into_a_file_and_no_other(stocked: House, enter: Enter) -> None:
    count = closed(stocked, 97, 104, 100)
    closed(stocked, 100, 100, 50)
    client = enter(stocked.users["helper"])

    answer = client.get(f"/inventory/variances/?count={count.number}&export=csv")

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert sorted(row[7] for row in rows[1:]) == ["-3", "4"]
    assert client.get(f"/inventory/variances/?count={count.number}").status_code == 200


def test_blind_counts_are_in_no_list(stocked: House, enter: Enter) -> None:
    count = stocked.started()
    stocked.enter(count, {stocked.shop.skus[0]: 5})

    text = enter(stocked.users["keeper"]).get("/inventory/variances/").content.decode()

    assert count.number not in text


def test_the_database_keeps_a_book_whole(stocked: House) -> None:
    count = closed(stocked, 97, 100, 100)

    with pytest.raises(IntegrityError, match="stockcount_book_whole"), transaction.atomic():
        StockCount.objects.filter(pk=count.pk).update(book_value=None)

    count.refresh_from_db()
    assert count.book_value == Decimal("600.00")
