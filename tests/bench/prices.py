"""W8.b: a hundred thousand approved prices take effect, against the bare UPDATE and INSERT."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Iterator
from decimal import Decimal

from catalog.models import Product, Sku
from catalog.services import opening, price_rules, pricing
from catalog.types.prices import OpeningPrice
from tests.bench import ground
from tests.bench.measure import Row, in_turn
from tests.catalog.shop import IMPORTER, LONG_AGO, Shop, actor, open_shop
from tests.engines.identity.factories import AT, SYSTEM

PRICES = 100_000
_days = itertools.count(1)


def _number_past_the_company() -> None:
    """Let new rows take numbers after those the ground wrote by hand."""
    with ground.connect(owner=True) as link, link.cursor() as cursor:
        for table in ("channel", "category", "product", "sku"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('catalog_{table}', 'id'), max(id))"
                f" FROM catalog_{table}"
            )


def _shop() -> Shop:
    """Return a shop whose category holds a hundred thousand priced SKUs."""
    _number_past_the_company()
    shop = open_shop()
    product = Product.objects.get(skus=shop.sku_ids[0])
    made = Sku.objects.bulk_create(
        [
            Sku(code=f"W8-{n}", code_key=f"w8-{n}", product=product, name=f"w8 {n}")
            for n in range(PRICES - len(shop.sku_ids))
        ],
        batch_size=10_000,
    )
    opening.open_prices(
        channel_id=shop.channel_id,
        prices=[
            OpeningPrice(sku_id=sku.pk, price=Decimal("199.00"), since=LONG_AGO) for sku in made
        ],
        source="W8",
        actor=IMPORTER,
        at=AT,
    )
    return shop


def _activate(shop: Shop) -> float:
    """Draft by rule, hand in, approve by all levels; time only the activation."""
    start = AT + dt.timedelta(days=next(_days))
    change = price_rules.draft_by_rule(
        channel_id=shop.channel_id,
        category_id=None,
        percent=Decimal(-1),
        ending="",
        reason="bench",
        rival_note="none",
        starts_at=start,
        actor=actor(shop.specialist),
        at=AT,
    )
    shop.approve(shop.submit(change))
    started = time.perf_counter()
    report = pricing.activate_due(actor=SYSTEM, at=start)
    elapsed = time.perf_counter() - started
    if report.prices != PRICES:
        raise RuntimeError(f"{report.prices} prices took effect")
    return elapsed


def _bare() -> float:
    """Cut a hundred thousand ranges and write as many, kept apart by the same exclusion."""
    link = ground.connect(owner=True)
    with link, link.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS limits.prices (id bigint GENERATED ALWAYS AS IDENTITY"
            " PRIMARY KEY, sku bigint, channel bigint, tier text, price numeric, valid tstzrange,"
            " EXCLUDE USING gist (sku WITH =, channel WITH =, tier WITH =, valid WITH &&))"
        )
        cursor.execute("TRUNCATE limits.prices")
        cursor.execute(
            "INSERT INTO limits.prices (sku, channel, tier, price, valid) SELECT n, 1, '', 199,"
            " tstzrange('2026-01-01', NULL) FROM generate_series(1, %s) n",
            [PRICES],
        )
    started = time.perf_counter()
    with link, link.cursor() as cursor:
        cursor.execute("UPDATE limits.prices SET valid = tstzrange(lower(valid), '2026-12-01')")
        cursor.execute(
            "INSERT INTO limits.prices (sku, channel, tier, price, valid) SELECT n, 1, '', 197.01,"
            " tstzrange('2026-12-01', NULL) FROM generate_series(1, %s) n",
            [PRICES],
        )
    elapsed = time.perf_counter() - started
    link.close()
    return elapsed


def activation() -> Iterator[Row]:
    """W8.b: one approved change of 100,000 SKUs takes effect."""
    shop = _shop()
    project, limit = in_turn(lambda: _activate(shop), _bare)
    yield Row("W8.b", "activate 100,000 price changes", "s", project, limit, 0.2, better="lower")
