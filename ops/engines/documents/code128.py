"""Code 128 (ISO/IEC 15417) as widths of bars and gaps: a pure function, no image, no library."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

# Six widths per symbol value, bar first; together 11 modules. The last entry is the stop.
_TABLE: Final = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232
122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122
321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311
211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113
213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422
121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111
241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121
412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412
211214 211232 2331112
"""
_WIDTHS: Final = tuple(_TABLE.split())
_TO_C, _TO_B = 99, 100
_START_B, _START_C, _STOP = 104, 105, 106
_CHECK: Final = 103
_RUN = 4  # digits from which pairs are shorter than single letters
MOST = 48


def bars(text: str) -> tuple[int, ...]:
    """Return bar, gap, bar, ... in modules for printable ASCII, check symbol and stop included.

    Digits stand in pairs where that is shorter. Quiet zones of ten modules are the drawer's.
    Raises ValueError for an empty or too long text and for letters the code does not have.
    """
    values = symbols(text)
    return tuple(int(width) for value in values for width in _WIDTHS[value])


def symbols(text: str) -> list[int]:
    """Return the symbol values of a text: start, data, check, stop. Raises ValueError."""
    if not 0 < len(text) <= MOST or not all(" " <= letter <= "~" for letter in text):
        raise ValueError(f"no Code 128 for {text[:MOST]!r}")
    is_pairs = _pairs_from(text, 0)
    values = [_START_C if is_pairs else _START_B]
    at = 0
    while at < len(text):
        if _pairs_from(text, at) if not is_pairs else _digits_from(text, at) >= 2:
            if not is_pairs:
                values.append(_TO_C)
                is_pairs = True
            values.append(int(text[at : at + 2]))
            at += 2
            continue
        if is_pairs:
            values.append(_TO_B)
            is_pairs = False
        values.append(ord(text[at]) - 32)
        at += 1
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % _CHECK
    return [*values, check, _STOP]


def _pairs_from(text: str, at: int) -> bool:
    """Say whether pairs of digits may begin here: a long, even run, so that none is left over."""
    run = _digits_from(text, at)
    return run >= _RUN and run % 2 == 0


def _digits_from(text: str, at: int) -> int:
    return sum(1 for _letter in takewhile(lambda one: "0" <= one <= "9", text[at:]))
