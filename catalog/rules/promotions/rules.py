"""The nouns of a rule: what it gives, to which goods, when, with what, and how much at most.

Rules are frozen and made by `reading.parse_rule` only; money is Decimal to the cent, percentages
are percent *off* with at most two decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from enum import StrEnum


class RuleType(StrEnum):
    """The managed promotion types (CAT-4.4-02, -06, -07, -08)."""

    PERCENTAGE = "percentage"
    AMOUNT = "amount"
    FIXED_PRICE = "fixed_price"
    SPEND_AND_SAVE = "spend_and_save"
    NTH_ITEM = "nth_item"
    BUNDLE = "bundle"
    BUY_X_GET_Y = "buy_x_get_y"
    GIFT = "gift"
    FLASH_SALE = "flash_sale"
    MEMBER_PRICE = "member_price"
    FREE_SHIPPING = "free_shipping"
    POINTS = "points"


class Take(StrEnum):
    """Which pieces come first when not all are reached."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"


class Per(StrEnum):
    """What an amount is taken from."""

    ORDER = "order"
    LINE = "line"
    PIECE = "piece"


class Within(StrEnum):
    """Where rules that do not combine keep out of each other's way."""

    GOODS = "goods"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A selection of goods: everything, or some SKUs and category branches, less exceptions."""

    skus: frozenset[int] = frozenset()
    categories: tuple[str, ...] = ()
    except_skus: frozenset[int] = frozenset()
    except_categories: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Say whether nothing but the exceptions is left out."""
        return not self.skus and not self.categories


EVERYTHING = Goods()


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """How a price falls; exactly one is set: a percentage off, an amount off, or a new price."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsOff:
    """Percentage, amount, fixed price, flash sale: the same off for the goods.

    `per` counts for an amount; `repeat` gives it once for each time the condition is met.
    `prices` are the prices of single SKUs (flash sale), which go before `off`.
    """

    off: Off | None
    per: Per = Per.PIECE
    repeat: bool = False
    prices: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPrice:
    """The line's own tier price, or a percentage off where `percent` is set."""

    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of spend and save: reached by an amount or a count; gives an off."""

    amount: Decimal | None = None
    count: int | None = None
    off: Off


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendAndSave:
    """Steps in rising order, the highest one reached counts; `repeat` counts it again and again."""

    steps: tuple[Step, ...]
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NthItem:
    """Every n-th piece is off; with `same_sku` only pieces of one SKU make a group.

    Groups are made from the dearest piece down and the cheapest of each is off; `take` CHEAPEST
    puts the off on the cheapest pieces of all instead.
    """

    n: int
    off: Off
    same_sku: bool = False
    take: Take = Take.DEAREST


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So many pieces of a selection, as part of a bundle."""

    goods: Goods
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A set of parts for a price, or with an off on the whole set."""

    parts: tuple[Part, ...]
    off: Off
    take: Take = Take.DEAREST


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyGet:
    """Buy `buy` pieces (or for `buy_amount`), get `get` pieces of `get_goods` off.

    `get_goods` None: the same goods, in groups of buy + get of which the cheapest are off.
    """

    buy: int | None
    buy_amount: Decimal | None
    get: int
    off: Off
    get_goods: Goods | None = None
    same_sku: bool = False
    take: Take = Take.DEAREST


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftItem:
    """A gift: pieces of a SKU and what one is worth when it is not returned."""

    sku_id: int
    quantity: int = 1
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Goods that come along; `repeat` gives them for each time the condition is met."""

    gifts: tuple[GiftItem, ...]
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """An off on the shipping fee; free is 100 percent."""

    off: Off


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Points of the goods times `factor`, and `extra` points once."""

    factor: Decimal = Decimal(1)
    extra: int = 0


Benefit = (
    GoodsOff | MemberPrice | SpendAndSave | NthItem | Bundle | BuyGet | Gift | Shipping | Points
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A stretch of the day in Asia/Shanghai, half open; it may run over midnight."""

    since: time
    until: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a rule holds; every part that is set must hold.

    `goods` None counts the rule's own goods. `count` pieces, `amount` money (what is left after
    the rules before, or the list amount when `is_before_discounts`), `distinct` different SKUs.
    `consumes` keeps the pieces that met the condition from rules that do not combine.
    Weekdays are ISO, 1 is Monday.
    """

    goods: Goods | None = None
    count: int | None = None
    amount: Decimal | None = None
    distinct: int | None = None
    is_before_discounts: bool = False
    consumes: bool = False
    tiers: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    first_order: bool = False
    hours: tuple[Hours, ...] = ()
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacking:
    """How a rule lives with others.

    Smaller `priority` comes first; equal ones in the order that saves more. On one piece two
    rules meet only when each names the other's `group` in `combines_with` ("*": any group).
    `within` ORDER widens that from the piece to the whole order; `exclusive` stands alone.
    """

    priority: int
    group: str
    combines_with: frozenset[str] = frozenset()
    within: Within = Within.GOODS
    exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most a rule may give; None is no limit.

    Money: `line` and `order` in one order, `budget` in all. Counts: `times` and `order_pieces`
    in one order, `uses` and `buyer_uses` (times applied), `pieces` and `pieces_per_buyer` in all.
    """

    line: Decimal | None = None
    order: Decimal | None = None
    times: int | None = None
    order_pieces: int | None = None
    uses: int | None = None
    buyer_uses: int | None = None
    pieces: int | None = None
    pieces_per_buyer: int | None = None
    budget: Decimal | None = None


NO_CAPS = Caps()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One live promotion as the engine sees it; `coupon`: it opens by a coupon only."""

    id: int
    number: str
    title: str
    type: RuleType
    benefit: Benefit
    goods: Goods
    condition: Condition
    stacking: Stacking
    caps: Caps
    take: Take = Take.CHEAPEST
    coupon: bool = False

    @property
    def priority(self) -> int:
        """Return when the rule's turn comes; smaller is earlier."""
        return self.stacking.priority
