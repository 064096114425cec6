"""Carton codes: read wholly or refused; what is written comes back, whatever the order."""

from __future__ import annotations

import calendar
import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import gs1
from ops.engines.kernel.errors import BadInput

TODAY = date(2026, 11, 21)
GTIN = "06901234567892"
LOTS = st.text(string.ascii_letters + string.digits + "-/.", min_size=1, max_size=20)
DAYS = st.dates(date(2000, 1, 1), date(2070, 12, 31))


def check_digit(body: str) -> str:
    total = sum(int(n) * (3 if place % 2 == 0 else 1) for place, n in enumerate(reversed(body)))
    return str(-total % 10)


GTINS = st.text(string.digits, min_size=13, max_size=13).map(lambda body: body + check_digit(body))


@given(GTINS, LOTS, DAYS, st.permutations(("01", "10", "17")))
def test_what_is_written_is_read_in_any_order_and_both_spellings(
    gtin: str, lot: str, day: date, order: list[str]
) -> None:
    values = {"01": gtin, "10": lot, "17": f"{day:%y%m%d}"}
    people = "".join(f"({key}){values[key]}" for key in order)
    scanner = "".join(key + values[key] + (gs1.FNC1 if key == "10" else "") for key in order)

    for code in (people, scanner, gs1.FNC1 + scanner.removesuffix(gs1.FNC1), f"]C1{scanner}"):
        found = gs1.read(code, today=TODAY)

        assert (found.gtin, found.lot, found.expires_on) == (gtin, lot, day)
        assert gs1.is_element_string(code) or order[0] != "01"


@given(GTINS, st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_refused(gtin: str, place: int, shift: int) -> None:
    wrong = gtin[:place] + str((int(gtin[place]) + shift) % 10) + gtin[place + 1 :]

    with pytest.raises(BadInput) as refused:
        gs1.read(f"(01){wrong}(10)L1", today=TODAY)

    assert refused.value.code == "gs1.check_digit"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else(code: str) -> None:
    try:
        found = gs1.read(code, today=TODAY)
    except BadInput:
        return
    assert found.gtin == "" or gs1.has_check_digit(found.gtin)


@given(st.integers(0, 99), st.integers(1, 12))
def test_day_nought_is_the_last_of_its_month_within_fifty_years(year: int, month: int) -> None:
    day = gs1.read(f"17{year:02}{month:02}00", today=TODAY).expires_on

    assert day is not None
    assert (day.year % 100, day.month) == (year, month)
    assert day.day == calendar.monthrange(day.year, month)[1]
    assert -49 <= day.year - TODAY.year <= 50


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "gs1.empty"),
        ("hello", "gs1.identifier"),
        ("6901234567892", "gs1.identifier"),
        (f"01{GTIN[:-1]}", "gs1.value"),
        ("(01)abc", "gs1.value"),
        (f"(01){GTIN}(10)", "gs1.value"),
        (f"(01){GTIN}(10){'L' * 21}", "gs1.value"),
        (f"(01){GTIN}(17)271301", "gs1.day"),
        (f"(01){GTIN}(17)270230", "gs1.day"),
        (f"(01){GTIN}(11)271201(17)270630", "gs1.made_after_expiry"),
        (f"(01){GTIN}(10)A(10)B", "gs1.twice"),
        (f"(02){GTIN}(10)A", "gs1.content"),
        (f"(01){GTIN}(05)1", "gs1.identifier"),
        (f"(01{GTIN}", "gs1.brackets"),
        (f"(01){GTIN}(10)L 1", "gs1.value"),
        ("9" * 201, "gs1.too_long"),
    ],
)
def test_a_code_that_breaks_a_rule_is_refused_by_its_name(code: str, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        gs1.read(code, today=TODAY)

    assert refused.value.code == why


def test_elements_of_fixed_length_need_no_separator_and_others_are_kept() -> None:
    code = f"01{GTIN}11260101172706303103001250{'10'}L2409{gs1.FNC1}21S-1"

    found = gs1.read(code, today=TODAY)

    assert (found.made_on, found.expires_on, found.lot) == (
        date(2026, 1, 1),
        date(2027, 6, 30),
        "L2409",
    )
    assert found.others == {"3103": "001250", "21": "S-1"}


def test_a_carton_of_items_says_how_many() -> None:
    found = gs1.read(f"(02){GTIN}(37)24(15)270700(10)A(1)", today=TODAY)

    assert (found.gtin, found.pieces, found.expires_on) == (GTIN, 24, date(2027, 7, 31))
    assert found.lot == "A(1)"


@given(GTINS)
def test_a_carton_leads_to_the_item_in_it(gtin: str) -> None:
    item = "0" + gtin[1:13]
    item += check_digit(item)
    carton = "1" + gtin[1:13]
    carton += check_digit(carton)

    assert item[1:] in gs1.items_of(carton)
    assert item[1:] in gs1.items_of(item)
    assert all(gs1.has_check_digit(each) for each in gs1.items_of(carton))
