"""What apps declare to the desk in their `desk.py`: navigation, cards, search, commands.

The desk knows no shop word. An entry names the roles for which it is among the first seven; for
everyone else who passes its policy it stands under "More" and in the search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.utils.functional import Promise

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN, Policy, declare

Text = str | Promise
Counter = Callable[[Actor, datetime], int | None]
FIRST_ENTRIES: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class NavEntry:
    """One entry of the navigation.

    `order` is one number, or a number per role where roles want another sequence. `counter` gives
    the small number behind the title and must cost one indexed query.
    """

    key: str
    title: Text
    url_name: str
    policy: Policy
    roles: Sequence[str] = ()
    order: int | Mapping[str, int] = 100
    group: Text = ""
    icon: str = "dot"
    counter: Counter | None = None
    url_args: Sequence[Any] = ()

    def order_for(self, roles: frozenset[str]) -> int:
        """Return the place of this entry for someone with these roles."""
        if isinstance(self.order, int):
            return self.order
        return min((self.order[role] for role in roles if role in self.order), default=100)


class Place(StrEnum):
    """Part of the desk a card stands in, in the order of the page."""

    DECIDE = "decide"
    SCAN = "scan"
    WORK = "work"
    WATCH = "watch"
    TODAY = "today"
    MINE = "mine"


class Look(StrEnum):
    """How a card shows its data."""

    LINES = "lines"
    FIGURES = "figures"
    TILES = "tiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    """One piece of work: what it is, its figures, until when, and where it opens."""

    title: Text
    href: str = ""
    detail: Text = ""
    figure: Text = ""
    due_at: datetime | None = None
    state: Any = None
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCount:
    """One figure with its unit, change against the comparable day, and the rows behind it.

    `change` is a ratio (0.06 for 6 %); rise and fall are arrows, never colours. `is_alarm` is for
    figures outside their limit.
    """

    title: Text
    value: Text
    unit: Text = ""
    note: Text = ""
    href: str = ""
    change: Any = None
    is_alarm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """What a card's query returns; nothing at all hides the card unless `empty` says something."""

    lines: Sequence[CardLine] = ()
    counts: Sequence[CardCount] = ()
    total: int | None = None
    cutoff: Text = ""
    empty: Text = ""
    href: str = ""

    @property
    def is_blank(self) -> bool:
        """Say whether there is nothing to show."""
        return not (self.lines or self.counts or self.empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card of the desk: who sees it, where it stands, and its one query."""

    key: str
    title: Text
    query: Callable[[Actor, datetime], CardData]
    policy: Policy = SIGNED_IN
    roles: Sequence[str] = ()
    place: Place = Place.WORK
    look: Look = Look.LINES
    order: int = 100
    url_name: str = ""
    shortcut: str = ""

    def is_for(self, actor: Actor) -> bool:
        """Say whether this actor sees the card."""
        return self.policy.allows(actor) and (not self.roles or actor.holds(*self.roles))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found: `exact` when the typed text is its key."""

    title: Text
    href: str
    note: Text = ""
    is_exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchKind:
    """One kind of thing the search finds.

    `find` gets the actor, the typed text and the most hits wanted, and returns only what the actor
    may see: exact keys first. `find_many` gets pasted keys and returns a list address. `prefix` is
    the mark that limits a search to this kind ("#", "@"); `list_url` opens the full list.
    """

    key: str
    title: Text
    find: Callable[[Actor, str, int], Sequence[Hit]]
    policy: Policy = SIGNED_IN
    order: int = 100
    prefix: str = ""
    find_many: Callable[[Actor, Sequence[str]], str | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One action of the palette (typed after ">")."""

    key: str
    title: Text
    url_name: str
    policy: Policy
    words: str = ""


@dataclass(slots=True)
class Registry:
    """Everything declared to the desk, by key."""

    entries: dict[str, NavEntry] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    kinds: dict[str, SearchKind] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)


registry: Final = Registry()


def nav(entry: NavEntry) -> NavEntry:
    """Enter a navigation entry; raises RuntimeError when another one has its key."""
    _enter(registry.entries, "navigation", entry)
    return entry


def card(entry: Card) -> Card:
    """Enter a card; raises RuntimeError when another one has its key."""
    _enter(registry.cards, "card", entry)
    return entry


def search_kind(entry: SearchKind) -> SearchKind:
    """Enter a search kind; raises RuntimeError when another one has its key."""
    _enter(registry.kinds, "search", entry)
    return entry


def command(entry: Command) -> Command:
    """Enter a palette command; raises RuntimeError when another one has its key."""
    _enter(registry.commands, "command", entry)
    return entry


def _enter(table: dict[str, Any], kind: str, entry: Any) -> None:
    if table.get(entry.key, entry) is not entry:
        raise RuntimeError(f"{kind} {entry.key} is declared twice")
    declare(kind, entry.key, entry.policy)
    table[entry.key] = entry
