"""Screens, files and results of another shop or warehouse are not there for anybody outside (S4).

Whoever sees the whole company walks through it and notes the address of every single thing. Then
people confined to a corner of their own ask for the same addresses, to read and to act.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ops.engines.files.models import Attachment
from ops.engines.http.registry import doors
from ops.engines.identity.choices import Role
from ops.engines.reports.models import ReportRun
from ops.engines.tables.models import ImportBatch
from tests.badinput.ground import Ground, undone
from tests.badinput.judging import FULL, Verdicts
from tests.permissions import stage
from tests.permissions.crawling import crawl, route_of

SEERS = ("supervisor", "director", "keeper", "finance", "agent")
CONFINED = {
    "outside_specialist": Role.OPERATIONS_SPECIALIST,
    "outside_keeper": Role.WAREHOUSE_KEEPER,
    "outside_seller": Role.SELLER,
    "outside_editor": Role.EDITOR,
}
STEPS = 1500 if FULL else 120
# What belongs to the house and to no shop or warehouse: whom the policy lets in sees all of it.
SHARED = {
    "/calendar/<int:year>/": "the working calendar",
    "/categories/<int:category_id>/": "the house's shelves",
    "/clauses/<str:code>/": "the rules",
    "/documents/<str:code>/": "instructions; whoever must read one is told",
    "/festivals/<int:festival_id>/": "the house's festivals",
    "/festivals/<int:festival_id>/edit/": "the house's festivals",
    "/inventory/suppliers/<int:pk>/": "the house's suppliers",
    "/jobs/<slug:name>/": "what runs by itself",
    "/jobs/<slug:name>/runs/<int:run_id>/": "what ran by itself",
    "/marketing/days/<str:day>/": "the calendar of campaigns",
    "/metrics/<slug:key>/": "what a figure means; its values are narrowed",
    "/metrics/<slug:key>/report/": "what a figure means",
    "/metrics/cases/<int:case_id>/": "figures of the house's suppliers; others are narrowed",
    "/page-modules/<int:module_id>/": "what pages are made of; the pages named are narrowed",
    "/price-policies/<int:policy_id>/": "what the house wants of prices",
    "/products/<int:product_id>/": "the house's goods; what is listed and said is narrowed",
    "/products/<int:product_id>/life/": "the house's goods; what is listed and said is narrowed",
    "/promotion-calendar/<str:month>/": "the house's festivals; promotions are narrowed",
    "/range-reviews/<int:review_id>/": "the house's range, as far as one's categories reach",
    "/range-reviews/rows/<int:row_id>/": "the house's range, as far as one's categories reach",
    "/reports/<slug:name>/": "what a report means; its runs are narrowed",
    "/scores/<slug:key>/": "what is judged, and the house's suppliers",
    "/scores/<slug:key>/<int:card_id>/": "the house's suppliers",
    "/sheets/kinds/<slug:key>/": "a form nobody filled in",
    "/sheets/kinds/<slug:key>/change/": "a form nobody filled in",
    "/skus/<int:sku_id>/": "the house's goods",
    "/skus/<int:sku_id>/suggested-price/": "the house's goods",
}

# The paper of a page of the house's goods; what is listed and said is narrowed on it, too.
SHARED_PAPER = "/print/product_life/"

# Who has no right to a report at all is told so, whatever run it was (`reports.selectors.runs`).
BY_RIGHT = "/reports/runs/"
# A file is asked for by a consecutive number, so that there is one says nothing; whether it may be
# seen its record says, by questions of its own.
BY_RECORD = "/files/"
_EVER_NEW = re.compile(r"[0-9a-f]{32}|[0-9A-Za-z]{64}|\d+")


@pytest.fixture
def company(ground: Ground) -> Iterator[Ground]:
    """The company, and people who belong to a corner that has nothing to do with the rest."""
    yield ground
    cache.clear()


def things(ground: Ground) -> dict[str, str]:
    """Return the addresses of single things, with their routes."""
    found: dict[str, str] = {}
    for at, name in enumerate(SEERS):
        for page in crawl(ground.browser(name), most=STEPS, skip=at * 31):
            path = urlsplit(page.url).path
            is_single = "<" in page.route and not page.route.startswith(("/admin/", "/api/"))
            if page.status == 200 and is_single and not path.startswith(SHARED_PAPER):
                found[path] = page.route
    for run in ReportRun.objects.order_by("-pk").values_list("pk", flat=True)[:5]:
        found[f"/reports/runs/{run}/"] = found[f"/reports/runs/{run}/file/"] = "result"
    for batch in ImportBatch.objects.order_by("-pk").values_list("pk", flat=True)[:5]:
        found[f"/imports/{batch}/"] = found[f"/imports/{batch}/rejects/"] = "result"
    for file in Attachment.objects.order_by("-pk").values_list("pk", flat=True)[:5]:
        found[f"/files/{file}/"] = "file"
    return found


def missing(address: str) -> str:
    """Return the address of a thing of the same kind that nobody ever made."""
    whole, key = address, r"\d+" if re.search(r"\d", address) else r"[\w-]+"
    last = [*re.finditer(rf"(?<=[/-]){key}(?=/)", whole)][-1]
    return whole[: last.start()] + "987654321" + whole[last.end() :]


def _judge(verdicts: Verdicts, name: str, ask: Callable[[str], Any], address: str) -> int:
    """Demand the answer that a thing would get which is not there; return 1 for a refusal.

    The same status, the same words, and as many statements: neither tells the two apart, nor does
    the time they take.
    """
    ask(missing(address))  # whatever is looked up once and kept
    answer, cost = _asked(ask, address)
    nothing, usual = _asked(ask, missing(address))
    if BY_RIGHT in address and answer.status_code == 403:
        return 1
    if answer.status_code != nothing.status_code or answer.status_code < 400:
        why = f"foreign: {answer.status_code}, missing: {nothing.status_code}"
        verdicts.say(name, address, None, why)
    elif _words(answer) != _words(nothing):
        verdicts.say(name, address, answer, "says something else of what is not there")
    elif cost != usual and not address.startswith(BY_RECORD):
        verdicts.say(name, address, None, f"{cost} statements, {usual} for what is not there")
    return int(answer.status_code in {403, 404})


def _asked(ask: Callable[[str], Any], address: str) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as statements:
        answer = ask(address)
    return answer, len(statements)


def _words(answer: Any) -> str:
    """Return what an answer says, without what differs from one to the next: ids and tokens."""
    return _EVER_NEW.sub("", answer.content.decode())


def test_a_foreign_thing_is_not_there_to_read_nor_to_act_on(company: Ground) -> None:
    addresses, verdicts, refused = things(company), Verdicts(), 0
    posts = {door.path for door in doors() if door.method == "POST"}
    where = stage.corner(company)
    for name, role in CONFINED.items():
        stage.newcomer(company, name, role, where)

    for name in CONFINED:
        browser = company.browser(name)
        for address in sorted(addresses):
            route = route_of(address)
            if route in SHARED:
                continue
            with undone():
                refused += _judge(verdicts, f"{name} {route}", browser.get, address)
                if route in posts:
                    refused += _judge(verdicts, f"{name} {route}", browser.post, address)

    verdicts.hold()
    assert refused > 100
