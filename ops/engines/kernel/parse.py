"""The one strict reading of what people and files write: quantity, money, day, moment, text, code.

Every door (form, API, import) uses these. Nothing is rounded, guessed or silently repaired.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from .errors import BadInput

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
MAX_QUANTITY = 10**12
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,13})(\.[0-9]{1,6})?", re.ASCII)
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_FIGURE = re.compile(r"[0-9０-９.,，:/+\-−TZ¥$€%a-fA-F ]*")
_LONG_NUMBER = re.compile(r"[0-9０-９]{9}")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# Marks that make two texts look alike or run backwards: never part of a name or a code.
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]")


def quantity(text: object, *, least: int = 0) -> int:
    """Read a whole number of base units, at least `least`.

    Raises BadInput for fractions, signs beyond a minus, separators, other digits, booleans.
    """
    if isinstance(text, bool) or not isinstance(text, int | str):
        raise BadInput("input.quantity", _("Not a whole number."))
    if isinstance(text, str) and not _INTEGER.fullmatch(text):
        raise BadInput("input.quantity", _("Not a whole number: %(text)s.") % {"text": _show(text)})
    number = int(text)
    if not least <= number <= MAX_QUANTITY:
        raise BadInput(
            "input.quantity_range",
            _("Out of range: %(text)s. The least is %(least)s.")
            % {"text": _show(str(text)), "least": least},
        )
    return number


def money(text: object, *, places: int = 2, negative: bool = False) -> Decimal:
    """Read an exact decimal with at most `places` decimals.

    Raises BadInput for floats, exponents, NaN, currency signs, separators, extra decimals.
    """
    if isinstance(text, Decimal):
        text = format(text, "f") if text.is_finite() else "NaN"
    if isinstance(text, bool) or not isinstance(text, int | str):
        raise BadInput("input.money", _("Not an amount: write it as text, such as 12.50."))
    match = _NUMBER.fullmatch(str(text))
    if not match:
        raise BadInput("input.money", _("Not an amount: %(text)s.") % {"text": _show(str(text))})
    if match[2] and len(match[2]) - 1 > places:
        raise BadInput(
            "input.money_places",
            _("At most %(places)s decimals: %(text)s.")
            % {"places": places, "text": _show(str(text))},
        )
    number = Decimal(str(text))
    if number.is_signed() and (not negative or number == 0):
        raise BadInput(
            "input.money_sign", _("Not below zero: %(text)s.") % {"text": _show(str(text))}
        )
    return number


def day(text: object) -> dt.date:
    """Read an ISO date between 1900 and 2100."""
    match = _DAY.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise BadInput("input.date", _("Not a date: %(text)s.") % {"text": _show(str(text))})
    try:
        value = dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise BadInput(
            "input.date", _("Not a date: %(text)s.") % {"text": _show(str(text))}
        ) from error
    _check_year(value.year, text)
    return value


def moment(text: object, *, zone: ZoneInfo | None = None) -> dt.datetime:
    """Read an ISO moment; `zone` is what a moment without offset is in (None refuses it)."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise BadInput("input.moment", _("Not a moment: %(text)s.") % {"text": _show(str(text))})
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            "input.moment", _("Not a moment: %(text)s.") % {"text": _show(text)}
        ) from error
    _check_year(value.year, text)
    if value.tzinfo is None:
        if zone is None:
            raise BadInput("input.moment_zone", _("A moment needs its offset, such as +08:00."))
        value = value.replace(tzinfo=zone)
    return value.astimezone(dt.UTC)


def text(value: object, *, most: int = 200, least: int = 0, lines: bool = False) -> str:
    """Read text, NFC-normal; control, bidirectional and invisible marks are refused."""
    if not isinstance(value, str):
        raise BadInput("input.text", _("Not a text."))
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadInput("input.text_broken", _("The text holds a broken character.")) from error
    allowed = "\n\t" if lines else ""
    if any(unicodedata.category(c) == "Cc" and c not in allowed for c in value):
        raise BadInput("input.text_control", _("The text holds a control character."))
    if _HIDDEN.search(value):
        raise BadInput("input.text_hidden", _("The text holds an invisible or reversing mark."))
    value = unicodedata.normalize("NFC", value)
    if not least <= len(value.strip()) or len(value) > most:
        raise BadInput(
            "input.text_length",
            _("The text must have %(least)s to %(most)s characters.")
            % {"least": least, "most": most},
        )
    return value


def code(value: object, *, most: int = 64) -> str:
    """Read a code exactly as written: no blanks around it, printable, not empty."""
    read = text(value, most=most, least=1)
    if read != read.strip() or "\u00a0" in read:
        raise BadInput("input.code_blank", _("The code has blanks around it."))
    return read


def code_key(value: str) -> str:
    """Return the form in which codes we issue are unique: NFKC, casefolded."""
    return unicodedata.normalize("NFKC", value).casefold()


def business_day(at: dt.datetime) -> dt.date:
    """Return the business day (Asia/Shanghai) a moment falls in."""
    return at.astimezone(BUSINESS_ZONE).date()


def _check_year(year: int, text: object) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadInput(
            "input.year", _("Only years 1900 to 2100: %(text)s.") % {"text": _show(str(text))}
        )


def _show(text: str) -> str:
    """Return what a refusal may repeat: a figure or a moment, never words or a long number.

    A name or a telephone number in the wrong column must not wander into answers and reports.
    """
    if len(text) > 40 or not _FIGURE.fullmatch(text) or _LONG_NUMBER.search(text):
        return "…"
    return text
