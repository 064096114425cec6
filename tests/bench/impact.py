"""W8.c: a hundred thousand real orders replayed under a price change, and under a promotion."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from catalog.models import PriceChange, Product, Promotion, Sku
from catalog.selectors import impact, impact_promotions
from catalog.services import opening
from catalog.services.impact import window_of
from catalog.types.prices import OpeningPrice
from ops.engines.kernel.parse import business_day
from tests.bench import ground
from tests.bench.measure import Row
from tests.catalog import promos
from tests.catalog.shop import IMPORTER, LONG_AGO, Shop, open_shop
from tests.engines.identity.factories import AT

ORDERS, SKUS = 100_000, 5000
SAVE = {
    "type": "spend_and_save",
    "steps": [{"amount": "300", "save": "40"}],
    "caps": {"budget": "100000.00"},
}
# Three lines an order, of few favourites and a long tail, one to three pieces each.
_ORDERS = """
INSERT INTO customers_order (number, channel_id, external_no, kind, path, state, hold_reason,
    country, recipient_enc, currency, total, tax, placed_at, paid_at, business_day)
SELECT 'W8C-' || n, %(channel)s, 'W8C-' || n, 'sale', 'prepaid', 'paid', '', '', '', 'CNY', 0, 0,
       %(at)s, %(at)s, %(day)s::date - (n %% 90) - 1
FROM generate_series(1, %(orders)s) n
"""
_LINES = """
INSERT INTO customers_orderline (order_id, line_no, sku_id, kind, quantity, unit_price, amount)
SELECT o.id, l, (%(skus)s::bigint[])[1 + floor(%(count)s * power(hashed, 3))::int], 'sale', q, 199,
       199 * q
FROM customers_order o CROSS JOIN generate_series(1, 3) l
CROSS JOIN LATERAL (SELECT abs(hashint8(o.id * 7 + l)::bigint) / 2147483649.0 AS hashed,
                           1 + (o.id + l) %% 3 AS q) h
WHERE o.number LIKE 'W8C-%%'
"""


def number_past_the_company() -> None:
    """Let new rows take numbers after those the ground wrote by hand."""
    with ground.connect(owner=True) as link, link.cursor() as cursor:
        for table in ("channel", "category", "product", "sku"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('catalog_{table}', 'id'), max(id))"
                f" FROM catalog_{table}"
            )


def _shop() -> Shop:
    """Return a shop with 5,000 priced SKUs and 100,000 orders of three lines."""
    number_past_the_company()
    shop = open_shop()
    product = Product.objects.get(skus=shop.sku_ids[0])
    made = Sku.objects.bulk_create(
        [
            Sku(code=f"W8C-{n}", code_key=f"w8c-{n}", product=product, name=f"w8c {n}")
            for n in range(SKUS)
        ],
        batch_size=5000,
    )
    opening.open_prices(
        channel_id=shop.channel_id,
        prices=[OpeningPrice(sku_id=s.pk, price=Decimal(199), since=LONG_AGO) for s in made],
        source="W8.c",
        actor=IMPORTER,
        at=AT,
    )
    shop.sku_ids = [sku.pk for sku in made]
    values: dict[str, Any] = {
        "channel": shop.channel_id,
        "at": AT - timedelta(days=1),
        "day": business_day(AT),
        "orders": ORDERS,
        "skus": shop.sku_ids,
        "count": SKUS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ORDERS, values)
        cursor.execute(_LINES, values)
        cursor.execute("ANALYZE customers_order, customers_orderline")
    return shop


def _timed(work: Callable[[], object]) -> list[float]:
    """Return the seconds of three runs, each in a transaction of its own."""
    found = []
    for _ in range(3):
        with transaction.atomic():
            started = time.perf_counter()
            work()
            found.append(time.perf_counter() - started)
    return found


def replays() -> Iterator[Row]:
    """W8.c: replay 100,000 orders; limits: five seconds to answer, a minute for a job."""
    shop = _shop()
    window = window_of(90, at=AT)
    change = PriceChange.objects.get(pk=shop.draft("189.00").id)
    promotion = Promotion.objects.get(pk=promos.draft(shop, SAVE).id)

    def replay(*, whole: bool) -> object:
        return impact_promotions.replay_promotion(row=promotion, window=window, at=AT, whole=whole)

    works: dict[str, tuple[float, Callable[[], object]]] = {
        "prices": (5, lambda: impact.replay_price_change(change=change, window=window, at=AT)),
        "promotion": (5, lambda: replay(whole=False)),
        "promotion, every basket": (60, lambda: replay(whole=True)),
    }
    for name, (limit, work) in works.items():
        said = f"replay 100,000 orders, {name}"
        yield Row("W8.c", said, "s", _timed(work), [limit], 1.0, better="lower")
