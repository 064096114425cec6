"""The catalogue: categories, SKUs with names one could meet, prices by channel, suppliers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Final

from catalog.services import loading, opening, products
from catalog.types.goods import ProductRow
from catalog.types.prices import OpeningPrice
from inventory.services import suppliers
from inventory.services.suppliers import SupplierRow
from ops.demo import names, seasons
from ops.demo.company import Company, Shop
from ops.demo.plan import FOUNDER, SYSTEM, Plan, cents, midnight

_SOURCE: Final = "演示公司"
_ON_SALE_SHARE: Final = 0.15  # of the best sellers take part in the great sales
_REPRICED_SHARE: Final = 0.3
_SUPPLIERS: Final = 24


@dataclass(frozen=True, slots=True)
class Item:
    """One SKU; `rank` 0 sells best."""

    rank: int
    sku_id: int
    code: str
    name: str
    price: Decimal
    cost: Decimal


def stock_shelves(plan: Plan, company: Company) -> list[Item]:
    """Load the products, name them in every channel and open their prices; best sellers first."""
    draws = plan.draws("goods")
    rows = list(_rows(plan, draws))
    loaded = loading.load_products(
        rows=[row for row, _price in rows], source=_SOURCE, actor=FOUNDER, at=plan.at
    )
    draws.shuffle(rows)
    items = [
        Item(
            rank,
            loaded.sku_ids[row.code],
            row.code,
            row.name,
            cents(price),
            cents(price * draws.uniform(0.42, 0.66)),
        )
        for rank, (row, price) in enumerate(rows)
    ]
    for shop in company.shops:
        products.name_in_channel(
            channel_id=shop.id,
            codes=[(item.code, item.sku_id) for item in items],
            actor=SYSTEM,
            at=plan.at,
        )
        _open_prices(plan, shop, items)
    return items


def load_suppliers(plan: Plan) -> list[str]:
    """Enter the suppliers and return their codes."""
    draws = plan.draws("suppliers")
    rows = []
    for number in range(1, _SUPPLIERS + 1):
        region, city = names.SUPPLIER_PLACES[number % len(names.SUPPLIER_PLACES)]
        word = names.SUPPLIER_WORDS[number % len(names.SUPPLIER_WORDS)]
        trade = names.SUPPLIER_TRADES[number % len(names.SUPPLIER_TRADES)]
        rows.append(
            SupplierRow(
                code=f"S{number:03d}",
                name=f"{city}{word}{trade}有限公司",
                contact=names.person(draws),
                phone=names.mobile(draws),
                city=city,
                region=region,
            )
        )
    suppliers.load_suppliers(rows=rows, source=_SOURCE, actor=FOUNDER, at=plan.at)
    return [row.code for row in rows]


def _rows(plan: Plan, draws: Random) -> Iterator[tuple[ProductRow, float]]:
    """Yield products shelf by shelf, each name once, with its usual price."""
    every = [
        (shelf, f"{brand} {thing} {variant}{series}")
        for series in names.SERIES
        for shelf in names.SHELVES
        for brand in shelf.brands
        for thing in shelf.things
        for variant in shelf.variants
    ]
    for number, (shelf, name) in enumerate(draws.sample(every, plan.sku_count), start=1):
        price = shelf.price * draws.lognormvariate(0, 0.35)
        yield (
            ProductRow(
                code=f"GF{number:06d}",
                name=name,
                category=shelf.path,
                brand=name.partition(" ")[0],
                unit="件",
                weight_g=round(shelf.weight_g * draws.uniform(0.6, 1.5)),
                barcode=_barcode(number),
            ),
            max(9, round(price)) + draws.choice((0.0, -0.1, 0.9)),
        )


def _barcode(number: int) -> str:
    """Return an EAN-13 of the Chinese range with its check digit."""
    body = f"6970000{number:05d}"
    odd, even = sum(map(int, body[::2])), sum(map(int, body[1::2]))
    return f"{body}{-(odd + 3 * even) % 10}"


def _open_prices(plan: Plan, shop: Shop, items: list[Item]) -> None:
    draws = plan.draws(f"prices:{shop.code}")
    windows = seasons.sale_windows(plan.first_day, plan.today)
    turn = plan.first_day + (plan.today - plan.first_day) * 2 // 3
    prices: list[OpeningPrice] = []
    for item in items:
        base = float(item.price) * shop.price_factor
        later = base * draws.choice((0.93, 0.96, 1.05, 1.08))
        # One draw for every item, used or not: the rest stays as it is when shares change.
        turns = draws.random() < _REPRICED_SHARE
        joins = item.rank < len(items) * _ON_SALE_SHARE
        prices += _periods(
            item.sku_id, base, later if turns else base, turn, windows if joins else []
        )
    opening.open_prices(
        channel_id=shop.id, prices=prices, source=_SOURCE, actor=FOUNDER, at=plan.at
    )


def _periods(
    sku_id: int,
    base: float,
    later: float,
    turn: dt.date,
    windows: list[tuple[dt.date, dt.date, float]],
) -> Iterator[OpeningPrice]:
    """Yield one SKU's prices without gap or overlap, equal neighbours as one."""
    marks = sorted({day for first, after, _factor in windows for day in (first, after)} | {turn})
    spans = [(None, marks[0]), *pairwise(marks), (marks[-1], None)]
    found: list[tuple[dt.date | None, dt.date | None, Decimal]] = []
    for first, after in spans:
        inside = first or dt.date.min
        price = base if inside < turn else later
        for begins, ends, factor in windows:
            if begins <= inside < ends:
                price *= factor
        paid = cents(price)
        if found and found[-1][2] == paid:
            found[-1] = (found[-1][0], after, paid)
        else:
            found.append((first, after, paid))
    for first, after, paid in found:
        yield OpeningPrice(
            sku_id=sku_id,
            price=paid,
            since=midnight(first) if first else None,
            until=midnight(after) if after else None,
        )
