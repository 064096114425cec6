"""Facts of the warehouse; ids and days only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ops.engines.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsShipped(Fact):
    """A shipment left; its moves are posted at average cost."""

    name: ClassVar[str] = "inventory.goods_shipped"
    shipment_id: int

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one shipment in order."""
        return f"shipment:{self.shipment_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReturned(Fact):
    """Goods came back from a customer; moves are posted at their original cost."""

    name: ClassVar[str] = "inventory.goods_returned"
    return_key: str

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one return in order."""
        return f"return:{self.return_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPosted(Fact):
    """A purchase receipt was posted to stock."""

    name: ClassVar[str] = "inventory.receipt_posted"
    receipt_id: int

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one receipt in order."""
        return f"receipt:{self.receipt_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPosted(Fact):
    """The differences of a stock count were posted."""

    name: ClassVar[str] = "inventory.count_posted"
    count_id: int

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one count in order."""
        return f"count:{self.count_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovesImported(Fact):
    """A batch of history was posted; `dated_on` is its first business day."""

    name: ClassVar[str] = "inventory.moves_imported"
    batch_id: int

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one batch in order."""
        return f"moves:{self.batch_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationBroken(Fact):
    """Goods that were held are gone; whoever they were held for must hear of it."""

    name: ClassVar[str] = "inventory.reservation_broken"
    reservation_id: int

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one reservation in order."""
        return f"reservation:{self.reservation_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChanged(Fact):
    """Goods moved, or were given back: there is more or less of SKUs to sell than before.

    Holding goods and shipping what was held are told by who does it.
    """

    name: ClassVar[str] = "inventory.stock_changed"
    sku_ids: tuple[int, ...]
