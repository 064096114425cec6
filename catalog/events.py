"""What happens in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ops.engines.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChanged(Fact):
    """Prices of a price change took effect, ended or were taken off sale.

    `what` is started, ended or suspended; read lines and ranges by the change.
    """

    name: ClassVar[str] = "catalog.price_changed"
    price_change_id: int
    channel_id: int
    what: str

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one change in order."""
        return f"catalog.pricechange:{self.price_change_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsLoaded(Fact):
    """An import brought products; `source` names its batch."""

    name: ClassVar[str] = "catalog.products_loaded"
    source: str
    created: int
    updated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionChanged(Fact):
    """A promotion came into force, paused, went on, ended, was missed or reviewed.

    `what` is started, paused, resumed, ended, missed or reviewed.
    """

    name: ClassVar[str] = "catalog.promotion_changed"
    promotion_id: int
    channel_id: int
    what: str

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one promotion in order."""
        return f"catalog.promotion:{self.promotion_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesPatrolled(Fact):
    """A patrol opened cases in a channel; read them by channel and moment."""

    name: ClassVar[str] = "catalog.prices_patrolled"
    channel_id: int
    patrolled_at: str
    opened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMoved(Fact):
    """A category stands elsewhere in the tree: what it inherits may have changed."""

    name: ClassVar[str] = "catalog.category_moved"
    category_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDelisted(Fact):
    """Goods leave, or left, the shelf of a channel at a moment; `kind` is off or retire."""

    name: ClassVar[str] = "catalog.listing_delisted"
    listing_id: int
    product_id: int
    channel_id: int
    kind: str
    until: str

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one listing in order."""
        return f"catalog.listing:{self.listing_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockToShow(Fact):
    """A channel is to show other figures: the message to it; read them by the push."""

    name: ClassVar[str] = "catalog.stock_to_show"
    push_id: int
    channel_id: int

    @property
    def ordering_key(self) -> str:
        """Keep the messages to one channel in order."""
        return f"catalog.stock:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkusDropped(Fact):
    """SKUs left the range by a decision: read them by the drop; what remains is disposed of."""

    name: ClassVar[str] = "catalog.skus_dropped"
    drop_id: int
