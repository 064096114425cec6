"""Which file layouts may be fed by an outside source: declared by apps beside their loaders.

    feed("search_rank", title=_("Search ranks"), clauses=("CAT-4.3-14",))

A feed is a registered profile (`tables.registry`) that somebody outside fills regularly; who may
import files of the profile may send them, and who may view its area sees what came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, may
from ops.engines.tables.registry import Registered, profile_named

from .errors import bad

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Feed:
    """A layout that a source may bring, in the words people know its figures by."""

    profile: str
    title: Text
    clauses: tuple[str, ...]

    @property
    def entry(self) -> Registered:
        """Return the layout with its loader and its policy."""
        return profile_named(self.profile)

    @property
    def readers(self) -> Policy:
        """Return who may see sources of this feed: the viewers of its area."""
        return may(self.entry.policy.area, "V")

    def sees(self, actor: Actor, kind: str, object_id: int | None) -> bool:
        """Say whether the actor may see figures of this feed about an object."""
        if not self.readers.allows(actor):
            return False
        allowed = actor.scope_ids(kind, self.entry.policy.area) if object_id is not None else None
        return allowed is None or object_id in allowed


_feeds: dict[str, Feed] = {}


def feed(profile: str, *, title: Text, clauses: Sequence[str]) -> Feed:
    """Declare that files of a layout come from outside sources.

    Raises ProfileMissing for a layout nobody registered, TypeError for one without an area (only
    machines import it) and RuntimeError when it is declared twice.
    """
    if not profile_named(profile).policy.area:
        raise TypeError(f"feed {profile}: its layout belongs to no area, so nobody could send it")
    if profile in _feeds:
        raise RuntimeError(f"feed {profile} is declared twice")
    made = Feed(profile, title, tuple(clauses))
    _feeds[profile] = made
    return made


def feeds() -> Mapping[str, Feed]:
    """Return every declared feed by its layout."""
    return MappingProxyType(_feeds)


def feed_named(profile: str) -> Feed:
    """Return a declared feed; raises BadInput naming `profile`."""
    if profile not in _feeds:
        raise bad("profile", "profile", _("No source brings files of this layout."))
    return _feeds[profile]
