"""The scope chip: which shops, warehouses or departments a screen is narrowed to.

The scope stands in the address (`scope=channel:3`) and never widens what the actor may see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.identity.scopes import scope_kinds, scope_model
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.policy import areas_confined_by

Text = str | Promise
MOST: Final = 50
KEPT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """One object; `href` narrows the screen to it, empty where the screen cannot be narrowed."""

    title: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ScopeGroup:
    """The objects of one kind."""

    title: Text
    items: Sequence[ScopeItem]


def chosen(query: QueryDict, *, actor: Actor, kinds: Sequence[str]) -> dict[str, frozenset[int]]:
    """Read the scope of an address; what the actor does not work in is left out."""
    found: dict[str, set[int]] = {}
    for word in query.getlist("scope"):
        kind, _colon, number = word.partition(":")
        is_id = kind in kinds and number.isascii() and number.isdigit()
        if is_id and _is_mine(actor, kind, int(number)):
            found.setdefault(kind, set()).add(int(number))
    return {kind: frozenset(ids) for kind, ids in found.items()}


def groups(*, actor: Actor, kinds: Sequence[str], query: QueryDict) -> list[ScopeGroup]:
    """Return the kinds a screen can be narrowed by, or those the actor is confined to."""
    picked = chosen(query, actor=actor, kinds=kinds)
    known = scope_kinds()
    shown = [kind for kind in (kinds or sorted(actor.scopes)) if kind in known]
    found = []
    for kind in shown:
        items = [
            ScopeItem(
                title,
                _narrowed(query, kind, pk) if kind in kinds else "",
                pk in picked.get(kind, ()),
            )
            for pk, title in _names(actor, kind)
        ]
        if items:
            model = scope_model(kind)
            # The framework's public face of a model is called _meta.
            title = model._meta.verbose_name_plural or kind  # noqa: SLF001
            found.append(ScopeGroup(title, items))
    return found


def title(found: Sequence[ScopeGroup]) -> str:
    """Return what the chip reads: the chosen objects, or how many there are."""
    picked = [item.title for group in found for item in group.items if item.is_chosen]
    if picked:
        return ", ".join(picked[:2]) + (" +" if len(picked) > 2 else "")
    items = [item.title for group in found for item in group.items]
    return items[0] if len(items) == 1 else _("All my scopes")


def codes(*, actor: Actor, kind: str) -> tuple[Text, list[tuple[str, str]]]:
    """Return the title of a kind and the objects the actor works in, each as (code, name).

    What has no code is named by its id.
    """
    model = scope_model(kind)
    title = model._meta.verbose_name or kind  # noqa: SLF001 framework name
    mine = dict(_names(actor, kind))
    rows = model._default_manager.filter(pk__in=mine).order_by("pk")  # noqa: SLF001 framework name
    return title, [(str(getattr(row, "code", row.pk)), mine[row.pk]) for row in rows]


def names(*, actor: Actor, kind: str) -> dict[int, str]:
    """Return the names of the objects of a kind that the actor works in, by id."""
    return dict(_names(actor, kind))


def _is_mine(actor: Actor, kind: str, pk: int) -> bool:
    return pk in {number for number, _title in _names(actor, kind)}


def _names(actor: Actor, kind: str) -> list[tuple[int, str]]:
    held = actor.scopes.get(kind)
    if not held and not _sees_all(actor, kind):
        return []
    # Kept by what is held, not by who holds it: a grant taken away is gone with the next page.
    key = f"desk.scope.{kind}.{content_hash(sorted(held)) if held else 'all'}"
    found: list[tuple[int, str]] | None = cache.get(key)
    if found is None:
        rows = scope_model(kind)._default_manager.order_by("pk")  # noqa: SLF001 framework name
        if held:
            rows = rows.filter(pk__in=held)
        found = [(row.pk, str(row)) for row in rows[:MOST]]
        cache.set(key, found, KEPT_SECONDS)
    return found


def _sees_all(actor: Actor, kind: str) -> bool:
    """Say whether some right of the actor holds for every object of a kind."""
    return any(actor.scope_ids(kind, area) is None for area in areas_confined_by(kind))


def _narrowed(query: QueryDict, kind: str, pk: int) -> str:
    changed = query.copy()
    for key in ("after", "before", "part", "sel"):
        changed.pop(key, None)
    others = [word for word in changed.getlist("scope") if not word.startswith(f"{kind}:")]
    changed.setlist("scope", [*others, f"{kind}:{pk}"])
    return f"?{changed.urlencode()}"


Scope = Mapping[str, frozenset[int]]
