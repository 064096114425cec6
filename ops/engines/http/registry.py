"""The policy registry whole: everything declared, and every door of the URLconf with its policies.

`doors()` is what the permission tests walk, `entries()` what people read: who may, on which
objects, and what is given away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.engines.kernel.classified import DataClass, carried
from ops.engines.kernel.policy import Policy, declared

from .checks import THIRD_PARTY, dotted, record_policy, url_routes


@dataclass(frozen=True, slots=True)
class Door:
    """One method of one route: where it is, what answers, who may."""

    path: str
    method: str
    view: str
    action: str
    policy: Policy

    @property
    def is_api(self) -> bool:
        """Say whether a program stands at it."""
        return self.path.startswith("/api/")

    @property
    def name(self) -> str:
        """Name it the way reports print it, such as `GET /orders/<slug:number>/`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One declared thing: its kind, name, policy, class of data, and the doors that lead to it."""

    kind: str
    name: str
    policy: Policy
    data: DataClass
    routes: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "area": self.policy.area,
            "right": "" if self.policy.public or not self.policy.area else self.policy.right.value,
            "roles": sorted(self.policy.roles),
            "public": self.policy.public,
            "objects": self.policy.objects,
            "data": self.data.value,
            "routes": list(self.routes),
        }


def doors() -> list[Door]:
    """Return every method of every route with its policy, sorted by path and method."""
    found = [
        Door(path, method, dotted(callback), action, policy)
        for path, callback in url_routes()
        for method, (action, policy) in _methods(callback).items()
    ]
    return sorted(found, key=lambda door: (door.path, door.method, door.view))


def entries() -> list[Entry]:
    """Return everything declared, sorted by kind and name; screens and API with their routes."""
    routes: dict[str, list[str]] = {}
    for door in doors():
        routes.setdefault(f"{door.view}.{door.action}", []).append(door.name)
        routes.setdefault(door.view, []).append(door.name)
    return [
        Entry(kind, name, policy, carried(kind, name), tuple(routes.get(name, ())))
        for (kind, name), policy in sorted(declared().items())
    ]


def _methods(callback: Any) -> Mapping[str, tuple[str, Policy]]:
    owner = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    policies = getattr(owner, "policies", None)
    if policies:
        actions = getattr(callback, "actions", None) or {verb: verb for verb in policies}
        return {
            verb.upper(): (action, policies[action])
            for verb, action in sorted(actions.items())
            if action in policies and verb != "head"
        }
    policy = getattr(callback, "policy", None) or THIRD_PARTY.get(dotted(callback))
    if not isinstance(policy, Policy):
        policy = record_policy(callback)
    return {} if policy is None else {"GET": ("", policy)}
