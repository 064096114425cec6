"""Every unsafe route leaves a fact in its own transaction, every refusal leaves one (S22).

The routes are read from the resolver. A route of the screens, and one of the API where a test has
more to say than an example, is driven by the test `driven.txt` names (the watch of every test holds
it to that); all other operations of the API are driven here by their examples, all other screens by
one press each.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from ops.engines.audit.models import Fact
from ops.engines.desk.lists import ListScreen
from ops.engines.http.checks import url_routes
from ops.engines.http.registry import doors
from tests.badinput.bodies import example, send
from tests.badinput.examples import NEVER_ACCEPTED
from tests.badinput.ground import Ground, changed, state_hash, undone
from tests.badinput.judging import FULL, Verdicts, seed_of
from tests.badinput.operations import UNSAFE, Operation, operations
from tests.permissions.crawling import screen_doors
from tests.permissions.presses import LOUD, QUIET, READ_ONLY, press
from tests.permissions.test_matrix import SESSION, address, knock
from tests.support.trail_watch import drivers, refusals, watched

SAMPLE = 1 if FULL else 4

# Whose example writes nothing, so there is nothing to tell.
SAME_AGAIN = {
    "POST /periods/{month}/close/": "a closed month; the journey of a month close shuts one",
    "POST /price-changes/{id}/impact/": "the same forecast again; the first one left its fact",
    "POST /promotions/{id}/impact/": "the same forecast again; the first one left its fact",
    "POST /price-quotes/": "asks what a basket costs",
    "POST /receipts/{id}/carton/": "asks what a carton's code says",
}


@cache
def routes() -> dict[str, Operation]:
    """Return every unsafe operation of the API by its route, as the resolver writes it."""
    writing = [one for one in operations() if one.method in UNSAFE]
    return {f"{one.method} /{resolve(urlsplit(knock(one)).path).route}": one for one in writing}


def views_only() -> set[str]:
    """Return the routes of lists without bulk actions: all they keep is how somebody likes a list.

    That is no business of the company; `tests/engines/desk` drives it once for all lists.
    """
    return {f"POST {path}" for path, callback in url_routes() if _keeps_views_only(callback)}


def _keeps_views_only(callback: Any) -> bool:
    owner: Any = getattr(callback, "view_class", object)
    return issubclass(owner, ListScreen) and owner.post is ListScreen.post and not owner.bulk


def by_example() -> dict[str, Operation]:
    """Return the operations that no test of their own drives."""
    return {route: one for route, one in routes().items() if route not in drivers()}


def test_every_unsafe_route_is_driven() -> None:
    unsafe = {door.name.replace("^", "") for door in doors() if door.method in UNSAFE}
    pressed = {f"POST {path}" for path in (*LOUD, *QUIET, *READ_ONLY)}
    covered = {*drivers(), *refusals(), *routes(), *views_only(), *pressed}

    assert sorted(unsafe - covered) == []
    assert sorted(covered - unsafe) == []
    assert sorted(pressed & {*drivers(), *refusals(), *views_only()}) == []


@pytest.mark.parametrize("path", LOUD)
def test_a_press_leaves_a_fact_in_the_transaction_of_its_effect(ground: Ground, path: str) -> None:
    with undone(), watched() as watch:
        answer = LOUD[path](ground)

    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert watch.written
    assert watch.told
    assert watch.silent() == set()


@pytest.mark.parametrize("path", QUIET)
def test_a_question_or_a_mark_of_ones_own_changes_no_business(ground: Ground, path: str) -> None:
    with undone(), watched() as watch:
        answer = QUIET[path](ground)

    assert answer.status_code in {200, 302}, answer.content.decode()[:2000]
    assert watch.written == {}


@pytest.mark.parametrize("path", READ_ONLY)
def test_a_record_that_is_only_read_refuses_a_press(ground: Ground, path: str) -> None:
    who, find = READ_ONLY[path]
    url = find()
    assert ground.browser(who).get(url).status_code == 200
    before = state_hash()

    answer = press(ground, who, url, action="approve", step="do")

    assert answer.status_code == 400
    assert changed(before) == []


def test_every_operation_leaves_a_fact_in_the_transaction_of_its_effect(ground: Ground) -> None:
    verdicts, driven = Verdicts(), 0

    for route, operation in by_example().items():
        valid = example(ground, operation)
        if not valid.accepted:
            if operation.name not in NEVER_ACCEPTED:
                verdicts.lines.append(f"{route}: no test drives it, and its example is refused")
            continue
        with undone(), watched() as watch:
            answer = send(ground, operation, valid)
        driven += 1
        if not watch.told and (operation.name not in SAME_AGAIN or watch.written):
            verdicts.say(route, valid.body, answer, "no fact")
        if silent := watch.silent():
            verdicts.say(route, valid.body, answer, f"silent about {sorted(silent)}")

    verdicts.hold()
    assert driven > 10


def test_every_refusal_of_somebody_leaves_a_fact_that_names_the_door(ground: Ground) -> None:
    verdicts, refused = Verdicts(), 0

    for name, ask in _knocks(ground):
        with undone():
            before = Fact.objects.filter(action="http.denied").count()
            answer = ask()
            told = Fact.objects.filter(action="http.denied").count() - before
        if answer.status_code == 403:
            refused += 1
            if not told:
                verdicts.say(name, "", answer, "refused without a fact")

    verdicts.hold()
    assert refused > 30


def _knocks(ground: Ground) -> Iterator[tuple[str, Any]]:
    """Yield a request of somebody who may not, for a sample of all doors."""
    for operation in operations():
        if seed_of(operation.name) % SAMPLE == 0 and (who := _shut_out(ground, operation.policy)):
            client = ground.api(who)
            verb = operation.method.lower()
            yield operation.name, _asking(client, verb, knock(operation), format="json")
    for door in screen_doors():
        if door.path.startswith((*SESSION, "/admin/")) or seed_of(door.name) % SAMPLE:
            continue
        if who := _shut_out(ground, door.policy):
            yield door.name, _asking(ground.browser(who), door.method.lower(), address(door))


def _asking(client: Any, verb: str, path: str, **extra: Any) -> Any:
    return lambda: getattr(client, verb)(path, **extra)


def _shut_out(ground: Ground, policy: Any) -> str:
    return next((name for name, one in ground.actors.items() if not policy.allows(one)), "")
