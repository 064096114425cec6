"""Two worlds that differ only in foreign things must read the same to the last byte (S4)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from customers.types import BuyerDraft
from ops.engines.events import delivery
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.periods import services as periods
from tests.badinput.bodies import example, send
from tests.badinput.examples import NEVER_ACCEPTED
from tests.badinput.ground import Ground, state_hash
from tests.badinput.judging import FULL
from tests.badinput.operations import UNSAFE, operations
from tests.engines.identity.factories import SYSTEM
from tests.permissions import stage
from tests.permissions.crawling import Page, crawl, get

VIEWERS = {
    "viewer_specialist": Role.OPERATIONS_SPECIALIST,
    "viewer_keeper": Role.WAREHOUSE_KEEPER,
    "viewer_seller": Role.SELLER,
    **(
        {
            "viewer_editor": Role.EDITOR,
            "viewer_pages": Role.WEB_EDITING_SUPERVISOR,
            "viewer_head": Role.DEPARTMENT_HEAD,
            "viewer_buyer": Role.BUYER,
        }
        if FULL
        else {}
    ),
}
# What belongs to the house and reads the same for everybody in it: nobody's to keep from another.
SHARED = (
    "/anomalies/", "/calendar/", "/categories/", "/category-rules/", "/clauses/", "/code-rules/",
    "/competitor-prices/", "/festivals/", "/forbidden-goods/", "/listed-words/",
    "/price-policies/", "/products/", "/range-reviews/", "/scorecards/", "/search-misses/",
    "/search-synonyms/", "/selection-proposals/", "/shelf-lives/", "/sku-aliases/", "/skus/",
    "/suppliers/",
)  # fmt: skip
STEPS = 2000 if FULL else 130
# What differs between two answers to the same question: proofs of freshness, and what goods cost
# the house now, which every receipt of theirs moves.
_FRESH = (
    re.compile("<dt>(?:成本|毛利)[^<]*</dt><dd>[^<]*</dd>".encode()),
    re.compile(rb'nonce="[^"]+"'),
    re.compile(rb'csrfmiddlewaretoken" value="[^"]+"'),
    re.compile(rb'"X-CSRFToken": ?"[^"]+"'),
    re.compile(rb"(?i)csrf-?token&quot;: ?&quot;[^&]+&quot;"),
    re.compile(rb"[0-9a-f]{32}"),
    re.compile(rb"cursor=[\w-]+"),
)
# Where an order may be served from is asked of every warehouse by whoever may move the order.
_OF_ALL = ("/move/",)
# What a filter is asked for: a shop, a warehouse, a buyer of the others.
FOREIGN = {
    "channel": "tmall",
    "warehouse": "HZ",
    "supplier": "S001",
    "state": "submitted",
    "customer": "rush1",
    "number": "RUSH-1",
    "search": "RUSH",
    "q": "RUSH",
}
_HEADERS = ("Content-Type", "Content-Disposition", "Location", "Link", "ETag")


@pytest.fixture
def still() -> Iterator[None]:
    """Stop the clock: the same moment in both worlds."""
    with mock.patch("django.utils.timezone.now", return_value=timezone.now()):
        yield


def masked(page: Page) -> tuple[object, ...]:
    """Return an answer without its proofs of freshness."""
    body = page.body
    for fresh in _FRESH:
        body = fresh.sub(b"-", body)
    return page.status, tuple(page.headers.get(name) for name in _HEADERS), body


def oracles(turn: int) -> Iterator[str]:
    """Yield questions whose answer could tell what is kept from the asker.

    Every list of the API in each order, in pages of one, narrowed by each of its filters to
    something foreign; every viewer takes other ones unless all are asked for.
    """
    for operation in operations():
        if not operation.is_list or operation.keys:
            continue
        view: Any = operation.view
        asked = [f"ordering={order}" for order in view.orderings]
        asked += [f"{key}={FOREIGN.get(key, '1')}" for key in view.filters]
        asked += ["page_size=1"]
        step = 1 if FULL else len(VIEWERS)
        yield from (f"{operation.path}?{query}" for query in asked[turn % step :: step])


def happen(ground: Ground) -> int:
    """Let the rest of the company work: every operation once, a rush of orders; return how many."""
    done = 0
    for operation in operations():
        if operation.method not in UNSAFE or operation.name in NEVER_ACCEPTED:
            continue
        path = operation.path.removeprefix("/api/v1")
        if path.startswith(("/auth/", *SHARED)):
            continue
        asked = example(ground, operation)
        if not asked.accepted:
            continue
        try:
            with transaction.atomic():
                done += send(ground, operation, asked).status_code < 300
        except (DatabaseError, OpsError):
            continue
    for number in range(12):
        buyer = BuyerDraft(code=f"rush{number}", name="外人", phone="13900001111", address="外地")
        stage.place_order("tmall" if number % 2 else "jd", number=f"RUSH-{number}", buyer=buyer)
    delivery.drain(at=timezone.now())
    return done


def test_foreign_things_change_no_byte_of_any_answer(ground: Ground, still: None) -> None:
    for operation in operations():
        if operation.method in UNSAFE:
            example(ground, operation)  # found before there is anything of ours to be taken
    for module in ("stock", "ledger"):  # the house's month, whoever posts into it first
        periods.ensure_month(
            module=module, day=business_day(timezone.now()), actor=SYSTEM, at=timezone.now()
        )
    where = stage.corner(ground)
    for name, role in VIEWERS.items():
        stage.newcomer(ground, name, role, where)
    before: dict[str, dict[str, Page]] = {}
    for at, name in enumerate(VIEWERS):
        walk = crawl(ground.browser(name), most=STEPS, skip=at * 37)
        before[name] = {page.url: page for page in walk if not page.url.startswith("/api/")}
        lists = [one.path for one in operations() if one.method == "GET" and not one.keys]
        before[name] |= {url: get(ground.api(name), url) for url in (*lists, *oracles(at))}
    world = state_hash()

    done = happen(ground)

    assert done > 40
    assert state_hash() != world
    leaks = []
    for name, pages in before.items():
        for url, page in pages.items():
            client = ground.api(name) if url.startswith("/api/v1/") else ground.browser(name)
            again = get(client, url)
            if masked(again) != masked(page) and not url.endswith(_OF_ALL):
                leaks.append(f"{name} {url}: {_difference(page, again)}")
    assert not leaks, "\n".join(leaks)
    assert sum(page.status == 200 for pages in before.values() for page in pages.values()) > 100


def _difference(old: Page, new: Page) -> str:
    if old.status != new.status:
        return f"{old.status} became {new.status}"
    lines = difflib.unified_diff(_lines(old), _lines(new), n=0)
    told = [line.strip() for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return " | ".join(told)[:400]


def _lines(page: Page) -> list[str]:
    _status, _headers, body = masked(page)
    return body.decode(errors="replace").split("\n") if isinstance(body, bytes) else []
