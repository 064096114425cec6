"""The 25 positions are the register's, letter by letter."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from ops.engines.identity.choices import AREAS, Role
from ops.engines.identity.models import Position, PositionConflict, PositionRight

ROLES = Path(settings.BASE_DIR) / "ops" / "engines" / "identity" / "roles.yaml"
BASE = Path(settings.BASE_DIR)
# The product's own copy of the register, and the one it was copied from where that is at hand.
REGISTERS = [
    *sorted((BASE / "compliance").rglob("clauses.yaml")),
    *sorted((BASE.parent / "shared" / "spec").glob("clauses.yaml")),
]


def _ours() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(ROLES.read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("register", REGISTERS, ids=lambda path: path.parent.name)
def test_roles_are_copied_from_the_register(register: Path) -> None:
    theirs = yaml.safe_load(register.read_text(encoding="utf-8"))["roles"]

    assert [
        (role["name_en"], role["name_zh"], role["summary"], role["rights"])
        for role in _ours()["roles"]
    ] == [(role["name"], role["zh"], role["summary"], role["rights"]) for role in theirs]


def test_every_role_has_its_word_and_all_areas() -> None:
    roles = _ours()["roles"]

    assert [role["key"] for role in roles] == [role.value for role in Role]
    assert len(roles) == 25
    assert all(tuple(role["rights"]) == AREAS for role in roles)


@pytest.mark.django_db
def test_the_database_holds_the_same_roles() -> None:
    held = dict(Position.objects.values_list("key", "name_zh"))
    written = {
        (key, area): text
        for key, area, text in PositionRight.objects.values_list("position__key", "area", "written")
    }

    assert held == {role["key"]: role["name_zh"] for role in _ours()["roles"]}
    assert written == {
        (role["key"], area): text
        for role in _ours()["roles"]
        for area, text in role["rights"].items()
        if text != "-"
    }


@pytest.mark.django_db
def test_a_note_in_brackets_is_kept_beside_the_letters() -> None:
    privacy = PositionRight.objects.get(position__key=Role.COMPLIANCE_OFFICER, area="customers")
    returns = PositionRight.objects.get(position__key=Role.WAREHOUSE_KEEPER, area="customers")

    assert (privacy.letters, privacy.note) == ("VAE", "privacy")
    assert (returns.letters, returns.note) == ("v", "returns")


@pytest.mark.django_db
@pytest.mark.clause("FIN-7.3-07")
def test_the_three_administrators_exclude_each_other() -> None:
    pairs = {
        frozenset(pair) for pair in PositionConflict.objects.values_list("one__key", "other__key")
    }

    assert frozenset({"information_supervisor", "compliance_officer"}) in pairs
    assert frozenset({"information_supervisor", "auditor"}) in pairs
    assert frozenset({"compliance_officer", "auditor"}) in pairs
