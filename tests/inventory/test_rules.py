"""The average in whole cents: properties, and the same formula in the database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory import rules

CENTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)


@given(value=CENTS, quantity=st.integers(1, 10**6), data=st.data())
def test_shares_rise_and_end_at_the_whole(
    value: Decimal, quantity: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, quantity - 1))

    assert rules.share(value, quantity, quantity) == value
    assert rules.share(value, quantity, 0) == 0
    assert rules.share(value, quantity, part) <= rules.share(value, quantity, part + 1)
    exact = value * part / quantity
    assert abs(rules.share(value, quantity, part) - exact) <= Decimal("0.005")


@given(value=CENTS, parts=st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_issues_of_the_whole_take_the_whole_value(value: Decimal, parts: list[int]) -> None:
    pool, values = rules.Pool(sum(parts), value).issue(*parts)

    assert sum(values) == value
    assert min(values) >= 0
    assert pool == rules.Pool(0, Decimal("0.00"))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(value=CENTS, quantity=st.integers(1, 10**6), part=st.integers(0, 10**6))
def test_the_database_says_the_same(value: Decimal, quantity: int, part: int) -> None:
    part = min(part, quantity)
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_share(%s, %s, %s)", [value, quantity, part])
        said = cursor.fetchone()[0]

    assert said == rules.share(value, quantity, part)


def test_a_part_lies_within_the_whole() -> None:
    with pytest.raises(ValueError, match="part"):
        rules.share(Decimal(1), 2, 3)
    assert rules.share(Decimal(0), 0, 0) == 0


def test_fifo_takes_the_oldest_layers_exactly() -> None:
    layers = [rules.Layer(10, Decimal("1.1")), rules.Layer(5, Decimal("2.25"))]

    left, cost = rules.fifo_issue(layers, 12)

    assert (left, cost) == ([rules.Layer(3, Decimal("2.25"))], Decimal("15.50"))
    with pytest.raises(ValueError, match="less"):
        rules.fifo_issue(layers, 16)
