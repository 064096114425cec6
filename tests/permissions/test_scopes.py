"""Things of another shop or warehouse: they exist for nobody who was not granted them (S4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone
from guardian.models import UserObjectPermission

from catalog.models import Channel
from ops.engines.desk import scopes
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.identity.selectors.actors import actor_for
from tests.badinput.ground import Ground, undone
from tests.badinput.judging import FULL, Verdicts
from tests.badinput.operations import Operation, operations
from tests.permissions import stage

CONFINED = ("specialist", "keeper", "seller", "supervisor_of_pages")
ROLES = (
    Role.OPERATIONS_SPECIALIST,
    Role.WAREHOUSE_KEEPER,
    Role.SELLER,
    Role.WEB_EDITING_SUPERVISOR,
)
EVERYWHERE = ("auditor", "director", "finance", "compliance", "supervisor")
FOREIGN = 100 if FULL else 2


@pytest.fixture
def company(ground: Ground) -> Iterator[Ground]:
    """The company with some of its people confined to a corner of their own."""
    where = stage.corner(ground)
    for name, role in zip(CONFINED, ROLES, strict=True):
        stage.newcomer(ground, f"{name}9", role, where)
    yield ground
    cache.clear()


def test_what_is_listed_is_found_and_what_is_not_is_not_there(company: Ground) -> None:
    verdicts, tried = Verdicts(), 0

    for listing in (one for one in operations() if one.is_list and not one.keys):
        details = [
            one
            for one in operations()
            if one.prefix == listing.path and len(one.keys) == 1 and one.method != "DELETE"
        ]
        whole = _everything(company, listing)
        for name in company.who_may(listing.policy):
            if not name.endswith("9"):
                continue
            mine = _rows(company, name, listing)
            foreign = [row for row in whole if row["id"] not in {one["id"] for one in mine}]
            for detail in details:
                if not detail.policy.allows(company.actors[name]):
                    continue
                tried += _judge(verdicts, company, name, detail, (mine, foreign))

    verdicts.hold()
    assert tried > 30


def _judge(
    verdicts: Verdicts,
    ground: Ground,
    name: str,
    detail: Operation,
    rows: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> int:
    (mine, foreign), key, tried = rows, detail.keys[0], 0
    for row in foreign[:FOREIGN]:
        with undone():
            answer = _knock(ground, name, detail, row.get(key, row["id"]))
        tried += 1
        # Refused as unreadable is refused before anything was looked for.
        if answer.status_code not in {404, 400, 415, 428}:
            verdicts.say(
                f"{name} {detail.name}", row["id"], answer, f"foreign: {answer.status_code}"
            )
    for row in mine[:1]:
        if detail.method == "GET":
            answer = _knock(ground, name, detail, row.get(key, row["id"]))
            if answer.status_code == 404:
                verdicts.say(f"{name} {detail.name}", row["id"], answer, "listed, and not found")
    return tried


def _knock(ground: Ground, name: str, detail: Operation, key: Any) -> Any:
    address = detail.address({detail.keys[0]: key})
    return getattr(ground.api(name), detail.method.lower())(address, format="json")


def _everything(ground: Ground, listing: Operation) -> list[dict[str, Any]]:
    """Return the rows of whoever sees the most of a list."""
    may = ground.who_may(listing.policy)
    found = [_rows(ground, name, listing) for name in EVERYWHERE if name in may]
    return max(found, key=len, default=[])


def _rows(ground: Ground, name: str, listing: Operation) -> list[dict[str, Any]]:
    """Return all rows of a list, page by page."""
    rows: list[dict[str, Any]] = []
    answer = ground.api(name).get(listing.path, {"page_size": "100"})
    while answer.status_code == 200:
        told = answer.json()
        rows += [row for row in told.get("results", []) if "id" in row]
        if not told.get("next") or len(rows) >= 1000:
            break
        answer = ground.api(name).get(told["next"])
    return rows


def test_a_grant_taken_away_is_gone_from_the_chip_at_once(ground: Ground) -> None:
    user = User.objects.select_related("person").get(username="specialist")
    before = scopes.groups(actor=_actor(user), kinds=("channel",), query=QueryDict())
    UserObjectPermission.objects.filter(user=user).exclude(pk=_one_grant(user)).delete()

    after = scopes.groups(actor=_actor(user), kinds=("channel",), query=QueryDict())

    assert len(before[0].items) > 1
    assert len(after[0].items) == 1


def test_who_is_granted_nothing_reads_no_name(ground: Ground) -> None:
    user = User.objects.select_related("person").get(username="keeper")

    assert scopes.groups(actor=_actor(user), kinds=("channel",), query=QueryDict()) == []
    assert Channel.objects.exists()


def _actor(user: User) -> Any:
    return actor_for(user, at=timezone.now())


def _one_grant(user: User) -> int:
    found = UserObjectPermission.objects.filter(user=user, content_type__model="channel")
    return int(found.order_by("pk").values_list("pk", flat=True)[0])
