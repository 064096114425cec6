"""W7: pages of lists beside the smallest query that could fill them, at two sizes of the book."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from ops.engines.http.middleware import open_session
from ops.engines.identity.choices import Role
from tests.bench import ground, people
from tests.bench.measure import ROUNDS, Row, seconds

PAGES = (
    ("W7.a", "order desk, 50 rows", "/orders/", "customers_order"),
    ("W7.b", "orders over the API, 50 rows", "/api/v1/orders", "customers_order"),
    ("W7.c", "orders found by state", "/orders/?tab=ship", "customers_order"),
    ("W7.d", "stock moves, 50 rows", "/inventory/moves/", "inventory_move"),
    ("W7.e", "stock balances over the API", "/api/v1/stock/balances", "inventory_balance"),
)
BACKEND = settings.AUTHENTICATION_BACKENDS[0]
TRIES = 40
_BUDGET_MS = 100.0
ORDERS = int(os.environ.get("BENCH_ORDERS", "200000"))

_GROW = """
WITH book AS (
    INSERT INTO customers_order (number, channel_id, external_no, kind, path, state, hold_reason,
                                 warehouse_id, country, recipient_enc, currency, total, tax,
                                 placed_at, paid_at, ship_by, business_day)
    SELECT 'BN-' || n, 1, 'grown-' || n, 'sale', 'prepaid', 'allocated', '', w.id, '', '', 'CNY',
           19.8, 2.28, t, t, t + interval '2 days', t::date
      FROM generate_series(1, %(orders)s) n, inventory_warehouse w,
           LATERAL (SELECT now() - n * interval '20 seconds' AS t) d
    RETURNING id)
INSERT INTO customers_orderline (order_id, line_no, sku_id, kind, quantity, unit_price, amount)
SELECT id, line, 1 + (id * 7 + line * 31) %% %(skus)s, 'sale', 1, 9.9, 9.9
  FROM book, generate_series(1, 2) line
"""


def lists() -> Iterator[Row]:
    """W7: 95th percentile of list pages, permissions on, beside the 100 ms of the screen budget.

    The note tells the bare query that fills the page, and how the page grew with the book.
    """
    call_command("collectstatic", interactive=False, verbosity=0)
    client = _signed_in()
    small = {name: _p95(_page(client, address)) for name, _title, address, _table in PAGES}
    _grow()
    for name, title, address, table in PAGES:
        floor = _p95(_floor(table))
        ours = [_p95(_page(client, address)) for _round in range(ROUNDS)]
        yield Row(
            name, f"{title}, p95", "ms", ours, [_BUDGET_MS], 1, better="lower",
            note=f"bare query {floor:.1f} ms; {small[name]:.1f} ms with {ORDERS:,} orders less",
        )  # fmt: skip


def _signed_in() -> Client:
    client = Client()
    client.force_login(people.user("bench-supervisor", Role.OPERATIONS_SUPERVISOR), BACKEND)
    request = HttpRequest()
    request.session = client.session
    open_session(request, must_enrol=False, at=timezone.now())
    request.session.save()
    return client


def _page(client: Client, address: str) -> Callable[[], object]:
    def get() -> object:
        answer = client.get(address, HTTP_HOST="localhost")
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code} {answer.headers}")
        return answer

    return get


def _floor(table: str) -> Callable[[], object]:
    link = ground.connect()

    def read() -> object:
        with link.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id DESC LIMIT 50")
            return cursor.fetchall()

    return read


def _p95(work: Callable[[], object]) -> float:
    work()
    return statistics.quantiles([1000 * seconds(work) for _try in range(TRIES)], n=20)[-1]


def _grow() -> None:
    owner = ground.connect(owner=True)
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute(_GROW, {"orders": ORDERS, "skus": ground.SKUS})
        cursor.execute("VACUUM ANALYZE")
    owner.close()
