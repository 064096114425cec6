"""What a case buys: lines with names, prices and quantities, and the buyer around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from catalog.rules.price_cases.vocabulary import Case, Unknown, figure, first, number
from catalog.rules.promotions.baskets import Basket, BasketLine, Buyer
from ops.engines.kernel.parse import BUSINESS_ZONE

_NAMES: Final = ("sku", "product", "name", "id", "item", "code", "variant")
_CATEGORIES: Final = ("category", "range", "collection", "type", "tag", "shop", "brand", "group")
_NOON: Final = datetime(2026, 11, 11, 12, tzinfo=BUSINESS_ZONE)
# A line that no offer may touch: not discountable, a gift card, on sale where that is excluded.
CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The names of a case's goods: which SKUs a word stands for."""

    skus: Mapping[str, tuple[int, ...]]
    lines: int

    def find(self, words: object) -> list[int]:
        """Return the SKUs of names, categories or line numbers (from 0). Raises Unknown."""
        if isinstance(words, Mapping):
            words = first(words, ("skus", "products", "names", "categories", "category", "lines"))
        entries = [words] if isinstance(words, str | int) else list(_list(words))
        found: list[int] = []
        for entry in entries:
            named = self.skus.get(str(entry).lower())
            if named is None and isinstance(entry, int) and 0 <= entry < self.lines:
                named = (entry + 1,)
            if named is None:
                raise Unknown(f"goods {entry}")
            found.extend(named)
        return sorted(set(found))


def _list(words: object) -> Sequence[object]:
    if isinstance(words, Sequence) and not isinstance(words, str):
        return words
    raise Unknown(f"goods {words}")


def read(case: Case) -> tuple[Basket, Shelf]:
    """Return the basket of a case and the names of its goods. Raises Unknown."""
    rows = case.get("basket", case.get("lines", case.get("cart", ())))
    buyer: dict[str, Any] = {}
    if isinstance(rows, Mapping):
        buyer = dict(rows)
        rows = first(rows, ("lines", "items")) or ()
    rule = case.get("rule")
    rule = rule if isinstance(rule, Mapping) else {}
    around = {**rule, **buyer, **{k: v for k, v in case.items() if k not in {"rule", "basket"}}}
    names: dict[str, list[int]] = {}
    by_name: dict[str, int] = {}
    lines = []
    for place, row in enumerate(rows):
        lines.append(_line(place, row, names, by_name))
    shelf = Shelf({word: tuple(found) for word, found in names.items()}, len(lines))
    return _basket(tuple(lines), around), shelf


def _line(
    place: int, row: Case, names: dict[str, list[int]], by_name: dict[str, int]
) -> BasketLine:
    name = first(row, _NAMES)
    sku_id = place + 1 if name is None else by_name.setdefault(str(name).lower(), place + 1)
    quantity = int(figure(row, ("qty", "quantity", "count", "pieces")) or 1)
    words = [str(name)] if name is not None else []
    for field in _CATEGORIES:
        found = row.get(field)
        words += [
            str(one) for one in (found if isinstance(found, list) else [found] if found else [])
        ]
    words += [str(tag) for tag in row.get("tags", row.get("categories", ()))]
    for word in words:
        if sku_id not in names.setdefault(word.lower(), []):
            names[word.lower()].append(sku_id)
    is_open = all(row.get(field, True) for field in ("discountable", "is_discountable", "in_range"))
    return BasketLine(
        key=str(place),
        sku_id=sku_id,
        category="open" if is_open else CLOSED,
        quantity=quantity,
        unit_price=number(first(row, ("price", "unit_price", "unit"))),
        floor=figure(row, ("floor", "floor_price", "min_price")),
        tier_price=figure(row, ("member_price", "tier_price")),
    )


def _basket(lines: tuple[BasketLine, ...], around: Case) -> Basket:
    person = around.get("customer") or around.get("buyer") or {}
    person = person if isinstance(person, Mapping) else {"tier": person}
    at = around.get("at") or around.get("time")
    codes = first(around, ("coupons", "codes", "presented")) or ()
    return Basket(
        lines=lines,
        channel=str(around.get("channel") or "shop"),
        at=_moment(str(at)) if at else _NOON,
        buyer=Buyer(
            key=str(person.get("key", "")),
            tier=str(
                first(person, ("tier", "group", "level")) or around.get("customer_tier") or ""
            ),
            is_first_order=bool(person.get("first_order", around.get("first_order", False))),
        ),
        coupons=tuple(str(code) for code in ([codes] if isinstance(codes, str) else codes)),
        shipping=_fee(around),
    )


def _fee(around: Case) -> Decimal:
    found = first(
        around, ("shipping", "shipping_fee", "shipping_cost", "shipping_before", "freight")
    )
    return number(found) if isinstance(found, str | int | Decimal) else Decimal(0)


def _moment(written: str) -> datetime:
    if len(written) == 5:
        hour, minute = written.split(":")
        return _NOON.replace(hour=int(hour), minute=int(minute))
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=BUSINESS_ZONE)
