"""The positions of the register as they are written, without asking the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml

from ops.engines.identity.choices import PositionKind, Role
from ops.engines.kernel.actor import Actor, ActorKind

_FILE: Final = Path(__file__).with_name("roles.yaml")
_NOTE: Final = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class PositionSpec:
    """One position: its names, who may hold it, and its letters by area."""

    key: str
    name_zh: str
    name_en: str
    kind: PositionKind
    rights: Mapping[str, frozenset[str]]
    written: Mapping[str, str]

    @property
    def actor(self) -> Actor:
        """Return somebody who holds this position and, as staff, what all staff hold."""
        own = {area: set(letters) for area, letters in self.rights.items()}
        roles = {self.key}
        if self.kind is PositionKind.STAFF:
            everybody = next(p for p in positions() if p.kind is PositionKind.EVERYONE)
            roles.add(everybody.key)
            for area, letters in everybody.rights.items():
                own.setdefault(area, set()).update(letters)
        return Actor(
            kind=ActorKind.PERSON,
            name=self.name_en,
            roles=frozenset(roles),
            rights=MappingProxyType({area: frozenset(held) for area, held in own.items()}),
        )


@cache
def positions() -> tuple[PositionSpec, ...]:
    """Return the positions persons can hold, in the order of the register."""
    found = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["roles"]
    return tuple(
        PositionSpec(
            key=role["key"],
            name_zh=role["name_zh"],
            name_en=role["name_en"],
            kind=PositionKind(role.get("kind", "staff")),
            rights=MappingProxyType(
                {area: _letters(text) for area, text in role["rights"].items() if text != "-"}
            ),
            written=MappingProxyType(dict(role["rights"])),
        )
        for role in found
        if role["key"] != Role.SYSTEM
    )


def _letters(written: str) -> frozenset[str]:
    return frozenset(_NOTE.sub("", written).replace(" ", ""))
