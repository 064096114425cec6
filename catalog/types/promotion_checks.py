"""What a check of a promotion's limits hands out: plain and frozen (CAT-4.4-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Crossing:
    """A SKU beyond a limit: floor (it could end at `value`, under `bound`) or reference.

    Beyond the reference is what promises more than `bound`, its lowest real deal of the days before
    the promotion: a struck-out price, or the promised price itself.
    """

    limit: str
    sku_id: int
    code: str
    value: Decimal
    bound: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a promotion stands: goods examined, what crossed, how many have no piece left."""

    examined: int
    crossings: Sequence[Crossing]
    without_stock: int
    is_sold_out: bool

    def codes(self, limit: str) -> list[str]:
        """Return the codes of the SKUs beyond one limit."""
        return sorted({each.code for each in self.crossings if each.limit == limit})
