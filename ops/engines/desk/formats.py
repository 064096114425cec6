"""How values are written on screens: grouping, signs, business time, missing values.

Files carry ASCII minus and full figures; only screens use these.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ops.engines.kernel.parse import BUSINESS_ZONE

MISSING: Final = "-"
MINUS: Final = "\N{MINUS SIGN}"
_HUNDRED_MILLION, _TEN_THOUSAND = Decimal(10**8), Decimal(10**4)
_MILLION, _THOUSAND = Decimal(10**6), Decimal(10**3)


def decimal_text(value: Any, *, places: int | None = None, sign: bool = False) -> str:
    """Write a number with thousands commas; None is `-`, below zero carries U+2212."""
    number = _decimal(value)
    if number is None:
        return MISSING if value in (None, "") else str(value)
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(number):,f}"
    if number < 0:
        return f"{MINUS}{text}"
    return f"+{text}" if sign and number > 0 else text


def money(value: Any) -> str:
    """Write an amount with two places."""
    return decimal_text(value, places=2)


def number(value: Any) -> str:
    """Write a count, or any number without trailing zeros."""
    read = _decimal(value)
    if read is not None and read == read.to_integral_value():
        read = read.quantize(Decimal(1))
    return decimal_text(value if read is None else read.normalize() if read % 1 else read)


def pct(value: Any) -> str:
    """Write a ratio (0.182) as a rate with one place (18.2%)."""
    read = _decimal(value)
    return MISSING if read is None else f"{decimal_text(read * 100, places=1)}%"


def short(value: Any) -> str:
    """Abbreviate a figure for a tile: 万 and 亿 in Chinese, K and M in English."""
    read = _decimal(value)
    if read is None:
        return MISSING
    chinese = (get_language() or "").startswith("zh")
    steps = (
        ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万"))
        if chinese
        else ((_MILLION, "M"), (_THOUSAND, "K"))
    )
    for step, word in steps:
        if abs(read) >= step * 10 or (abs(read) >= step and step != steps[-1][0]):
            return f"{decimal_text(read / step, places=1)} {word}"
    return number(read)


def moment(value: dt.datetime | None) -> str:
    """Write a moment in business time to the minute."""
    return value.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M") if value else MISSING


def day(value: dt.date | dt.datetime | None) -> str:
    """Write a business day."""
    if isinstance(value, dt.datetime):
        value = value.astimezone(BUSINESS_ZONE).date()
    return value.isoformat() if value else MISSING


def left(due: dt.datetime | None, at: dt.datetime) -> str:
    """Say how long is left until `due`, or by how long it passed: one unit, rounded down."""
    if due is None:
        return ""
    seconds = int((due - at).total_seconds())
    span = _span(abs(seconds))
    return (_("%(span)s left") if seconds >= 0 else _("%(span)s late")) % {"span": span}


def urgency(due: dt.datetime | None, at: dt.datetime) -> str:
    """Return `late`, `soon` (under four hours) or an empty text."""
    if due is None:
        return ""
    if due < at:
        return "late"
    return "soon" if due - at < dt.timedelta(hours=4) else ""


def _span(seconds: int) -> str:
    if seconds >= 2 * 86400:
        return _("%(count)s d") % {"count": seconds // 86400}
    if seconds >= 3600:
        return _("%(count)s h") % {"count": seconds // 3600}
    return _("%(count)s min") % {"count": seconds // 60}


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool) or value == "":
        return None
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None
