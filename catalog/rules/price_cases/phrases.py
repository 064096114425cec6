"""Offers written as words: "order 10% with combine(shipping)", "满300减40", "第二件半价"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from catalog.rules.price_cases.vocabulary import Unknown, number

_N: Final = r"[¥￥$€£]?\s*(\d+(?:\.\d+)?)"
_COMBINES: Final = re.compile(
    r"(?:with\s+)?(?:combines?|combinable|combining)(?:_with|\s+with)?\s*[\(\[:]?\s*"
    r"([a-z_,\s&+]*)[\)\]]?",
    re.IGNORECASE,
)
_APART: Final = re.compile(
    r"(?:with(?:out)?|no|not|does not|doesn't|cannot)\s+(?:combine|combination|combining|stack)\w*"
    r"(?:\(\s*(?:none|nothing)?\s*\))?",
    re.IGNORECASE,
)
_CLASSES: Final = ("product", "order", "shipping")
_BUY_GET: Final = re.compile(r"buy\s+(\d+)[\s,]+get\s+(\d+)(?:\s+free)?", re.IGNORECASE)
_GOODS: Final = re.compile(r"\b(?:on|for)\s+(?:item|sku|product|line)?\s*([\w\-]+)", re.IGNORECASE)
_LEAST: Final = re.compile(
    rf"(?:over|above|min(?:imum)?(?:\s+spend)?|from|spend(?:ing)?|>=|at least)\s*{_N}",
    re.IGNORECASE,
)


def read(phrase: str) -> dict[str, Any]:
    """Return an offer written as words. Raises Unknown, naming the words."""
    plain = phrase.strip()
    if match := _BUY_GET.search(plain):
        rest = read(plain.replace(match.group(0), "product 1%"))
        return {**rest, "kind": "buy_x_get_y", "buy": match[1], "get": match[2], "class": "product"}
    for pattern, build in _CHINESE:
        if match := pattern.fullmatch(plain.replace(" ", "")):
            return build(match)
    offer: dict[str, Any] = {}
    apart = _APART.search(plain)
    if apart and not re.match(r"with\s+combine", apart.group(0), re.IGNORECASE):
        plain, offer["combine"] = plain.replace(apart.group(0), " "), []
    elif match := _COMBINES.search(plain):
        named = re.split(r"[,\s&+]+|\band\b", match[1].lower())
        offer["combine"] = [word.rstrip("s") for word in named if word and word != "none"]
        plain = plain.replace(match.group(0), " ")
    else:
        offer["combine"] = []
    if match := _LEAST.search(plain):
        offer["min_spend"] = match[1]
        plain = plain.replace(match.group(0), " ")
    if match := _GOODS.search(plain):
        if match[1].lower() not in {*_CLASSES, "orders", "products", "all", "everything", "any"}:
            offer["goods"] = match[1]
        plain = plain.replace(
            match.group(0), f" {match[1] if match[1].lower() in _CLASSES else ''} "
        )
    return _valued(plain.lower(), offer, phrase)


def _valued(plain: str, offer: dict[str, Any], phrase: str) -> dict[str, Any]:
    offer["class"] = next((word for word in _CLASSES if word in plain), "product")
    percent = re.search(r"(\d+(?:\.\d+)?)\s*(?:%|percent)", plain)
    amount = re.search(rf"{_N}", plain)
    if "shipping" in plain and "order" not in plain.split("shipping", maxsplit=1)[0]:
        offer["class"] = "shipping"
        if "free" in plain or (percent is None and amount is None):
            return {**offer, "kind": "free_shipping"}
        if percent is not None:
            return {**offer, "kind": "shipping_percentage", "value": percent[1]}
    if offer["class"] == "shipping" and amount is not None:
        return {**offer, "kind": "shipping_absolute", "value": amount[1]}
    if (
        "product" not in plain
        and "item" not in plain
        and "order" not in plain
        and "goods" not in offer
    ):
        offer["class"] = "order"
    if percent is not None:
        return {**offer, "kind": "percentage", "value": percent[1]}
    if amount is None:
        raise Unknown(phrase)
    per_item = offer["class"] == "product" and ("each" in plain or "per" in plain)
    kind = "fixed_off_item" if per_item else "fixed_off_basket"
    return {**offer, "kind": kind, "value": amount[1]}


def _fold(figure: str) -> str:
    """Return 折 as percent off: 8 or 80 is 20, 85 or 8.5 is 15."""
    kept = number(figure)
    return str(100 - (kept * 10 if kept < 10 else kept))


_CHINESE: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], dict[str, Any]]], ...]] = (
    (
        re.compile(r"每满(\d+(?:\.\d+)?)元?减(\d+(?:\.\d+)?)元?"),
        lambda m: {"kind": "满减", "amount": m[1], "save": m[2], "repeat": True},
    ),
    (
        re.compile(r"满(\d+(?:\.\d+)?)元?减(\d+(?:\.\d+)?)元?"),
        lambda m: {"kind": "满减", "amount": m[1], "save": m[2]},
    ),
    (
        re.compile(r"满(\d+)件打?(\d+(?:\.\d+)?)折"),
        lambda m: {"kind": "满减", "count": m[1], "percent": _fold(m[2])},
    ),
    (
        re.compile(r"(?:全场|打)?(\d+(?:\.\d+)?)折"),
        lambda m: {"kind": "percentage", "value": _fold(m[1])},
    ),
    (re.compile(r"第二件半价"), lambda _m: {"kind": "第二件半价"}),
    (
        re.compile(r"(\d+(?:\.\d+)?)元任选(\d+)件"),
        lambda m: {"kind": "bundle", "price": m[1], "pick": m[2]},
    ),
    (
        re.compile(r"买(\d+|一)送(\d+|一)"),
        lambda m: {"kind": "buy_x_get_y", "buy": _digit(m[1]), "get": _digit(m[2])},
    ),
    (re.compile(r"(?:立减|直减)(\d+(?:\.\d+)?)元?"), lambda m: {"kind": "立减", "value": m[1]}),
    (re.compile(r"包邮|免邮"), lambda _m: {"kind": "free_shipping"}),
    (
        re.compile(r"满(\d+(?:\.\d+)?)元?(?:包邮|免邮)"),
        lambda m: {"kind": "free_shipping", "min_spend": m[1]},
    ),
)


def _digit(word: str) -> str:
    return "1" if word == "一" else word
