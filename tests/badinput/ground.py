"""A whole small company to throw bad input at, and who may knock where."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from ops.engines.http.middleware import open_session
from ops.engines.identity import selectors
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy
from tests.badinput import scene

BACKEND = "ops.engines.identity.backends.AccountBackend"
ORDERS, SEED = 120, 7
# Who is asked first: people of the whole house, then those with a narrow desk.
_ORDER = (
    "supervisor",
    "specialist",
    "manager",
    "finance",
    "finance_manager",
    "keeper",
    "buyer_officer",
    "director",
)
# What a refusal may leave behind: its own audit fact, the answer kept for a repeat, who was here.
_MAY_CHANGE = ("audit_fact", "http_idempotencykey", "django_session", "identity_signintry")
_TABLES = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
 ORDER BY 1
"""


class Rollback(Exception):
    """Undo what the block did."""


@dataclass
class Ground:
    """The company, its accounts, and browsers and programs signed in as them."""

    tokens: dict[str, str]
    _apis: dict[str, APIClient] = field(default_factory=dict)
    _browsers: dict[str, Client] = field(default_factory=dict)

    @cached_property
    def actors(self) -> dict[str, Actor]:
        """Return every account with what it may do now, in the order they are asked."""
        users = User.objects.select_related("person").filter(username__in=self.tokens)
        found = {user.username: selectors.actor_for(user, at=timezone.now()) for user in users}
        names = sorted(found, key=lambda name: (name not in _ORDER, _rank(name), name))
        return {name: found[name] for name in names}

    def who_may(self, policy: Policy) -> list[str]:
        """Return the accounts a policy lets pass."""
        return [name for name, actor in self.actors.items() if policy.allows(actor)]

    def api(self, name: str) -> APIClient:
        """Return a program with the token of an account; an empty name has none."""
        if name not in self._apis:
            client = APIClient(raise_request_exception=False)
            if name:
                client.credentials(HTTP_AUTHORIZATION=f"Token {self.tokens[name]}")
            self._apis[name] = client
        return self._apis[name]

    def stranger(self) -> Client:
        """Return a browser in which nobody signed in."""
        return Client(raise_request_exception=False)

    def browser(self, name: str) -> Client:
        """Return a browser signed in as an account."""
        if name not in self._browsers:
            client = Client(raise_request_exception=False)
            client.force_login(User.objects.get(username=name), backend=BACKEND)
            request = _Bare(client)
            open_session(request, must_enrol=False, at=timezone.now())  # type: ignore[arg-type]
            request.session.save()
            self._browsers[name] = client
        return self._browsers[name]


class _Bare:
    """As much of a request as starting a session needs."""

    def __init__(self, client: Client) -> None:
        self.session = client.session


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def found() -> Ground:
    """Found the demo company in the empty database the process is pointed at."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        place = Path(folder)
        patched.setattr(settings, "DATA_DIR", place)
        patched.setattr(settings, "ACCOUNTS_FILE", place / "accounts.json")
        call_command("demo", orders=ORDERS, seed=SEED, verbosity=0)
        accounts = json.loads((place / "accounts.json").read_text())
    rows: Iterable[dict[str, str]] = accounts if isinstance(accounts, list) else accounts.values()
    made = Ground({row["username"]: row["api_token"] for row in rows if row["api_token"]})
    scene.prepare(made)
    return made


@contextmanager
def undone() -> Iterator[None]:
    """Run a block and undo whatever it did to the database."""
    try:
        with transaction.atomic():
            yield
            raise Rollback
    except Rollback:
        pass


def state_hash() -> dict[str, str]:
    """Return one digest per table of everything but traces of refusals; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [name for (name,) in cursor.fetchall() if name not in _MAY_CHANGE]
        parts = " UNION ALL ".join(
            f"SELECT '{name}', concat(count(*), ':', sum(hashtextextended(t::text, 7)))"
            f" FROM {name} t"
            for name in tables
        )
        # Of the facts only refusals may be new; they say "denied".
        parts += (
            " UNION ALL SELECT 'audit_fact', count(*)::text FROM audit_fact"
            " WHERE action NOT IN ('http.denied', 'identity.sign_in_refused', 'approvals.refused')"
        )
        cursor.execute(parts)
        return dict(cursor.fetchall())


def changed(before: dict[str, str]) -> list[str]:
    """Return the tables that are not as they were."""
    after = state_hash()
    return sorted(
        name for name in after.keys() | before.keys() if after.get(name) != before.get(name)
    )
