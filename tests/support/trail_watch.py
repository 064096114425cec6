"""S22 in every test: a request that writes leaves an audit fact in the same transaction.

Whatever test drives an unsafe route through the client is watched. Each outermost transaction of
the request (a savepoint of the test's own) that changes a table of the business must hold a call
of `audit_append`; if not, the test fails with the route and the table.

`driven.txt` names one test for every unsafe route of the screens: the test that drives it to
success. Whenever that test runs, it must have got an answer below 400 from the route, with a fact
in the trail; `refused.txt` names the test that is refused by a route that only shows, with nothing
written. A route of the URLconf that nobody drives is a red `tests/permissions/test_trail.py`.
`GUIFAN_DRIVEN=file` notes there what each test of a run drives, for whoever looks for one to name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from os import environ
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

UNSAFE: Final = {"POST", "PUT", "PATCH", "DELETE"}
DRIVEN: Final = Path(__file__).with_name("driven.txt")
REFUSED: Final = Path(__file__).with_name("refused.txt")
_WRITE: Final = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM|MERGE\s+INTO|COPY)\s+\"?([a-z_]+)",
    re.IGNORECASE,
)
# What is no business: sessions, throttles, keys of repeated requests, a person's own screen
# settings and read marks, wake-ups, and what only exists beside a fact (numbers, outbox, notices).
NO_BUSINESS: Final = re.compile(
    r"^(django_|http_|desk_|notices_|events_|numbering_|identity_signintry|set$|no$)"
)
# Marks of a sign-in, which is a fact of its own: when, and which code is used up.
_SIGN_IN: Final = tuple(
    f'UPDATE "identity_user" SET "{column}"' for column in ("last_login", "totp_last_counter")
)


@dataclass
class Watch:
    """What one request did: by outermost transaction, the tables written and whether it told."""

    depth: int = 0
    group: int = 0
    written: dict[int, set[str]] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)

    def see(self, sql: str) -> None:
        """Take note of one statement."""
        begins = sql.lstrip()[:30].upper()
        if begins.startswith("SAVEPOINT"):
            if self.depth == 0:
                self.group += 1
            self.depth += 1
        elif begins.startswith("RELEASE SAVEPOINT"):
            self.depth -= 1
        elif begins.startswith("ROLLBACK TO SAVEPOINT"):
            self.written.pop(self.group, None)
        elif "audit_append(" in sql:
            self.told.add(self.group)
        elif not sql.startswith(_SIGN_IN) and not begins.startswith(
            ("SELECT", "SET", "SHOW", "DECLARE", "FETCH")
        ):
            tables = {name.lower() for name in _WRITE.findall(sql)}
            if business := {name for name in tables if not NO_BUSINESS.match(name)}:
                self.written.setdefault(self.group, set()).update(business)

    def begin(self) -> None:
        """Take note of a transaction of its own, where the test has real commits."""
        self.group += 1
        self.depth = 1

    def end(self) -> None:
        """Take note that it is over."""
        self.depth = 0

    def undo(self) -> None:
        """Forget what a transaction did that was rolled back."""
        self.written.pop(self.group, None)

    def silent(self) -> set[str]:
        """Return the tables that were changed in a transaction without a fact."""
        return {
            table
            for group, tables in self.written.items()
            if group not in self.told
            for table in tables
        }


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch the statements of this thread's connection."""
    watch = Watch()

    def look(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        done = execute(sql, *rest)
        watch.see(sql if isinstance(sql, str) else str(sql))
        return done

    usual = connection.set_autocommit
    given_up = connection.rollback

    def switch(autocommit: bool, *rest: Any, **named: Any) -> None:  # noqa: FBT001 - the driver's
        usual(autocommit, *rest, **named)
        if autocommit:
            watch.end()
        else:
            watch.begin()

    def undo() -> None:
        watch.undo()
        given_up()

    with (
        patch.object(connection, "set_autocommit", switch),
        patch.object(connection, "rollback", undo),
        connection.execute_wrapper(look),
    ):
        yield watch


def route_of(request: HttpRequest) -> str:
    """Return the route of a request as the address book writes it."""
    try:
        return f"{request.method} /{resolve(request.path_info).route}"
    except Resolver404:
        return f"{request.method} {request.path_info}"


@cache
def drivers() -> dict[str, str]:
    """Return the test that drives an unsafe route to a fact, by the route."""
    return _table(DRIVEN)


@cache
def refusals() -> dict[str, str]:
    """Return the test that a route refuses whatever is sent, by the route."""
    return _table(REFUSED)


def _table(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text().splitlines() if line and line[0] != "#"]
    pairs = (line.split("  ", 1) for line in lines)
    return {route: rest.strip() for route, rest in pairs}


@cache
def _named(file: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for route, test in _table(file).items():
        found[test].add(route)
    return found


@pytest.fixture(autouse=True)
def no_silent_write(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Fail a test whose requests change the business without telling the trail."""
    silent: list[tuple[str, list[str]]] = []
    told: set[str] = set()
    refused: set[str] = set()
    answer = BaseHandler.get_response

    def answer_watched(self: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        if request.method not in UNSAFE:
            return answer(self, request)
        with watched() as watch:
            response = answer(self, request)
        if found := watch.silent():
            silent.append((route_of(request), sorted(found)))
        if watch.told and response.status_code < 400:
            told.add(route_of(request))
        if not watch.written and response.status_code >= 400:
            refused.add(route_of(request))
        return response

    monkeypatch.setattr(BaseHandler, "get_response", answer_watched)
    yield
    if place := environ.get("GUIFAN_DRIVEN"):
        with Path(place).open("a") as notes:
            notes.writelines(f"{route}  {request.node.nodeid}\n" for route in sorted(told))
    assert silent == [], "written without an audit fact in the same transaction"
    left = _named(DRIVEN).get(request.node.nodeid, set()) - told
    assert left == set(), "named in driven.txt, and not driven to a fact by this test"
    left = _named(REFUSED).get(request.node.nodeid, set()) - refused
    assert left == set(), "named in refused.txt, and not refused in this test"
