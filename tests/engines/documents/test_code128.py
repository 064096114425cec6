"""Code 128: every letter, the check symbol, and what a scanner would read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.engines.documents import code128

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=48)


def read(bars: tuple[int, ...]) -> str:
    """Read widths back as a scanner does: cut into symbols, check, follow the code sets."""
    table = {tuple(map(int, widths)): value for value, widths in enumerate(code128._WIDTHS)}
    values = [table[bars[at : at + 6]] for at in range(0, len(bars) - 7, 6)]
    assert table[bars[-7:]] == 106
    start, *data, check = values
    assert (start + sum(place * value for place, value in enumerate(data, 1))) % 103 == check
    text, is_pairs = "", start == 105
    for value in data:
        if is_pairs and value == 100:
            is_pairs = False
        elif not is_pairs and value == 99:
            is_pairs = True
        else:
            text += f"{value:02}" if is_pairs else chr(value + 32)
    return text


def test_the_table_is_the_codes() -> None:
    widths = code128._WIDTHS

    assert len(widths) == 107
    assert len(set(widths)) == 107
    assert {sum(map(int, one)) for one in widths[:-1]} == {11}
    assert {sum(map(int, one[::2])) % 2 for one in widths[:-1]} == {0}  # even bars: the parity
    assert widths[-1] == "2331112"


@given(PRINTABLE)
def test_every_text_is_read_back(text: str) -> None:
    assert read(code128.bars(text)) == text


def test_a_known_label_has_its_known_check() -> None:
    # PJJ123C in code set B: 104+48+84+126+68+90+114+245 = 879, 879 mod 103 = 55.
    assert code128.symbols("PJJ123C") == [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]


def test_runs_of_digits_stand_in_pairs() -> None:
    # 105 + 1*20 + 2*26 + 3*11 + 4*1 = 214, 214 mod 103 = 8.
    assert code128.symbols("20261101") == [105, 20, 26, 11, 1, 8, 106]
    assert len(code128.bars("PO-202611-0001")) < len(code128.bars("PO-ABCDEF-GHIJ"))


@pytest.mark.parametrize("text", ["", "采购", "a\tb", "x" * 49])
def test_what_the_code_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Code 128"):
        code128.bars(text)
