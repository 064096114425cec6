"""Search over everything apps declared: exact keys first, then names; only what I may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.desk.declarations import Hit, SearchKind, registry
from ops.engines.desk.filters import keys_in
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput

Text = str | Promise
MOST_TYPED: Final = 20_000
PER_KIND: Final = 8
ACTIONS: Final = ">"


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind."""

    title: Text
    hits: Sequence[Hit]


def find(typed: str, *, actor: Actor) -> list[Group]:
    """Return the hits of every kind, groups with an exact hit first."""
    text = typed.strip()
    if not text:
        return []
    if text.startswith(ACTIONS):
        return _group(_("Actions"), _actions(text[1:].strip(), actor))
    kinds = _kinds(actor)
    marked = [kind for kind in kinds if kind.prefix and text.startswith(kind.prefix)]
    if marked:
        text, kinds = text[1:].strip(), marked
    line = text.splitlines()[0].strip() if text else ""
    groups = [Group(kind.title, kind.find(actor, line, PER_KIND)) for kind in kinds if line]
    found = [group for group in groups if group.hits]
    found.sort(key=lambda group: not any(hit.is_exact for hit in group.hits))
    places = _group(_("Go to"), _actions(line, actor)) if not marked else []
    return [*found, *places]


def list_of(typed: str, *, actor: Actor) -> str:
    """Return the list of several pasted keys, empty when it is one line or nobody knows them."""
    if "\n" not in typed.strip():
        return ""
    try:
        keys = keys_in(typed)
    except BadInput:
        return ""
    for kind in _kinds(actor):
        if kind.find_many is not None and (href := kind.find_many(actor, keys)):
            return href
    return ""


def _kinds(actor: Actor) -> list[SearchKind]:
    allowed = [kind for kind in registry.kinds.values() if kind.policy.allows(actor)]
    return sorted(allowed, key=lambda kind: (kind.order, kind.key))


def _actions(text: str, actor: Actor) -> list[Hit]:
    wanted = text.casefold()
    entries = [
        *((c.title, c.words, reverse(c.url_name), c.policy) for c in registry.commands.values()),
        *(
            (e.title, "", reverse(e.url_name, args=list(e.url_args)), e.policy)
            for e in registry.entries.values()
        ),
    ]
    return [
        Hit(title=title, href=href)
        for title, words, href, policy in entries
        if policy.allows(actor) and wanted in f"{title} {words}".casefold()
    ][:PER_KIND]


def _group(title: Text, hits: Sequence[Hit]) -> list[Group]:
    return [Group(title, hits)] if hits else []
