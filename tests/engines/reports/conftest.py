"""People, toys and a folder for each test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from ops.engines.identity.models import Person
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.reports import declarations
from tests.engines.reports import toy

AT = dt.datetime(2026, 11, 3, 6, 0, tzinfo=dt.UTC)
SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def toys() -> Iterator[None]:
    """Declare the toy reports for one test."""
    kept = dict(declarations._declared)
    declarations._declared.clear()
    toy.declare()
    toy.fill(*toy.usual())
    yield
    declarations._declared.clear()
    declarations._declared.update(kept)


def _person(name: str, **actor: object) -> Actor:
    person = Person.objects.create(name=name)
    return Actor(kind=ActorKind.PERSON, name=name, person_id=person.pk, **actor)  # type: ignore[arg-type]


@pytest.fixture
def auditor(db: None) -> Actor:
    """Someone who may export everything."""
    return _person("陈审", rights={"inventory": frozenset("E"), "compliance": frozenset("E")})


@pytest.fixture
def keeper(db: None) -> Actor:
    """Someone whose right is limited to warehouse 3."""
    return _person(
        "王强",
        rights={"inventory": frozenset("e"), "compliance": frozenset("e")},
        scopes={"warehouse": frozenset({3})},
        roles=frozenset({"store_manager"}),
    )


@pytest.fixture
def outsider(db: None) -> Actor:
    """Someone without any right here."""
    return _person("路人")
