"""What sells together, as the catalogue hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalog.types.shown_figures import Counted


@dataclass(frozen=True, slots=True)
class Pair:
    """Two SKUs bought together: `lift` and `confidence` are those of the first to the second.

    `together` counts the baskets with both, `of_sku` and `of_other` those with each, `baskets` all.
    """

    sku_id: int
    other_id: int
    together: int
    of_sku: int
    of_other: int
    baskets: int
    confidence: Decimal
    lift: Decimal


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """One version of a channel's rule; `window_days` counts back from the last business day."""

    id: int
    channel_id: int
    no: int
    window_days: int
    min_support: int
    min_lift: Decimal
    top: int


@dataclass(frozen=True, slots=True)
class SetInfo:
    """One published version of a channel's recommendations."""

    id: int
    channel_id: int
    no: int
    rule_no: int
    first: date
    last: date
    baskets: int
    pairs: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Recommended:
    """One good to show beside another."""

    sku_id: int
    other_id: int
    code: str
    name: str
    rank: int
    together: int
    confidence: Decimal
    lift: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a version did up to a moment, and the former one on the very same orders.

    Shares are percent with one decimal; None says unknown, never zero.
    """

    since: datetime
    until: datetime
    orders: int
    hits: int
    former_orders: int | None
    former_hits: int | None
    impressions: int | None
    clicks: int | None
    former_impressions: int | None = None
    former_clicks: int | None = None

    @property
    def order_rate(self) -> Decimal | None:
        """Return the share of orders with a recommending good that hold a recommended one."""
        return _share(self.hits, self.orders)

    @property
    def former_order_rate(self) -> Decimal | None:
        """Return what the former version would have reached on the same orders."""
        return _share(self.former_hits, self.former_orders)

    @property
    def click_rate(self) -> Decimal | None:
        """Return the share of displays that were clicked; None where nobody counts clicks."""
        return _share(self.clicks, self.impressions)

    @property
    def former_click_rate(self) -> Decimal | None:
        """Return the same of the former version, on the days on which it was shown."""
        return _share(self.former_clicks, self.former_impressions)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFigures:
    """A version of a rule with what its sets did, beside the former version of its channel.

    Rates are shares (0.182); None says unknown, never zero.
    """

    rule: Any
    sets: int
    orders: int
    hits: int
    counted: Counted
    former_orders: int
    former_hits: int
    former_counted: Counted

    @property
    def id(self) -> int:
        """Return the id of the rule version."""
        return int(self.rule.pk)

    @property
    def order_rate(self) -> Decimal | None:
        """Return the share of orders with a recommending good that hold a recommended one."""
        return Decimal(self.hits) / self.orders if self.orders else None

    @property
    def former_order_rate(self) -> Decimal | None:
        """Return the same of the former version, in its own time."""
        return Decimal(self.former_hits) / self.former_orders if self.former_orders else None


def _share(part: int | None, whole: int | None) -> Decimal | None:
    if part is None or not whole:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1"))
