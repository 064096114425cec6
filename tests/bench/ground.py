"""A durable cluster of its own with a company of 100,000 SKUs, made once and used again."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import subprocess
from functools import cache
from pathlib import Path

import django
import psycopg2
from psycopg2.extensions import connection as Connection

DATA_DIR = Path(os.environ["DATA_DIR"]).resolve() if "DATA_DIR" in os.environ else Path()
SKUS = 100_000
STOCK = 1_000_000
NOW = dt.datetime.now(dt.UTC)


def prepare() -> None:
    """Start the cluster, migrate, load the company; data of an earlier run is dropped."""
    from ops.embedded import postgres

    if (DATA_DIR / "pg").exists():
        postgres.stop_postgres(DATA_DIR)
        shutil.rmtree(DATA_DIR)
    postgres.ensure_postgres(DATA_DIR)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _load_company()


def _load_company() -> None:
    from customers.services import routes
    from inventory.selectors import places as places_of
    from inventory.services import history, places
    from inventory.types import HistoryRow
    from ops.engines.kernel.actor import Actor

    actor = Actor.importer("bench")
    owner = connect(owner=True)
    with owner, owner.cursor() as cursor:
        cursor.execute(_COMPANY, {"skus": SKUS})
    owner.close()
    warehouse = places.create_warehouse(code="BENCH", name="BENCH", actor=actor, at=NOW)
    routes.set_route(channel_id=1, warehouse_id=warehouse.id, actor=actor, at=NOW)
    history.import_history(
        batch_id=0,
        warehouse_id=places_of.warehouse(warehouse_id=warehouse.id).id,
        actor=actor,
        at=NOW,
        rows=(
            HistoryRow(
                line_no=n,
                sku_id=n,
                quantity=STOCK,
                reason="opening",
                business_day=NOW.date() - dt.timedelta(days=1),
                at=NOW - dt.timedelta(days=1),
                effect_key=f"bench:{n}",
                unit_cost=None,
            )
            for n in range(1, SKUS + 1)
        ),
    )
    owner = connect(owner=True)
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(_LIMITS, {"skus": SKUS})
        cursor.execute("VACUUM ANALYZE")
    owner.close()


_COMPANY = """
INSERT INTO catalog_category (code, name, name_en, path) VALUES ('BENCH', 'BENCH', '', 'BENCH');
INSERT INTO catalog_channel (id, code, name, platform, currency, is_active)
    VALUES (1, 'bench', 'bench', 'bench', 'CNY', true);
INSERT INTO catalog_product (id, code, name, name_en, category_id, brand, state)
    SELECT n, 'B' || n, 'Product ' || n, '', (SELECT min(id) FROM catalog_category), '', 'active'
      FROM generate_series(1, %(skus)s) n;
INSERT INTO catalog_sku (id, code, code_key, product_id, name, kind, unit, barcode, tax_rate, state)
    SELECT n, 'B' || n, 'b' || n, n, 'Product ' || n, 'goods', 'piece', '', 0.13, 'active'
      FROM generate_series(1, %(skus)s) n;
"""

# The smallest tables in which the same business could be done.
_LIMITS = """
CREATE SCHEMA limits;
CREATE TABLE limits.keys (key bigserial PRIMARY KEY, hash text);
CREATE TABLE limits.orders (id bigserial PRIMARY KEY, external text, placed timestamptz);
CREATE TABLE limits.lines (order_id bigint REFERENCES limits.orders, sku int, quantity int,
                           price numeric(20,6));
CREATE TABLE limits.stock (sku int PRIMARY KEY, on_hand bigint, reserved bigint,
                           CHECK (on_hand >= reserved)) WITH (fillfactor = 50);
INSERT INTO limits.stock SELECT n, 1000000000, 0 FROM generate_series(1, %(skus)s) n;
CREATE TABLE limits.stage (external text, line int, sku int, quantity int, price numeric(20,6));
CREATE TABLE limits.entries (id bigint PRIMARY KEY, day date, effect text UNIQUE);
CREATE TABLE limits.entry_lines (entry bigint REFERENCES limits.entries, account text,
                                 debit numeric(20,2), credit numeric(20,2));
CREATE TABLE limits.counts (sku int PRIMARY KEY, book bigint, counted bigint);
CREATE TABLE limits.moves (sku int, quantity bigint);
GRANT USAGE ON SCHEMA limits TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA limits TO PUBLIC;
GRANT ALL ON ALL SEQUENCES IN SCHEMA limits TO PUBLIC;
"""


def connect(*, owner: bool = False) -> Connection:
    """Open a plain connection as the app role or the owner."""
    from django.conf import settings

    chosen = settings.DATABASES["owner" if owner else "default"]
    return psycopg2.connect(
        dbname=chosen["NAME"], user=chosen["USER"], password=chosen["PASSWORD"],
        host=chosen["HOST"], port=chosen.get("PORT") or None,
    )  # fmt: skip


def pgbench(script: str, *, clients: int, for_seconds: int) -> float:
    """Run a pgbench script and return transactions per second."""
    from django.conf import settings

    from ops.embedded.binaries import postgres_bin

    chosen = settings.DATABASES["default"]
    path = DATA_DIR / "limit.sql"
    path.write_text(script)
    done = subprocess.run(
        [
            postgres_bin() / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T",
            str(for_seconds), "-f", str(path), "-h", chosen["HOST"], "-U", chosen["USER"],
            chosen["NAME"],
        ],
        env=os.environ | {"PGPASSWORD": chosen["PASSWORD"]},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    line = next(text for text in done.stdout.splitlines() if text.startswith("tps"))
    return float(line.split()[2])


@cache
def _weights() -> tuple[list[int], list[float]]:
    total, sums = 0.0, []
    for rank in range(1, SKUS + 1):
        total += rank**-1.05
        sums.append(total)
    return list(range(1, SKUS + 1)), sums


def draw(source: random.Random, count: int) -> list[int]:
    """Return distinct SKUs, drawn by Zipf's law with exponent 1.05."""
    skus, sums = _weights()
    found: set[int] = set()
    while len(found) < count:
        found.add(source.choices(skus, cum_weights=sums)[0])
    return sorted(found)
