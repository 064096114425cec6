"""Reading the codes on cartons: GS1 element strings, by the rules of the General Specifications.

A carton says `(01)06901234567892(17)270630(10)L2409` to people and the same without brackets to a
scanner, where FNC1 (sent as the group separator, 0x1D) ends every element of free length. A code
is read wholly or not at all: nothing is guessed, skipped or repaired.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput

FNC1 = "\x1d"
MOST = 200
_SYMBOLOGIES = ("]C1", "]e0", "]d2", "]Q3", "]J1")  # Code 128, DataBar, DataMatrix, QR, DotCode

# Digits of an identifier by its first two (General Specifications, table of element strings).
_IDENTIFIER_DIGITS: Mapping[str, int] = {
    **dict.fromkeys(("00", "01", "02", "03", "10", "11", "12", "13", "15", "16", "17"), 2),
    **dict.fromkeys(("20", "21", "22", "30", "37"), 2),
    **{str(n): 2 for n in range(90, 100)},
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72"), 4),
    **dict.fromkeys(("80", "81", "82"), 4),
}
# Elements whose length is fixed by their first two digits: whole length without the identifier.
_FIXED: Mapping[str, int] = {
    "00": 18,
    **dict.fromkeys(("01", "02", "03"), 14),
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6),
    "20": 2,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6),
    "41": 13,
}
_MOST_FREE: Mapping[str, int] = {"10": 20, "21": 20, "22": 20, "30": 8, "37": 8}
_LONGEST = 90
_DIGITS_ONLY = frozenset((*_FIXED, "30", "37"))
_FREE = re.compile(r"[!\"%-?A-Z_a-z]+", re.ASCII)  # character set 82
_MEANT = frozenset(("01", "02", "10", "11", "15", "17", "30", "37"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CartonCode:
    """What a carton says of itself; dates are days, `pieces` how many items it holds.

    `expires_on` is (17), or the best-before day (15) where there is no (17).
    """

    gtin: str = ""
    lot: str = ""
    made_on: date | None = None
    expires_on: date | None = None
    pieces: int | None = None
    others: Mapping[str, str] = field(default_factory=dict)


def is_element_string(code: str) -> bool:
    """Say whether a scan claims to be an element string rather than a plain barcode."""
    return code.startswith(("(", FNC1, *_SYMBOLOGIES)) or (
        len(code) > 16 and code[:2] in ("01", "02") and code[:16].isdigit()
    )


def read(code: str, *, today: date) -> CartonCode:
    """Read an element string; `today` tells the century of its two-digit years.

    Raises BadInput: not an element string, unknown identifier, wrong length, wrong check digit, no
    such day, a day of production after expiry, one identifier with two values, (02) without (37).
    """
    if len(code) > MOST:
        raise _bad("gs1.too_long", _("A carton code has at most 200 characters."))
    found: dict[str, str] = {}
    for identifier, value in _elements(code):
        if found.setdefault(identifier, value) != value:
            raise _bad("gs1.twice", _("The carton code says (%(ai)s) twice."), ai=identifier)
    if not found:
        raise _bad("gs1.empty", _("This is not a carton code."))
    if ("02" in found) != ("37" in found) or ("01" in found and "02" in found):
        raise _bad("gs1.content", _("(02) and (37) come together, and without (01)."))
    gtin = found.get("01") or found.get("02") or ""
    if gtin and not has_check_digit(gtin):
        raise _bad("gs1.check_digit", _("The check digit of %(gtin)s is wrong."), gtin=gtin)
    made_on = _day(found, "11", today)
    expires_on = _day(found, "17", today) or _day(found, "15", today)
    if made_on and expires_on and made_on > expires_on:
        raise _bad("gs1.made_after_expiry", _("The carton says it was made after it expires."))
    pieces = found.get("37") or found.get("30")
    return CartonCode(
        gtin=gtin,
        lot=found.get("10", ""),
        made_on=made_on,
        expires_on=expires_on,
        pieces=int(pieces) if pieces else None,
        others={key: value for key, value in found.items() if key not in _MEANT},
    )


def has_check_digit(number: str) -> bool:
    """Say whether the last digit of a GTIN is the check digit of the others (modulo 10)."""
    digits = [int(each) for each in number]
    weighed = sum(n * (3 if place % 2 else 1) for place, n in enumerate(reversed(digits)))
    return weighed % 10 == 0


def items_of(gtin: str) -> tuple[str, ...]:
    """Return how a shelf item's barcode may be written for a 14-digit GTIN, the likeliest first.

    A carton's own number (first digit 1 to 8) holds the number of the item in it, with another
    check digit.
    """
    bare = gtin.lstrip("0")
    same = tuple(dict.fromkeys(gtin[-n:] for n in (13, 12, 8, 14) if len(bare) <= n))
    if not "1" <= gtin[0] <= "8":
        return same
    body = "0" + gtin[1:13]
    total = sum(int(n) * (3 if place % 2 == 0 else 1) for place, n in enumerate(body))
    return (*same, *items_of(body + str(-total % 10)))


def _elements(code: str) -> Iterator[tuple[str, str]]:
    for symbology in _SYMBOLOGIES:
        code = code.removeprefix(symbology)
    return _bracketed(code) if code.startswith("(") else _bare(code)


def _bracketed(code: str) -> Iterator[tuple[str, str]]:
    """Yield the elements of the line printed for people; a bracket opens only an identifier."""
    parts = re.findall(r"\(([0-9]{2,4})\)((?:(?!\([0-9]{2,4}\)).)*)", code)
    if "".join(f"({ai}){value}" for ai, value in parts) != code:
        raise _bad("gs1.brackets", _("The brackets of the carton code do not match."))
    for identifier, value in parts:
        if _IDENTIFIER_DIGITS.get(identifier[:2]) != len(identifier):
            raise _unknown(identifier)
        yield identifier, _checked(identifier, value)


def _bare(code: str) -> Iterator[tuple[str, str]]:
    rest = code.removeprefix(FNC1)
    while rest:
        digits = _IDENTIFIER_DIGITS.get(rest[:2])
        if digits is None or not (len(rest) >= digits and _are_digits(rest[:digits])):
            raise _unknown(rest[:4])
        identifier, rest = rest[:digits], rest[digits:]
        length = _FIXED.get(identifier[:2])
        if length is None:
            value, _separator, rest = rest.partition(FNC1)
        else:
            value, rest = rest[:length], rest[length:].removeprefix(FNC1)
        yield identifier, _checked(identifier, value)


def _checked(identifier: str, value: str) -> str:
    kind = identifier[:2]
    length = _FIXED.get(kind)
    fits = len(value) == length if length else 1 <= len(value) <= _MOST_FREE.get(kind, _LONGEST)
    written = _are_digits(value) if kind in _DIGITS_ONLY else _FREE.fullmatch(value)
    if not (fits and written):
        raise _bad("gs1.value", _("(%(ai)s) of the carton code cannot be read."), ai=identifier)
    return value


def _day(found: Mapping[str, str], identifier: str, today: date) -> date | None:
    """Return a day written YYMMDD; the year lies within 50 years, day 00 is the month's last."""
    written = found.get(identifier)
    if written is None:
        return None
    year, month, day = (int(written[n : n + 2]) for n in (0, 2, 4))
    apart = year - today.year % 100
    century = today.year // 100 + (-1 if apart >= 51 else 1 if apart <= -50 else 0)
    year += century * 100
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError) as error:
        raise _bad("gs1.day", _("(%(ai)s) of the carton code is no day."), ai=identifier) from error


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _unknown(identifier: str) -> BadInput:
    return _bad(
        "gs1.identifier", _("The carton code holds an unknown identifier: %(ai)s."), ai=identifier
    )


def _bad(code: str, words: object, **named: str) -> BadInput:
    shown = {name: ascii(value)[1:-1] for name, value in named.items()}
    return BadInput(code, str(words) % shown if shown else str(words))
