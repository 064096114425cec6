"""Who may what: every declared thing times every position, from the registry itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ops.engines.desk.words import role_name
from ops.engines.http.registry import Entry, entries
from ops.engines.identity.register import positions


@dataclass(frozen=True, slots=True)
class Permission:
    """One position at one declared thing; `reach` is "all" or "scope"."""

    role: str
    position: str
    kind: str
    name: str
    routes: tuple[str, ...]
    area: str
    right: str
    reach: str
    objects: str
    data: str

    @property
    def where(self) -> str:
        """Return the doors that lead to it, or its name where none does."""
        return " ".join(self.routes) or self.name


def matrix(*, role: str = "", area: str = "", kind: str = "", text: str = "") -> list[Permission]:
    """Return what each position may, by position, kind and name; no statement."""
    found = [
        entry
        for entry in entries()
        if (not area or entry.policy.area == area)
        and (not kind or entry.kind == kind)
        and (not text or _has(entry, text.lower()))
    ]
    return list(_permissions(found, role))


def kinds() -> list[str]:
    """Return the kinds of declared things."""
    return sorted({entry.kind for entry in entries()})


def _permissions(found: list[Entry], role: str) -> Iterator[Permission]:
    for position in positions():
        if role and position.key != role:
            continue
        actor = position.actor
        for entry in found:
            reach = entry.policy.reach(actor)
            if not reach:
                continue
            told = entry.plain()
            yield Permission(
                role=position.key,
                position=role_name(position.key),
                kind=entry.kind,
                name=entry.name,
                routes=entry.routes,
                area=told["area"],
                right=told["right"],
                reach=reach,
                objects=told["objects"],
                data=told["data"],
            )


def _has(entry: Entry, text: str) -> bool:
    return text in entry.name.lower() or any(text in route.lower() for route in entry.routes)
