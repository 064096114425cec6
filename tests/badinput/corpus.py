"""The values nobody should send, by kind of field (section 4 of the promises).

A `BAD` value must be refused wherever its kind is read; an `ODD` one may be taken, verbatim and
inert, or refused: it never breaks anything.
"""

from __future__ import annotations

import itertools
from typing import Any, Final, TypeVar

from rest_framework import serializers

from ops.engines.http import fields

T = TypeVar("T")
HUGE: Final = 10**20
MARK: Final = "zq7"
_HIDDEN: Final = ("a\x00b", "a\x07b", "a\u202eb", "a\u2066b", "a\u200bb", "a\ufeffb", "a\ufffdb")

BAD: Final[dict[str, tuple[Any, ...]]] = {
    "quantity": (
        -1, 1.5, "1e3", "+5", "1_000", "１２", " 7 ", "1,000", 2**63, HUGE, True, "NaN", "Infinity",
        "-0", "", "五", "0x10", [], {}, [1], None,
    ),
    "money": (
        "1.0000001", "1e-400", "1e400", 0.1, 1, "¥9.90", "9，90", "9,90", "-0.00", "NaN", "sNaN",
        "Infinity", "-1.00", "+1.00", "１.００", " 1.00", "1.00 ", "1.", ".5", "", "0x1", "99999999999999999.00",
        [], {}, True, None,
    ),
    "moment": (
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00", "1899-12-31T23:59:59Z",
        "2026-02-30T00:00:00Z", "9999-12-31T23:59:59+14:00", "2026-01-01T24:00:00Z",
        "2026-06-30T23:59:60Z", "2026-03-08T02:30:00", "1767225600000", 1767225600000,
        "2026/2/3 10:00", "民國115年1月1日", "2026-01-01", "now", "", "2026-01-01T00:00:00+99:00", [],
        {}, True, None,
    ),
    "day": (
        "0000-01-01", "0001-01-01", "1899-12-31", "2026-02-30", "9999-12-31", "2101-01-01", "2026/2/3",
        "115/01/01", "20260101", "1767225600", 20260101, "２０２６-01-01", "2026-1-1", "", "today", [],
        {}, True, None,
    ),
    "code": (*_HIDDEN, "", " A", "A ", "A\u00a0", "\u00a0A", "A\nB", "A" * 2000, 1, True, [], {}, None),
    "text": (*_HIDDEN, "a\nb\x00", "长" * 100_000, 1, True, [], {}),
    "flag": (0, 1, "true", "yes", "", None, [], {}, "1"),
    "word": ("", "no such word", 0, True, [], {}, None, "a\x00b", "A" * 2000, MARK),
    "id": (0, -1, 1.5, "1", 2**63, HUGE, True, "", [], {}, [1], {"id": 1}, None, "../1", "1 OR 1=1"),
    "list": ("", 1, True, {}, {"0": 1}, None, "[]"),
    "dict": ("", 1, True, [], None, "{}"),
    "file": ("/etc/passwd", "", 1),
    "other": ([], {}, "a\x00b"),
}  # fmt: skip
ODD: Final[dict[str, tuple[Any, ...]]] = {
    "quantity": (0, 2**31),
    "money": ("0.005", "99999999999.99", "0.00"),
    "moment": ("2100-12-31T23:59:59+14:00", "1900-01-01T00:00:00Z"),
    "day": ("2100-12-31", "1900-01-01"),
    "code": ("АВС", "'; --", "{{7*7}}", "${7*7}", "=1+1", "@SUM(1)", "ＡＢ", "e\u0301"),
    "text": (
        "'; DROP TABLE x; --", "{{7*7}}", "${7*7}", "{% debug %}", "<svg onload=alert(1)>", "%(x)s",
        "javascript:alert(1)", "=1+1", "+1", "-1", "@SUM(1)", "＝1+1", '=HYPERLINK("a")', "=cmd|' /C calc'!A0",
        " '=1", ";=1", "e" + "\u0301" * 150, "\U0001f468\u200d\U0001f469", "\u00e9", "名\u00a0", "%s%s%n",
    ),
    "flag": (),
    "word": (),
    "id": (987_654_321, 10**12),
    "list": (),
    "dict": ({"a\x00": 1}, {"__proto__": 1}),
    "file": (),
    "other": ("{{7*7}}", "", 1),
}  # fmt: skip
PERSONAL: Final = (
    f"+86 138-0013-8{MARK}\u202e",
    f"0086 13800138000 {MARK}\x00",
    f"11010119900307{MARK}\u200b",
    f"浙江省杭州市{MARK}路\u20661号",
)
"""Personal texts with something that must be refused: the refusal never repeats them."""

_KINDS: Final[tuple[tuple[type[Any], str], ...]] = (
    (fields.IdField, "id"),
    (fields.QuantityField, "quantity"),
    (fields.MoneyField, "money"),
    (fields.MomentField, "moment"),
    (fields.DayField, "day"),
    (fields.CodeField, "code"),
    (fields.StrictCharField, "text"),
    (fields.FlagField, "flag"),
    (serializers.ChoiceField, "word"),
    (serializers.ListField, "list"),
    (serializers.ListSerializer, "list"),
    (serializers.DictField, "dict"),
    (serializers.Serializer, "dict"),
    (serializers.FileField, "file"),
)


def kind_of(field: Any) -> str:
    """Return the kind of a serializer field."""
    return next((kind for family, kind in _KINDS if isinstance(field, family)), "other")


def bad_values(field: Any) -> list[Any]:
    """Return what this very field must refuse: its own options lift some."""
    values = list(BAD[kind_of(field)])
    if getattr(field, "allow_null", False):
        values = [value for value in values if value is not None]
    if getattr(field, "allow_blank", False):
        values = [value for value in values if value != ""]
    if getattr(field, "negative", False):
        values = [value for value in values if value != "-1.00"]
    if getattr(field, "lines", False):
        values = [value for value in values if value != "a\nb"]
    if getattr(field, "allow_empty", True) is False:
        values.append([])
    return values


def sampled(values: list[T], most: int, seed: int) -> list[T]:
    """Return at most `most` values, other ones for another seed, all in the long run."""
    if len(values) <= most:
        return values
    start = seed * most % len(values)
    return list(itertools.islice(itertools.cycle(values), start, start + most))
