"""Screens, files and results of another shop or warehouse are not there for anybody outside (S4).

Whoever sees the whole company walks through it and notes the address of every single thing. Then
people confined to a corner of their own ask for the same addresses, to read and to act.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

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
    "outside_manager": Role.STORE_MANAGER,
}
STEPS = 1500 if FULL else 120
# What the house shares: no shop's and no warehouse's, the same for all whom its policy lets in.
SHARED: dict[str, str] = {}


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
            if page.status == 200 and is_single:
                found[path] = page.route
    for run in ReportRun.objects.order_by("-pk").values_list("pk", flat=True)[:5]:
        found[f"/reports/runs/{run}/"] = found[f"/reports/runs/{run}/file/"] = "result"
    for batch in ImportBatch.objects.order_by("-pk").values_list("pk", flat=True)[:5]:
        found[f"/imports/{batch}/"] = found[f"/imports/{batch}/rejects/"] = "result"
    for file in Attachment.objects.order_by("-pk").values_list("pk", flat=True)[:5]:
        found[f"/files/{file}/"] = "file"
    return found


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
                answers = [browser.get(address)]
                answers += [browser.post(address)] if route in posts else []
            for answer in answers:
                refused += answer.status_code in {403, 404}
                if answer.status_code not in {403, 404}:
                    verdicts.say(f"{name} {route}", address, None, f"foreign: {answer.status_code}")

    verdicts.hold()
    assert refused > 100
