"""What channels say of the places they show goods in, as it is handed around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.choices.pages import PageKind


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """A slot of a page's display plan, by its name."""

    page: PageKind
    slot: str


@dataclass(frozen=True, slots=True)
class SetPlace:
    """A version of a channel's recommendations, by its number."""

    no: int


Place = SlotPlace | SetPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What happened to one good in one place on one business day; `orders` None: not told."""

    place: Place
    sku_id: int
    day: date
    shown: int
    clicks: int
    orders: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a channel that figures can be about, each with the id of its row."""

    slots: Mapping[SlotPlace, int]
    sets: Mapping[SetPlace, int]

    def knows(self, place: Place) -> bool:
        """Say whether the place is the channel's."""
        return place in self.slots or place in self.sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What taking figures over did: new ones, others than before, and those that stood already."""

    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Sums of figures; `orders` is None where no figure of them tells any."""

    shown: int = 0
    clicks: int = 0
    orders: int | None = None

    @property
    def click_rate(self) -> Decimal | None:
        """Return the share of displays that were clicked (0.045); None where nothing was shown."""
        return Decimal(self.clicks) / self.shown if self.shown else None

    @property
    def order_rate(self) -> Decimal | None:
        """Return the share of clicks that led to an order; None where nobody tells or clicks."""
        if self.orders is None or not self.clicks:
            return None
        return Decimal(self.orders) / self.clicks
