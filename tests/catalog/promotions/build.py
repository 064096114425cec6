"""Baskets and rules for tests of the promotion engine, short enough to read in a line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.rules.promotions.baskets import Basket, BasketLine
from catalog.rules.promotions.quoting import RuleSet, compile_rules
from catalog.rules.promotions.reading import parse_rule

AT = datetime(2026, 11, 11, 4, tzinfo=UTC)


def line(
    place: int, price: str, quantity: int, floor: str | None = None, category: str = "house.kitchen"
) -> BasketLine:
    """Return one line; its key and SKU follow its place."""
    return BasketLine(
        key=f"line{place}",
        sku_id=place + 1,
        category=category,
        quantity=quantity,
        unit_price=Decimal(price),
        floor=None if floor is None else Decimal(floor),
    )


def basket(*rows: tuple[Any, ...], **more: Any) -> Basket:
    """Return a basket of (price, quantity[, floor]) rows."""
    lines = tuple(line(place, *row) for place, row in enumerate(rows))
    return Basket(lines=lines, channel="tmall", at=AT, **more)


def rules(*contents: Mapping[str, Any]) -> RuleSet:
    """Return rules numbered from 1."""
    return compile_rules(
        [parse_rule(one, id=n, number=f"P{n}") for n, one in enumerate(contents, 1)]
    )
