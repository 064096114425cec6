"""W7: pages of lists beside the smallest query that could fill them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from django.test import Client

from ops.engines.identity.choices import Role
from tests.bench import ground, people
from tests.bench.measure import Row, seconds

PAGES = (
    ("W7.a", "order desk, 50 rows", "/orders/"),
    ("W7.b", "orders over the API, 50 rows", "/api/v1/orders"),
    ("W7.c", "stock balances, 50 rows", "/stock/"),
)
TRIES = 40


def lists() -> Iterator[Row]:
    """W7: 95th percentile of list pages, permissions on."""
    client = Client()
    client.force_login(
        people.user("bench-supervisor", Role.OPERATIONS_SUPERVISOR),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    for name, title, address in PAGES:
        answer = client.get(address, HTTP_HOST="localhost")
        if answer.status_code != 200:
            print(f"  {name} {address} answers {answer.status_code}: not measured")
            continue
        yield Row(
            name, f"{title}, p95", "ms", [_p95(client, address)], [_floor()], 0.25, better="lower"
        )


def _p95(client: Client, address: str) -> float:
    times = [
        1000 * seconds(lambda: client.get(address, HTTP_HOST="localhost")) for _try in range(TRIES)
    ]
    return statistics.quantiles(times, n=20)[-1]


def _floor() -> float:
    link = ground.connect()
    with link.cursor() as cursor:
        times = [
            1000
            * seconds(
                lambda: cursor.execute(
                    "SELECT id, number, state, total, placed_at FROM customers_order"
                    " ORDER BY id DESC LIMIT 50"
                )
            )
            for _try in range(TRIES)
        ]
    link.close()
    return statistics.quantiles(times, n=20)[-1]
