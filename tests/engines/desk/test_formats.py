"""Numbers, moments and states as screens write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from ops.engines.approvals.choices import RequestState
from ops.engines.desk import formats
from ops.engines.desk.cells import Column
from ops.engines.desk.filters import loose_day, loose_number, span_of
from ops.engines.desk.states import Tone, badge_of
from ops.engines.kernel.errors import BadInput

AT = datetime(2026, 11, 21, 6, 3, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal(1284300), "1,284,300.00"),
        (Decimal("-12.5"), "−12.50"),
        (Decimal("0.005"), "0.01"),
        (0, "0.00"),
        (None, "-"),
        ("4210.55", "4,210.55"),
    ],
)
def test_money_has_two_places_and_a_true_minus(value: object, text: str) -> None:
    assert formats.money(value) == text


def test_counts_keep_what_they_are() -> None:
    assert formats.number(9812) == "9,812"
    assert formats.number(Decimal("12.500")) == "12.5"
    assert formats.pct(Decimal("-0.038")) == "−3.8%"


def test_tiles_abbreviate_by_language() -> None:
    with translation.override("zh-hans"):
        assert formats.short(1_234_567) == "123.5 万"
        assert formats.short(230_000_000) == "2.3 亿"
    with translation.override("en"):
        assert formats.short(1_234_567) == "1.2 M"


def test_moments_are_in_business_time() -> None:
    assert formats.moment(AT) == "2026-11-21 14:03"
    assert formats.day(datetime(2026, 11, 21, 17, 0, tzinfo=UTC)) == "2026-11-22"


def test_what_is_late_says_so() -> None:
    with translation.override("en"):
        assert formats.left(AT + timedelta(hours=6), AT) == "6 h left"
        assert formats.left(AT - timedelta(minutes=5), AT) == "5 min late"
    assert formats.urgency(AT - timedelta(minutes=1), AT) == "late"
    assert formats.urgency(AT + timedelta(hours=3), AT) == "soon"
    assert formats.urgency(AT + timedelta(days=2), AT) == ""


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("２０２６１１２１", date(2026, 11, 21)),
        ("2026/1/2", date(2026, 1, 2)),
        ("+7", date(2026, 11, 28)),
        ("月末", date(2026, 11, 30)),
        ("昨天", date(2026, 11, 20)),
    ],
)
def test_days_are_read_as_people_type_them(typed: str, day: date) -> None:
    assert loose_day(typed, today=TODAY) == day


@pytest.mark.parametrize("typed", ["2026-02-30", "soon", "21/11", "99999999"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        loose_day(typed, today=TODAY)


def test_numbers_are_read_and_never_guessed() -> None:
    assert loose_number("１,２３４．５") == "1234.5"
    assert loose_number("12,34") == "12,34"


def test_a_relative_span_means_real_days() -> None:
    span = span_of("7d", today=TODAY)

    assert (span.first, span.last) == (date(2026, 11, 15), TODAY)


def test_a_state_has_one_word_and_one_look() -> None:
    badge = badge_of(RequestState.APPROVED)

    assert badge is not None
    assert badge.tone is Tone.DONE
    assert str(badge.label) == str(RequestState.APPROVED.label)


def test_a_column_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind"):
        Column("price", "Price", "euros")
