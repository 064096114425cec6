"""Who may: every route, action, job, report and export declares a policy or nothing starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from .actor import Actor, Right
from .errors import Forbidden


@dataclass(frozen=True, slots=True)
class Policy:
    """A right in an area, optionally narrowed to roles; `public` needs no sign-in.

    `scope` names the kind of thing a right in small letters is confined to, where that is another
    than the area's own. `everywhere` asks for the capital letter: for what belongs to the company
    as a whole, such as its ledger, and cannot be cut by shop or warehouse.
    """

    area: str = ""
    right: Right = Right.VIEW
    roles: frozenset[str] = frozenset()
    public: bool = False
    scope: str = ""
    everywhere: bool = False

    def allows(self, actor: Actor | None) -> bool:
        """Say whether the actor passes (objects are filtered by scope afterwards)."""
        if self.public:
            return True
        if actor is None:
            return False
        if actor.is_machine:
            return True
        if self.roles and not actor.holds(*self.roles):
            return False
        if self.everywhere:
            return self.right.upper() in actor.rights.get(self.area, frozenset())
        return not self.area or actor.may(self.area, self.right)

    def require(self, actor: Actor | None) -> None:
        """Raise Forbidden unless the actor passes."""
        if not self.allows(actor):
            raise Forbidden(
                "policy.forbidden",
                _("You do not hold the right this needs: %(right)s.") % {"right": self.label},
                right=self.label,
            )

    @property
    def objects(self) -> str:
        """Return the kind of thing a right in small letters is confined to; empty: no area."""
        return self.scope or _kinds.get(self.area, "")

    def reach(self, actor: Actor) -> str:
        """Return how far the actor comes here: "all", "scope" (granted objects only) or ""."""
        if not self.allows(actor):
            return ""
        if self.public or not self.area or actor.is_machine:
            return "all"
        is_everywhere = self.right.upper() in actor.rights.get(self.area, frozenset())
        return "all" if is_everywhere else "scope"

    @property
    def label(self) -> str:
        """Name the right the way the permission matrix prints it, such as `catalog:C`."""
        if self.public:
            return "public"
        parts = [f"{self.area}:{self.right}" if self.area else "signed-in"]
        parts += ["everywhere"] if self.everywhere else []
        return " ".join([*parts, *sorted(self.roles)])


def may(area: str, right: str, *roles: str) -> Policy:
    """Return the policy `right in area`, narrowed to `roles` when any are named."""
    return Policy(area=area, right=Right(right), roles=frozenset(roles))


def everywhere(area: str, right: str, *roles: str) -> Policy:
    """Return the policy `right in the whole area`: in granted objects alone is not enough."""
    return Policy(area=area, right=Right(right), roles=frozenset(roles), everywhere=True)


def only(*roles: str) -> Policy:
    """Return the policy `one of these roles`, whatever the area."""
    return Policy(roles=frozenset(roles))


PUBLIC: Final = Policy(public=True)
SIGNED_IN: Final = Policy()

_declared: dict[tuple[str, str], Policy] = {}
_kinds: dict[str, str] = {}


def confine(area: str, kind: str) -> None:
    """Say which kind of thing confines rights in small letters of an area.

    Raises RuntimeError when the area is confined to another kind already.
    """
    if _kinds.setdefault(area, kind) != kind:
        raise RuntimeError(f"area {area} is confined twice")


def areas_confined_by(kind: str) -> list[str]:
    """Return the areas whose rights in small letters a kind of thing confines."""
    return sorted(area for area, held in _kinds.items() if held == kind)


def unconfined() -> list[str]:
    """Return the areas that policies name and nobody confined; they stop the start."""
    return sorted({p.area for p in _declared.values() if p.area and not p.objects})


def declare(kind: str, name: str, policy: Policy | None) -> None:
    """Enter a thing and its policy into the registry.

    Raises TypeError when the policy is missing: nothing undeclared may exist.
    """
    if not isinstance(policy, Policy):
        raise TypeError(f"{kind} {name} declares no policy")
    _declared[kind, name] = policy


def declared(kinds: Iterable[str] = ()) -> Mapping[tuple[str, str], Policy]:
    """Return the registry, all of it or the named kinds."""
    wanted = frozenset(kinds)
    return MappingProxyType({k: v for k, v in _declared.items() if not wanted or k[0] in wanted})
