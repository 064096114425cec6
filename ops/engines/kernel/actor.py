"""Who acts: resolved once per request, passed to every service and selector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

_NOTHING: Mapping[str, frozenset[str]] = MappingProxyType({})
_NOWHERE: Mapping[str, frozenset[int]] = MappingProxyType({})


class ActorKind(StrEnum):
    """Sort of actor an audit fact names."""

    PERSON = "person"
    SYSTEM = "system"
    IMPORT = "import"


class Right(StrEnum):
    """Letters of the register: upper case everywhere, lower case inside granted scopes."""

    VIEW = "V"
    CREATE = "C"
    POST = "P"
    APPROVE = "A"
    EXPORT = "E"
    MANAGE = "M"


@dataclass(frozen=True, slots=True)
class Actor:
    """One acting person or machine with the rights in force now.

    `rights` maps an area (ops, catalog, inventory, ...) to letters; `scopes` maps a scope kind
    (channel, warehouse, category, department) to the ids granted to this account.
    """

    kind: ActorKind
    name: str
    person_id: int | None = None
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    rights: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NOTHING)
    scopes: Mapping[str, frozenset[int]] = field(default_factory=lambda: _NOWHERE)
    session: str = ""
    request_id: str = ""

    @classmethod
    def system(cls, name: str = "system") -> Actor:
        """Return the machine itself: a job, a handler, a command."""
        return cls(kind=ActorKind.SYSTEM, name=name, roles=frozenset({"system"}))

    @classmethod
    def importer(cls, name: str = "import") -> Actor:
        """Return the import account, which may bring in history from before go-live."""
        return cls(kind=ActorKind.IMPORT, name=name, roles=frozenset({"system"}))

    @property
    def is_machine(self) -> bool:
        """Say whether no person stands behind this actor."""
        return self.kind is not ActorKind.PERSON

    def holds(self, *roles: str) -> bool:
        """Say whether one of the roles is held now."""
        return not self.roles.isdisjoint(roles)

    def may(self, area: str, right: str) -> bool:
        """Say whether the right is held in the area, everywhere or at least in some scope."""
        if self.is_machine:
            return True
        letters = self.rights.get(area, frozenset())
        return right.upper() in letters or right.lower() in letters

    def scope_ids(self, kind: str, area: str, right: str = Right.VIEW) -> frozenset[int] | None:
        """Return the ids of one scope kind this actor may touch; None means everywhere."""
        if self.is_machine:
            return None
        letters = self.rights.get(area, frozenset())
        if right.upper() in letters:
            return None
        if right.lower() in letters:
            return self.scopes.get(kind, frozenset())
        return frozenset()
