"""What slots of a display plan show, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.choices.display import SlotLack, SlotRule, SlotSize


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A good a slot could show: `lack` says why it may not be shown now, None: it may.

    `sold` counts the pieces of real orders in the plan's window, `path` is its category's.
    """

    sku_id: int
    code: str
    name: str
    path: str
    sold: int
    price: Decimal | None
    lack: SlotLack | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSlot:
    """One slot as it stands at a moment.

    `wanted` is the good it would show if everything were on sale; where another one stands in its
    place (or none), `lack` says why. `promotions` are the numbers of running ones that single the
    shown good out. `pinned` says that the plan named the good itself.
    """

    key: str
    title: str
    place: int
    size: SlotSize
    rule: SlotRule
    wanted: Candidate | None
    shown: Candidate | None
    is_pinned: bool
    promotions: Sequence[str] = ()

    @property
    def is_replaced(self) -> bool:
        """Say whether another good than the wanted one stands here, or none at all."""
        return self.wanted is not None and self.wanted != self.shown

    @property
    def lack(self) -> SlotLack | None:
        """Return why the wanted good is not shown, None when it is."""
        return self.wanted.lack if self.wanted is not None and self.is_replaced else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledPage:
    """The slots of a page at a moment, by the version of its display plan that is live."""

    page_id: int
    channel_id: int
    revision_id: int
    version: int
    title: str
    at: datetime
    slots: Sequence[FilledSlot]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReport:
    """What one look at the slots did: pages looked at, replacements begun and ended."""

    pages: int = 0
    begun: int = 0
    ended: int = 0
