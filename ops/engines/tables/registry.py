"""Layouts that apps declare in `imports.py`, each with the function that loads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.utils.translation import gettext as _

from ops.engines.kernel import policy as policies
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy

from .errors import ProfileMissing
from .intake import Intake
from .profile import Profile, matches
from .types import BatchInfo, LoadResult, Scope

MACHINES_ONLY: Final = policies.only("system")


class Load(Protocol):
    """Puts the rows of an intake into an app's tables, in the transaction of the batch."""

    def __call__(
        self,
        batch: BatchInfo,
        intake: Intake,
        *,
        actor: Actor,
        at: dt.datetime,
        options: Mapping[str, Any],
    ) -> LoadResult: ...


class FindScope(Protocol):
    """Finds the object an import belongs to from its options, such as the channel by its code."""

    def __call__(self, options: Mapping[str, Any]) -> Scope | None: ...


@dataclass(frozen=True, slots=True)
class Registered:
    """A profile, how it is loaded, who may, and where it belongs."""

    profile: Profile
    load: Load
    policy: Policy
    scope: FindScope | None = None

    def scope_of(self, options: Mapping[str, Any]) -> Scope | None:
        """Return the object an import with these options belongs to."""
        return self.scope(options) if self.scope is not None else None

    def reaches(self, actor: Actor, scope_kind: str, scope_id: int | None) -> bool:
        """Say whether the actor may import there."""
        if not self.policy.allows(actor):
            return False
        if scope_id is None:
            return True
        allowed = actor.scope_ids(scope_kind, self.policy.area, self.policy.right)
        return allowed is None or scope_id in allowed


_registered: dict[str, Registered] = {}


def register_profile(
    profile: Profile,
    *,
    load: Load,
    policy: Policy = MACHINES_ONLY,
    scope: FindScope | None = None,
) -> None:
    """Declare a layout and its loader; without a policy only machines may use it.

    `scope` finds the object (channel, warehouse) whose imports are told apart: the same content is
    imported once per scope. Raises ValueError when another layout has the name.
    """
    known = _registered.get(profile.name)
    if known is not None and known.profile != profile:
        raise ValueError(f"profile {profile.name} is declared twice")
    policies.declare("import", profile.name, policy)
    _registered[profile.name] = Registered(profile, load, policy, scope)


def known_profile(name: str) -> Registered | None:
    """Return a layout, or None when it is declared no more."""
    return _registered.get(name)


def profile_named(name: str) -> Registered:
    """Return a declared layout.

    Raises ProfileMissing.
    """
    try:
        return _registered[name]
    except KeyError:
        raise ProfileMissing(
            "tables.profile_missing",
            _("There is no file layout named “%(name)s”.") % {"name": name},
            name=name,
        ) from None


def profiles() -> list[Registered]:
    """Return every declared layout by name."""
    return [_registered[name] for name in sorted(_registered)]


def matching(rows: Sequence[Sequence[str]]) -> list[Registered]:
    """Return the layouts whose header is among the first rows of a file, most columns first."""
    found = [entry for entry in profiles() if matches(entry.profile, rows)]
    return sorted(found, key=lambda entry: -sum(c.required for c in entry.profile.columns))
