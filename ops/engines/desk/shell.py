"""What surrounds every screen: navigation by role, counters, bands, scope, period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ops.engines.approvals import selectors as approvals
from ops.engines.approvals.types import HistoryItem, InboxItem
from ops.engines.desk import periodchip, scopes
from ops.engines.desk.declarations import FIRST_ENTRIES, NavEntry, registry
from ops.engines.desk.words import role_name
from ops.engines.http.actors import actor_or_none
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor, Right
from ops.engines.notices import selectors as notices
from ops.engines.notices.types import Counts

Text = str | Promise
_CACHE: Final = "_guifan_frame"
_INBOX: Final = "_guifan_approvals"
KEYS_OFF: Final = "keys_off"


@dataclass(frozen=True, slots=True)
class Entry:
    """One navigation entry as shown."""

    key: str
    title: Text
    href: str
    icon: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Entries under More that belong together."""

    title: Text
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Band:
    """A band above all: demo, acting, readonly."""

    kind: str
    title: Text
    words: Text


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the account menu."""

    title: Text
    href: str


class Frame:
    """The frame of one request; each part is worked out only where the template asks for it."""

    def __init__(self, request: HttpRequest, screen: Any) -> None:
        self.request, self.screen = request, screen
        self.at: dt.datetime = timezone.now()
        self.actor: Actor | None = actor_or_none(request)

    @cached_property
    def current(self) -> str:
        """Return the key of the entry this page belongs to."""
        named = str(getattr(self.screen, "nav", "") or "")
        if named:
            return named
        path = self.request.path
        by_length = sorted(self._reachable, key=lambda pair: -len(pair[1]))
        return next((e.key for e, href in by_length if href != "/" and path.startswith(href)), "")

    @cached_property
    def _reachable(self) -> list[tuple[NavEntry, str]]:
        """Return the entries this actor may open, in order, with their addresses."""
        actor = self.actor
        if actor is None:
            return []
        allowed = [e for e in registry.entries.values() if e.policy.allows(actor)]
        allowed.sort(key=lambda e: (e.order_for(actor.roles), e.key))
        return [(e, reverse(e.url_name, args=list(e.url_args))) for e in allowed]

    @cached_property
    def _split(self) -> tuple[list[tuple[NavEntry, str]], list[tuple[NavEntry, str]]]:
        actor = self.actor
        if actor is None:
            return [], []
        mine = [pair for pair in self._reachable if actor.holds(*pair[0].roles)]
        first = mine[:FIRST_ENTRIES]
        return first, [pair for pair in self._reachable if pair not in first]

    @cached_property
    def first(self) -> list[Entry]:
        """Return the first seven entries of this role."""
        return [self._entry(entry, href, counted=True) for entry, href in self._split[0]]

    @cached_property
    def more(self) -> list[NavGroup]:
        """Return every other entry, grouped."""
        groups: dict[str, list[Entry]] = {}
        titles: dict[str, Text] = {}
        for entry, href in self._split[1]:
            titles.setdefault(str(entry.group), entry.group)
            groups.setdefault(str(entry.group), []).append(self._entry(entry, href))
        return [NavGroup(titles[key], entries) for key, entries in groups.items()]

    @property
    def is_in_more(self) -> bool:
        """Say whether the current entry stands under More."""
        return any(entry.is_current for group in self.more for entry in group.entries)

    def _entry(self, entry: NavEntry, href: str, *, counted: bool = False) -> Entry:
        count = None
        if counted and self.actor is not None:
            if entry.key == "approvals":
                count = self.approvals or None
            elif entry.counter is not None:
                count = entry.counter(self.actor, self.at) or None
        return Entry(entry.key, entry.title, href, entry.icon, entry.key == self.current, count)

    @cached_property
    def approvals(self) -> int:
        """Return how many requests wait for this person."""
        return len(waiting_requests(self.request)) if self.actor else 0

    @cached_property
    def _counts(self) -> Counts:
        return notices.counts(actor=self.actor) if self.actor else Counts(0, 0, 0, 0)

    @property
    def inbox(self) -> int:
        """Return how many notices are to be acted on: the only counted kind."""
        return self._counts.act

    @property
    def runs(self) -> int:
        """Return how many runs ended that this person has not looked at."""
        return self._counts.run

    @cached_property
    def bands(self) -> list[Band]:
        """Return the bands: what kind of installation this is, and what may not be done now."""
        found = []
        if getattr(self.request.user, "is_demo", False):
            words = _("Made-up company and people; try anything, no real money or parcel moves.")
            found.append(Band("demo", _("Demo data"), words))
        return found

    @cached_property
    def period(self) -> periodchip.Chip | None:
        """Return the period chip: business day and the state of the books per module."""
        return periodchip.chip(at=self.at) if self.actor else None

    @cached_property
    def scopes(self) -> list[scopes.ScopeGroup]:
        """Return the scopes this person works in, or may narrow this screen to."""
        if self.actor is None:
            return []
        kinds = tuple(getattr(self.screen, "scope_kinds", ()))
        return scopes.groups(actor=self.actor, kinds=kinds, query=self.request.GET)

    @property
    def scope_title(self) -> str:
        """Return what the scope chip reads."""
        return scopes.title(self.scopes)

    @cached_property
    def role_titles(self) -> str:
        """Return the names of the roles held, in one line."""
        roles = sorted(self.actor.roles - {Role.ALL_STAFF}) if self.actor else []
        mark = "、" if (get_language() or "").startswith("zh") else ", "
        return mark.join(role_name(role) for role in roles)

    @cached_property
    def scans(self) -> bool:
        """Say whether the phone's middle key is the scanner: for those who handle goods."""
        return self.actor is not None and self.actor.may("inventory", Right.POST)

    @property
    def keys_off(self) -> bool:
        """Say whether single-letter keys are switched off."""
        return bool(self.request.session.get(KEYS_OFF))

    @cached_property
    def account_links(self) -> list[Link]:
        """Return the links of the account menu that this installation has."""
        wanted = [
            (_("My account"), "organisation:me"),
            (_("Password"), "accounts:password"),
            (_("One-time code"), "accounts:code"),
        ]
        if getattr(self.request.user, "is_staff", False):
            wanted.append((_("Record cupboard"), "admin:index"))
        return [Link(title, href) for title, name in wanted if (href := _address(name))]

    @cached_property
    def sign_out(self) -> str:
        """Return where signing out posts to."""
        return _address("accounts:logout")


def frame_of(request: HttpRequest, *, screen: Any = None) -> Frame:
    """Return the frame of a request, made once."""
    frame: Frame | None = getattr(request, _CACHE, None)
    if frame is None:
        frame = Frame(request, screen)
        setattr(request, _CACHE, frame)
    return frame


def waiting_requests(request: HttpRequest) -> Sequence[InboxItem]:
    """Return the requests this person may decide now; asked once per request.

    Who approves nothing anywhere costs no query.
    """
    found: Sequence[InboxItem] | None = getattr(request, _INBOX, None)
    if found is None:
        actor = actor_or_none(request)
        asks = actor is not None and approvals.approves(actor)
        found = approvals.inbox(actor=actor, at=timezone.now()) if actor and asks else ()
        setattr(request, _INBOX, found)
    return found


def own_requests(request: HttpRequest) -> Sequence[HistoryItem]:
    """Return this person's own open requests, in one query with those that wait for a decision.

    A page that shows both asks this first; `waiting_requests` then costs nothing more.
    """
    actor = actor_or_none(request)
    if actor is None:
        return ()
    found = approvals.at_hand(actor=actor, at=timezone.now())
    setattr(request, _INBOX, found.waiting)
    return found.mine


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
