"""Facts the order book announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ops.engines.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPlaced(Fact):
    """Orders entered the book together: one or a batch."""

    name: ClassVar[str] = "customers.orders_placed"
    order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersAllocated(Fact):
    """Goods are held for orders that had to wait: they can be shipped now."""

    name: ClassVar[str] = "customers.orders_allocated"
    order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShipped(Fact):
    """All goods of an order left the warehouse: revenue is earned on `dated_on`."""

    name: ClassVar[str] = "customers.order_shipped"
    order_id: int

    @property
    def ordering_key(self) -> str:
        """Return the order."""
        return f"order:{self.order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Fact):
    """An order was cancelled before it was shipped."""

    name: ClassVar[str] = "customers.order_cancelled"
    order_id: int

    @property
    def ordering_key(self) -> str:
        """Return the order."""
        return f"order:{self.order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAccepted(Fact):
    """Goods came back and the buyer is owed the money on `dated_on`."""

    name: ClassVar[str] = "customers.return_accepted"
    return_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersImported(Fact):
    """A batch of history brought in shipped orders; read them by the batch."""

    name: ClassVar[str] = "customers.orders_imported"
    batch_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsImported(Fact):
    """A batch of history brought in accepted returns; read them by the batch."""

    name: ClassVar[str] = "customers.returns_imported"
    batch_id: int
