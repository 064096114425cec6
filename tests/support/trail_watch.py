"""S22 in every test: a request that writes leaves an audit fact in the same transaction.

Whatever test drives an unsafe route through the client is watched. Each outermost transaction of
the request (a savepoint of the test's own) that changes a table of the business must hold a call
of `audit_append`; if not, the test fails with the route and the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test.client import ClientHandler
from django.urls import Resolver404, resolve

UNSAFE: Final = {"POST", "PUT", "PATCH", "DELETE"}
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

    with connection.execute_wrapper(look):
        yield watch


def route_of(request: HttpRequest) -> str:
    """Return the route of a request as the address book writes it."""
    try:
        return f"{request.method} /{resolve(request.path_info).route}"
    except Resolver404:
        return f"{request.method} {request.path_info}"


@pytest.fixture(autouse=True)
def no_silent_write(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test whose requests change the business without telling the trail."""
    silent: list[tuple[str, list[str]]] = []
    answer = ClientHandler.get_response

    def answer_watched(self: ClientHandler, request: HttpRequest) -> HttpResponseBase:
        if request.method not in UNSAFE:
            return answer(self, request)
        with watched() as watch:
            response = answer(self, request)
        if found := watch.silent():
            silent.append((route_of(request), sorted(found)))
        return response

    monkeypatch.setattr(ClientHandler, "get_response", answer_watched)
    yield
    assert silent == [], "written without an audit fact in the same transaction"
