"""Shapes the order book takes in and hands out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerDraft:
    """Who buys, as the channel knows them; personal texts are encrypted before they are stored."""

    code: str
    name: str = ""
    phone: str = ""
    address: str = ""

    @property
    def is_personal(self) -> bool:
        """Say whether anything here needs encryption."""
        return bool(self.name or self.phone or self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """Pieces of what the channel calls `code`; without a price our own is taken."""

    code: str
    quantity: int
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """An order as a channel hands it in; moments carry their offset.

    `coupons` are what the buyer presents, `shipping` is the fee before any discount on it,
    `expected_total` is what the buyer was shown.
    """

    external_no: str
    placed_at: dt.datetime
    lines: tuple[LineDraft, ...]
    paid_at: dt.datetime | None = None
    buyer: BuyerDraft | None = None
    country: str = ""
    cash_on_delivery: bool = False
    coupons: tuple[str, ...] = ()
    expected_total: Decimal | None = None
    shipping: Decimal = Decimal(0)

    @property
    def asks_for_promotions(self) -> bool:
        """Say whether the price is left to us: no line brings one (ADR 0029)."""
        return all(line.unit_price is None for line in self.lines)

    @property
    def buyer_code(self) -> str:
        """Return how the channel names the buyer; nothing when it does not."""
        return self.buyer.code if self.buyer else ""


class Verdict(StrEnum):
    """What became of an order that was handed in."""

    ACCEPTED = "accepted"
    HELD = "held"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why an order was refused or held: where (a JSON pointer), a stable code, words."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one order, with its id and number when it is in the book.

    `lost_gift`: stock was short although it was quoted with a gift; without it, it may fit.
    """

    external_no: str
    verdict: Verdict
    order_id: int = 0
    number: str = ""
    state: str = ""
    complaints: tuple[Complaint, ...] = field(default=())
    lost_gift: bool = False


@dataclass(frozen=True, slots=True)
class StepRefused:
    """An order a step was not taken with, and why."""

    order_id: int
    number: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a step did to many orders: those it was taken with, and the others with reasons."""

    done: tuple[int, ...]
    refused: tuple[StepRefused, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitInfo:
    """An order divided: which part leaves now, pieces now and pieces later."""

    order_id: int
    number: str
    part_no: int
    now: int
    later: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeInfo:
    """Orders that go out in one parcel."""

    parcel_id: int
    order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnWant:
    """Pieces of one line of an order that come back."""

    line_no: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ReturnInfo:
    """A return as its door answers it."""

    id: int
    number: str
    state: str
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TierWish:
    """A buyer (by the channel's code) who is to belong to a tier from a moment on.

    `since` None is now; `until` None is open.
    """

    buyer: str
    tier: str
    reason: str
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierOutcome:
    """What became of a wish: written, or as it was already, or refused (field, code, words)."""

    customer_id: int = 0
    is_new: bool = False
    field: str = ""
    code: str = ""
    detail: str = ""

    @property
    def is_refused(self) -> bool:
        """Say whether nothing was written because of something wrong."""
        return bool(self.code)
