"""What a stored cell value means: exact numbers, days of two calendars, escaped text."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

from ops.engines.tables.limits import EXCEL_EXACT_DIGITS

_FAST_DIGITS = EXCEL_EXACT_DIGITS
_EXACT_BELOW = 10**EXCEL_EXACT_DIGITS
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_SIGNS = re.compile("[dmyhsDMYHS年月日时分秒]")
_TIME_SIGNS = re.compile("[hsHS时分秒]")
_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_BUILT_IN_TIMES = frozenset([18, 19, 20, 21, 22, 32, 33, 34, 35, 45, 46, 47, 55, 56])
_EPOCH_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001 a sheet knows no zone
_EPOCH_1900 = dt.datetime(1899, 12, 30)  # noqa: DTZ001
_LAST_SERIAL = 2_958_465  # 9999-12-31
_NO_SUCH_DAY = 60


def read_number(raw: str) -> tuple[str, str]:
    """Return the exact decimal text of a stored double, and a problem code or "".

    Spreadsheet programs store 1.1 as 1.1000000000000001: the shortest text of the same double is
    what was typed. Whole numbers of more than 15 digits have lost digits before they reached us.
    """
    if len(raw) <= _FAST_DIGITS and raw.isdecimal() and raw.isascii():
        return (raw.lstrip("0") or "0"), ""
    number = _float(raw)
    if number is None:
        return raw, "bad_number"
    if number.is_integer():
        return (raw, "precision_lost") if abs(number) >= _EXACT_BELOW else (str(int(number)), "")
    return format(Decimal(repr(number)), "f"), ""


def read_serial(raw: str, *, with_time: bool, from_1904: bool) -> tuple[str, str]:
    """Return ISO text of a date cell, and a problem code or "".

    The 29 February 1900 that one program invented, day zero and negative days are problems.
    """
    serial = _float(raw)
    if serial is None or not 0 <= serial < _LAST_SERIAL + 1:
        return raw, "bad_date"
    days = int(serial)
    millis = round((serial - days) * 86_400_000)
    start = _EPOCH_1904
    if not from_1904:
        if days == _NO_SUCH_DAY or (days == 0 and not with_time):
            return raw, "bad_date"
        if days == 0:
            return _clock_text(_EPOCH_1904 + dt.timedelta(milliseconds=millis)), ""
        start = _EPOCH_1900 + dt.timedelta(days=days < _NO_SUCH_DAY)
    moment = start + dt.timedelta(days=days, milliseconds=millis)
    if not with_time and not millis:
        return moment.date().isoformat(), ""
    return f"{moment.date().isoformat()} {_clock_text(moment)}", ""


def read_text(raw: str) -> tuple[str, str]:
    """Return stored text with `_x000D_` escapes undone, and a problem code or ""."""
    if "_x" in raw:
        raw = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), raw)
    if "\ufffd" in raw:
        return raw, "replacement_character"
    if "\0" in raw:
        return raw, "nul"
    return raw, ""


def date_kind(number_format: int, pattern: str | None) -> str:
    """Return "date", "moment" or "" for a cell format."""
    if pattern is None:
        if number_format not in _BUILT_IN_DATES:
            return ""
        return "moment" if number_format in _BUILT_IN_TIMES else "date"
    signs = _QUOTED.sub("", pattern.split(";")[0])
    if signs.casefold() == "general" or not _DATE_SIGNS.search(signs):
        return ""
    return "moment" if _TIME_SIGNS.search(signs) else "date"


def _float(raw: str) -> float | None:
    try:
        number = float(raw)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in raw else None


def _clock_text(moment: dt.datetime) -> str:
    return moment.time().isoformat("milliseconds" if moment.microsecond else "seconds")
