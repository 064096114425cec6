"""One kind of record that holds files, and the people around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from ops.engines.files import holders
from ops.engines.identity.models import Person
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.policy import may

AT = dt.datetime(2026, 11, 20, 6, 0, tzinfo=dt.UTC)
TYPE = "toy.receipt"


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """Keep the bytes of each test apart."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def holder() -> Iterator[None]:
    """Let toy receipts hold files; number 13 is outside everybody's scope."""
    kept = dict(holders._holders)
    holders.declare_holder(
        TYPE, policy=may("inventory", "V"), visible=lambda _actor, object_id: object_id != "13"
    )
    yield
    holders._holders.clear()
    holders._holders.update(kept)


@pytest.fixture
def keeper(db: None) -> Actor:
    """A warehouse keeper."""
    person = Person.objects.create(name="王强")
    return Actor(
        kind=ActorKind.PERSON,
        name=person.name,
        person_id=person.pk,
        user_id=1,
        rights={"inventory": frozenset("VC")},
    )


@pytest.fixture
def outsider(db: None) -> Actor:
    """Someone without rights in stock."""
    person = Person.objects.create(name="路人")
    return Actor(kind=ActorKind.PERSON, name=person.name, person_id=person.pk, user_id=2)
