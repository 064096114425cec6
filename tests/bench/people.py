"""Persons a workload needs, each with a position and an account."""

from __future__ import annotations

import datetime as dt
from functools import cache

from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.identity.selectors import actor_for
from ops.engines.kernel.actor import Actor
from tests.bench import ground

_SYSTEM = Actor.system("bench")


@cache
def user(name: str, role: Role) -> User:
    """Return the account of a person who holds the role since last month."""
    person = services.create_person(name=name, actor=_SYSTEM, at=ground.NOW)
    account = services.create_account(
        person_id=person.person_id,
        username=name,
        password="Quiet-harbour-93-lantern",
        actor=_SYSTEM,
        at=ground.NOW,
    )
    first = ground.NOW.date() - dt.timedelta(days=30)
    services.assign(
        person_id=person.person_id, role=role, first=first, actor=_SYSTEM, at=ground.NOW
    )
    return User.objects.get(pk=account.user_id)


def actor(name: str, role: Role) -> Actor:
    """Return the person as services know them."""
    return actor_for(user(name, role), at=dt.datetime.now(dt.UTC))
