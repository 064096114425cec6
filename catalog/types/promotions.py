"""Promotions as the catalogue hands them out and takes them in: plain and frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionPlan:
    """What a person writes down before anybody decides: all of it is fixed when handed in.

    `rule` is the mapping the rule engine parses; its cap `budget` is the budget. `materials` names
    the publicity that must be approved before it starts; without any, `no_material` says why.
    """

    title: str
    aim: str
    rule: Mapping[str, Any]
    stock_note: str
    risk: str
    starts_at: datetime
    ends_at: datetime
    coupon_mode: str = "none"
    gift_stock: int | None = None
    materials: Sequence[str] = ()
    no_material: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionInfo:
    """One promotion."""

    id: int
    number: str
    channel_id: int
    title: str
    aim: str
    type: str
    rule: Mapping[str, Any]
    budget: Decimal
    gift_stock: int | None
    stock_note: str
    risk: str
    coupon_mode: str
    materials: Sequence[str]
    no_material: str
    starts_at: datetime
    ends_at: datetime
    held_at: datetime | None
    state: str
    drafted_by: int
    drafted_at: datetime
    approval_id: int | None
    paused_why: str
    ended_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How low one SKU can end under a promotion and all that may combine with it.

    `lowest` is the price of a piece in the worst basket before the floor cuts it; percentages have
    one decimal; None is unknown. `together` names the other promotions of that basket.
    """

    sku_id: int
    code: str
    name: str
    price: Decimal
    lowest: Decimal
    floor: Decimal | None
    margin_old: Decimal | None
    margin_new: Decimal | None
    cover_days: Decimal | None
    together: Sequence[str] = ()

    @property
    def is_below_floor(self) -> bool:
        """Say whether the worst basket would pass the floor."""
        return self.floor is not None and self.lowest < self.floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Another promotion of the channel for some of the same goods in the same time."""

    promotion_id: int
    number: str
    title: str
    state: str
    skus: int
    is_conflict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionFigures:
    """What writer and decider are shown about a promotion: worst baskets first, overlaps."""

    exposures: Sequence[Exposure]
    overlaps: Sequence[Overlap]
    skus: int
    examined: int
    without_price: int
    without_cost: int
    short_of_stock: int
    margin_old: Decimal | None
    margin_new: Decimal | None

    @property
    def below_floor(self) -> int:
        """Return how many SKUs could end under their floor."""
        return sum(each.is_below_floor for each in self.exposures)

    @property
    def conflicts(self) -> int:
        """Return how many overlaps are refused."""
        return sum(each.is_conflict for each in self.overlaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseReport:
    """What one run of the clock did to promotions."""

    started: int
    late: int
    missed: int
    ended: int
    paused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of a promotion was used, beside its caps (None: no cap)."""

    uses: int
    pieces: int
    gift_pieces: int
    amount: Decimal
    uses_limit: int | None
    pieces_limit: int | None
    gift_limit: int | None
    budget: Decimal | None

    @property
    def reached(self) -> str:
        """Name the cap that is reached: uses, pieces, gifts, budget or nothing."""
        pairs = (
            ("uses", self.uses, self.uses_limit),
            ("pieces", self.pieces, self.pieces_limit),
            ("gifts", self.gift_pieces, self.gift_limit),
            ("budget", self.amount, self.budget),
        )
        return next((name for name, used, most in pairs if most is not None and used >= most), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """A stretch in which a promotion was in force; `until` is its planned or real end."""

    since: datetime | None
    until: datetime | None
    cut_why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """One line of a basket as somebody asks for it: our SKU and pieces."""

    sku_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBasket:
    """A basket somebody wants priced; `buyer_key` is empty when the buyer is not known."""

    lines: Sequence[WantedLine]
    buyer_key: str = ""
    tier: str = ""
    is_first_order: bool = False
    coupons: Sequence[str] = ()
    shipping: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponBatchInfo:
    """Codes that were made together."""

    id: int
    promotion_id: int
    count: int
    made_by: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UseWanted:
    """What one document wants to take of one promotion.

    `buyer_key` names the buyer without saying who it is; `coupon` is the code that was used.
    """

    source: tuple[str, int]
    promotion_id: int
    times: int
    pieces: int
    amount: Decimal
    gift_pieces: int = 0
    coupon: str = ""
    buyer_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseInfo:
    """One use of a promotion: by which document (its number and page), what it took, when.

    `is_back`: the document was cancelled and gave it back.
    """

    document: str
    href: str
    times: int
    pieces: int
    gift_pieces: int
    amount: Decimal
    at: datetime
    is_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRefused:
    """Why a document got nothing: which promotion, and what of it is used up."""

    source: tuple[str, int]
    promotion_id: int
    number: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """What became of the wishes of a batch: a document gets all it wants, or nothing."""

    taken: Sequence[tuple[str, int]]
    refused: Sequence[UseRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedLine:
    """One line of a tried basket; `discounts` pairs numbers of promotions with amounts."""

    code: str
    name: str
    quantity: int
    list_amount: Decimal
    discounts: Sequence[tuple[str, Decimal]]
    net_amount: Decimal
    each: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRule:
    """What one promotion did to a tried basket, or why it did nothing."""

    number: str
    sentence: str
    amount: Decimal | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a basket would cost under a draft and everything that will be live with it."""

    lines: Sequence[TriedLine]
    rules: Sequence[TriedRule]
    gifts: Sequence[tuple[str, int]]
    goods_total: Decimal
    discount_total: Decimal
    shipping: Decimal
    total: Decimal
    points: int
    margin: Decimal | None
