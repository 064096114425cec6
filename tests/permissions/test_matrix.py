"""Every door times every position: what the registry says is what the door does (S4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.urls import Resolver404, resolve

from ops.engines.http.checks import url_routes
from ops.engines.http.registry import Door, doors
from ops.engines.kernel.policy import Policy
from tests.badinput.ground import Ground, undone
from tests.badinput.judging import FULL, Verdicts, seed_of
from tests.badinput.operations import Operation, operations
from tests.permissions.crawling import screen_doors

DENIED, ALLOWED = 3, 2  # positions tried at one door; all of them in the full form
# Keys that name nothing: of documents, vouchers, accounts, months, clauses, reports.
_NOTHING = ("987654321", "JZ-209912-9999", "9999.99", "2099-12", "XX-9.9-99", "none-such")
_NAMED = re.compile(r"<(?:(\w+):)?\w+>")
_KEYS = {"int": "987654321", "slug": "none-such", "str": "2026-01", "path": "987654321"}
# Doors that end or change the session of the one who knocks: other tests go through them.
SESSION = ("/accounts/", "/admin/login/", "/admin/logout/", "/i18n/")


def picked(names: list[str], most: int, seed: str) -> list[str]:
    """Return some of the names, others at every door, the same ones in every run."""
    if FULL or len(names) <= most:
        return names
    start = seed_of(seed)
    return [names[(start + step * 7) % len(names)] for step in range(most)]


def tried(ground: Ground, policy: Policy, seed: str) -> Iterator[tuple[str, bool]]:
    """Yield accounts with whether the registry lets them pass, and nobody at all."""
    may = ground.who_may(policy)
    others = [name for name in ground.actors if name not in may]
    yield from ((name, True) for name in picked(may, ALLOWED, seed))
    yield from ((name, False) for name in picked(others, DENIED, seed))
    yield "", policy.public


def address(door: Door) -> str:
    """Return an address of a screen with keys that name nothing."""
    return _NAMED.sub(lambda found: _KEYS[found[1] or "str"], door.path)


def test_every_route_of_the_urlconf_is_a_door_of_the_registry() -> None:
    routes = {path for path, _callback in url_routes()}

    assert {door.path for door in doors()} == routes


def test_every_operation_answers_as_the_registry_says(ground: Ground) -> None:
    verdicts = Verdicts()

    for operation in operations():
        for account, may in tried(ground, operation.policy, operation.name):
            with undone():
                answer = _ask(ground, operation, account)
            why = _wrong_for_programs(answer, account, may=may)
            if why:
                verdicts.say(operation.name, account or "nobody", answer, why)

    verdicts.hold()


def test_every_screen_answers_as_the_registry_says(ground: Ground) -> None:
    verdicts = Verdicts()

    for door in screen_doors():
        if door.path.startswith(SESSION):
            continue
        for account, may in tried(ground, door.policy, door.name):
            client = ground.browser(account) if account else ground.stranger()
            with undone():
                answer = getattr(client, door.method.lower())(address(door))
            why = _wrong_for_people(door, answer, account, may=may)
            if why:
                verdicts.say(door.name, account or "nobody", answer, why)

    verdicts.hold()


def _ask(ground: Ground, operation: Operation, account: str) -> Any:
    client = ground.api(account)
    return getattr(client, operation.method.lower())(knock(operation), format="json")


def knock(operation: Operation) -> str:
    """Return an address of an operation whose keys read well and name nothing."""
    for key in _NOTHING:
        found = operation.address(dict.fromkeys(operation.keys, key))
        with suppress(Resolver404):
            resolve(found)
            return found
    raise AssertionError(f"{operation.name}: no key of {_NOTHING} is one of its keys")


def _wrong_for_programs(answer: Any, account: str, *, may: bool) -> str:
    status = answer.status_code
    if may:
        return "" if status not in {401, 403} and status < 500 else f"was let in, got {status}"
    expected = 403 if account else 401
    if status != expected:
        return f"should be refused with {expected}, got {status}"
    told = json.loads(answer.content)
    return "" if told.get("code") and told.get("detail") else "the refusal gives no reason"


def _wrong_for_people(door: Door, answer: Any, account: str, *, may: bool) -> str:
    status = answer.status_code
    if may:
        if status == 403 and door.path.startswith("/admin/") and _closed(door):
            return ""
        return "" if status not in {401, 403} and status < 500 else f"was let in, got {status}"
    if not account or door.path.startswith("/admin/"):
        # Record screens lead whoever is no staff to the sign-in page.
        return "" if status in {302, 403} else f"should be led to sign in, got {status}"
    if status != 403:
        return f"should be refused, got {status}"
    return "" if len(answer.content) > 300 else "the refusal gives no reason"


def _closed(door: Door) -> bool:
    """Say whether a record screen shows this to nobody: nothing is added, deleted or completed."""
    return door.path.endswith(("/add/", "/delete/", "/autocomplete/"))
