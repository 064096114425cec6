"""W8.a: price quotes of three lines under 50 live promotions in a catalogue of 100,000 SKUs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.rules.promotions.baskets import Basket, BasketLine, Buyer
from catalog.rules.promotions.quoting import RuleSet, compile_rules, quote
from catalog.rules.promotions.reading import parse_rule
from tests.bench.measure import Row, in_turn

SKUS = 100_000
BASKETS = 2_000
_AT = datetime(2026, 11, 11, 4, tzinfo=UTC)


def _path(sku_id: int) -> str:
    return f"c{sku_id % 10}.b{sku_id % 7}"


def _contents(draw: random.Random) -> list[dict[str, Any]]:
    """Return 50 rules of all types over ten categories, as a shop in its season has them."""
    rules: list[dict[str, Any]] = []
    for n in range(5):
        for kind in range(10):
            root, branch = {"categories": [f"c{kind}"]}, {"categories": [_path(kind + 10 * n)]}
            skus = sorted(draw.sample(range(1, SKUS + 1), 500))
            rules.append(
                (
                    {"type": "percentage", "value": "10", "goods": branch},
                    {
                        "type": "spend_and_save",
                        "steps": [{"amount": "300", "save": "40"}, {"amount": "500", "save": "80"}],
                        "goods": root,
                        "stacking": {"combines_with": ["coupon", "goods"]},
                    },
                    {"type": "flash_sale", "price": "9.90", "goods": {"skus": skus}},
                    {"type": "nth_item", "n": 2, "percent": "50", "goods": branch},
                    {"type": "buy_x_get_y", "buy": 2, "get": 1, "goods": {"skus": skus}},
                    {
                        "type": "amount",
                        "value": "20",
                        "condition": {"amount": "199"},
                        "goods": root,
                        "coupon": True,
                    },
                    {"type": "free_shipping", "condition": {"amount": "99"}}
                    if n == 0
                    else {"type": "percentage", "value": "5", "condition": {"tiers": ["gold"]}},
                    {"type": "points", "factor": "2", "goods": root},
                    {"type": "member_price", "condition": {"tiers": ["gold"]}, "goods": branch},
                    {
                        "type": "percentage",
                        "value": "12",
                        "goods": root,
                        "stacking": {"combines_with": ["order"]},
                    },
                )[kind]
            )
    return rules


def _baskets(draw: random.Random) -> list[Basket]:
    return [
        Basket(
            lines=tuple(_line(str(n), draw) for n in range(3)),
            channel="tmall",
            at=_AT,
            buyer=Buyer(key="buyer", tier=draw.choice(["", "gold"])),
            shipping=Decimal("10.00"),
        )
        for _basket in range(BASKETS)
    ]


def _line(key: str, draw: random.Random) -> BasketLine:
    sku_id = draw.randint(1, SKUS)
    return BasketLine(
        key=key,
        sku_id=sku_id,
        category=_path(sku_id),
        quantity=draw.randint(1, 4),
        unit_price=Decimal(draw.randint(500, 30_000)).scaleb(-2),
        floor=Decimal("4.00"),
        tier_price=Decimal("4.50"),
    )


def _a_second(work: Callable[[], object]) -> float:
    """Return how many baskets a core prices in a second: processor time, not the wall's."""
    started = time.process_time()
    work()
    return BASKETS / (time.process_time() - started)


def live() -> tuple[RuleSet, list[Basket]]:
    """Return the live rules and the baskets, the same at every call."""
    draw = random.Random(8)
    rules = compile_rules(
        parse_rule(one, id=n, number=f"P{n}") for n, one in enumerate(_contents(draw), 1)
    )
    return rules, _baskets(draw)


def quotes() -> Iterator[Row]:
    """W8.a: quotes a second and core; the limit adds the same lines up without any rule."""
    rules, baskets = live()
    none = compile_rules([])
    project, limit = in_turn(
        lambda: _a_second(lambda: [quote(one, rules) for one in baskets]),
        lambda: _a_second(lambda: [quote(one, none) for one in baskets]),
    )
    yield Row(
        "W8.a",
        "price quote, 3 lines, 50 promotions, 100 k SKUs",
        "quotes/s",
        project,
        limit,
        0.04,
        note="aim in quotes: 2,000 a second and core",
    )
