"""Each kind of offer as rules of the engine: one small builder a kind, one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from catalog.rules.price_cases import vocabulary as words
from catalog.rules.price_cases.baskets import Shelf
from catalog.rules.price_cases.offers import Draft, condition, draft
from catalog.rules.price_cases.vocabulary import (
    VALUE,
    Case,
    Unknown,
    figure,
    first,
    kind_of,
    needed,
    text,
    whole,
)
from catalog.rules.promotions.baskets import Basket, BasketLine

MOST_COPIES: Final = 50


@dataclass(frozen=True, slots=True)
class Setting:
    """What a builder may look at beside the offer."""

    basket: Basket
    shelf: Shelf
    dialect: str


Builder = Callable[[Case, Setting], list[Draft]]


def drafts(offer: Case, setting: Setting) -> list[Draft]:
    """Return the rules of one offer. Raises Unknown for a kind or figure nobody knows."""
    kind = kind_of(offer)
    if kind in {"percentage", "fixed_off_basket", "fixed_off_item"} and first(
        offer, ("apply_once_per_order", "apply_once", "once_per_order")
    ):
        value_type = "percentage" if kind == "percentage" else "fixed"
        offer, kind = {**offer, "value_type": value_type}, "cheapest_off"
    if kind not in BUILDERS:
        raise Unknown(kind)
    made = BUILDERS[kind](offer, setting)
    if setting.dialect == "oscar" and kind in _CONSUMING:
        made = [_consuming(one, offer, setting.basket) for one in made]
    return made


_CONSUMING: Final = frozenset(
    {"percentage", "fixed_off_basket", "fixed_off_item", "bundle", "multibuy"}
)


def _consuming(one: Draft, offer: Case, basket: Basket) -> Draft:
    """Let an offer be applied again and again, each time on pieces not used up before."""
    often = whole(offer, words.MOST_TIMES)
    if often is None:
        often = min(MOST_COPIES, sum(line.quantity for line in basket.lines))
    if one.usage.uses_left is not None:
        often = min(often, one.usage.uses_left)
    caps = {name: cap for name, cap in one.rule["caps"].items() if name != "times"}
    if one.rule["type"] in {"bundle", "buy_x_get_y"}:
        caps["times"] = 1
    return replace(
        one.merged(
            caps=caps,
            condition={**one.rule["condition"], "consumes": True},
            stacking={"group": "oscar"},
        ),
        copies=often,
    )


def _one(offer: Case, setting: Setting, **own: Any) -> Draft:
    return draft(offer, setting.shelf, setting.dialect, **own)


def _reached_lines(offer: Case, setting: Setting) -> list[BasketLine]:
    """Return the lines an offer reaches."""
    goods = _one(offer, setting).rule["goods"]
    return [
        line
        for line in setting.basket.lines
        if line.category == "open"
        and line.sku_id not in goods.get("except_skus", ())
        and (not goods.get("skus") or line.sku_id in goods["skus"])
    ]


def _per_line(one: Draft, setting: Setting, offer: Case, most: int) -> list[Draft]:
    """Return a rule for each line, with a cap of pieces for each."""
    found = []
    for line in _reached_lines(offer, setting):
        caps = {**one.rule["caps"], "order_pieces": min(most, line.quantity)}
        counted = one.rule["condition"].get("goods", _own_goods(one))
        found.append(
            one.merged(
                goods={"skus": [line.sku_id]},
                caps=caps,
                condition={**one.rule["condition"], "goods": counted},
            )
        )
    return found


def _own_goods(one: Draft) -> Mapping[str, Any]:
    goods: Mapping[str, Any] = one.rule["goods"]
    return goods


def _percentage(offer: Case, setting: Setting) -> list[Draft]:
    value = needed(offer, VALUE)
    if value == 0:
        return []
    one = _one(offer, setting, type="percentage", value=text(value))
    return _allocated(one, offer, setting)


def _allocated(one: Draft, offer: Case, setting: Setting) -> list[Draft]:
    """Keep to `max_quantity`: in each line ("each") or in the whole order ("once")."""
    most = whole(offer, ("max_quantity", "discount_qty"))
    if not most:
        return [one]
    if str(offer.get("allocation", "each")).lower() == "once":
        return [one.merged(caps={**one.rule["caps"], "order_pieces": most}, take="cheapest")]
    return _per_line(one, setting, offer, most)


_SAYING: Final = (
    "type", "voucher_type", "value_type", "discount_type", "target", "target_type", "scope",
    "class", "reward", "reward_type", "applicability",
)  # fmt: skip


def _voucher(offer: Case, setting: Setting) -> list[Draft]:
    """Return an offer whose kind only says "a voucher": its other fields say what it does."""
    said = " ".join(str(offer.get(field, "")).lower() for field in _SAYING)
    is_percent = "percent" in said or "percentage" in offer or "percent" in offer
    if "shipping" in said:
        if "free" in said or figure(offer, VALUE) is None:
            return drafts({**offer, "kind": "shipping_free"}, setting)
        kind = "shipping_percentage" if is_percent else "shipping_fixed_off"
        return drafts({**offer, "kind": kind}, setting)
    if first(offer, ("apply_once_per_order", "apply_once", "once_per_order", "cheapest_only")) or (
        "cheapest" in said
    ):
        kind = "percentage" if is_percent else "fixed"
        return drafts({**offer, "kind": "cheapest_off", "value_type": kind}, setting)
    if is_percent:
        return drafts({**offer, "kind": "percentage"}, setting)
    is_each = any(word in said for word in ("product", "item", "line", "each"))
    return drafts({**offer, "kind": "fixed_off_item" if is_each else "fixed_off_basket"}, setting)


def _fixed_off_basket(offer: Case, setting: Setting) -> list[Draft]:
    if str(offer.get("allocation", "")).lower() in {"each", "once"}:
        return _fixed_off_item(offer, setting)
    value = needed(offer, VALUE)
    if value == 0:
        return []
    repeat = _repeats(offer)
    return [_one(offer, setting, type="amount", value=text(value), per="order", repeat=repeat)]


def _repeats(offer: Case) -> bool:
    return bool(first(offer, ("repeat", "every", "each_full", "repeated", "recursive", "每满")))


def _fixed_off_item(offer: Case, setting: Setting) -> list[Draft]:
    value = needed(offer, VALUE)
    one = _one(offer, setting, type="amount", value=text(value), per="piece")
    return _allocated(one, offer, setting)


def _fixed_off_line(offer: Case, setting: Setting) -> list[Draft]:
    return [_one(offer, setting, type="amount", value=text(needed(offer, VALUE)), per="line")]


def _bundle(offer: Case, setting: Setting) -> list[Draft]:
    price = needed(offer, ("price", "bundle_price", "value", "for", "fixed_price", "amount"))
    if offer.get("parts") or offer.get("items"):
        parts = [
            {
                "goods": {
                    "skus": setting.shelf.find(first(part, ("sku", "product", "name", "item")))
                },
                "quantity": whole(part, ("quantity", "qty", "count")) or 1,
            }
            for part in first(offer, ("parts", "items"))
        ]
        return [_one(offer, setting, type="bundle", parts=parts, price=text(price))]
    asked = condition(offer, setting.shelf)
    pick = whole(offer, ("pick", "count", "n", "quantity", "size", "items_count", "buy"))
    pick = asked.get("count") if pick is None else pick
    if pick is None:
        if asked.get("distinct"):
            return [_coverage_bundle(offer, setting, price, asked["distinct"])]
        return [_one(offer, setting, type="fixed_price", value=text(price))]
    one = _one(offer, setting, type="bundle", pick=pick, price=text(price))
    return [one.merged(group_by="cheapest") if setting.dialect == "oscar" else one]


def _coverage_bundle(offer: Case, setting: Setting, price: Decimal, distinct: int) -> Draft:
    """Return a set of one piece each of so many different goods."""
    lines = _reached_lines(offer, setting)[:distinct]
    parts = [{"goods": {"skus": [line.sku_id]}, "quantity": 1} for line in lines]
    return _one(offer, setting, type="bundle", parts=parts, price=text(price))


def _fixed_price_each(offer: Case, setting: Setting) -> list[Draft]:
    price = needed(offer, ("price", "value", "fixed_price", "special_price", "amount"))
    return [_one(offer, setting, type="fixed_price", value=text(price))]


def _multibuy(offer: Case, setting: Setting) -> list[Draft]:
    """Return "the cheapest of so many is free"."""
    asked = condition(offer, setting.shelf)
    size = whole(offer, ("n", "count", "size", "take")) or asked.get("count")
    paid = whole(offer, ("m", "pay", "pay_for", "paid"))
    free = size - paid if size and paid else whole(offer, ("free", "get")) or 1
    own: dict[str, Any] = {"group_by": "cheapest"} if setting.dialect == "oscar" else {}
    if size and size > free:
        made = _one(offer, setting, type="buy_x_get_y", buy=size - free, get=free, **own)
        return [made]
    made = _one(offer, setting, type="percentage", value="100", take="cheapest")
    return [made.merged(caps={**made.rule["caps"], "order_pieces": 1})]


def _shipping(**offs: Callable[[Case], str]) -> Builder:
    def build(offer: Case, setting: Setting) -> list[Draft]:
        own = {name: read(offer) for name, read in offs.items()}
        return [_one(offer, setting, type="free_shipping", **own)]

    return build


def _value(offer: Case) -> str:
    return text(needed(offer, VALUE))


def _spend_and_save(offer: Case, setting: Setting) -> list[Draft]:
    rows = first(offer, ("steps", "tiers", "tiered", "levels", "rules", "breaks"))
    if rows is None:
        rows = [offer]
    if isinstance(rows, Mapping):
        rows = [{"amount": reach, "value": gain} for reach, gain in rows.items()]
    percent = _is_percent(offer)
    steps = [_step(row, percent=percent, by_count=_by_count(offer)) for row in rows]
    steps.sort(key=lambda step: Decimal(str(step.get("amount", step.get("count", 0)))))
    base = figure(offer, ("base_percent", "base_amount", "base"))
    if base and "amount" in steps[0]:
        gain = {"percent": text(base)} if percent else {"save": text(base)}
        steps.insert(0, {"amount": "0.01", **gain})
    made = _one(offer, setting, type="spend_and_save", steps=steps, repeat=_repeats(offer))
    asked = {k: v for k, v in made.rule["condition"].items() if k not in {"amount", "count"}}
    if rows is not first(offer, ("steps", "tiers", "tiered", "levels", "rules", "breaks")):
        made = made.merged(condition=asked)
    return [made]


def _is_percent(offer: Case) -> bool:
    named = str(offer.get("kind", offer.get("type", ""))).lower()
    unit = str(offer.get("unit", offer.get("value_type", ""))).lower()
    return "percent" in named or "percent" in unit or "折" in named


def _by_count(offer: Case) -> bool:
    named = str(offer.get("kind", offer.get("type", ""))).lower()
    basis = str(offer.get("by", offer.get("basis", ""))).lower()
    return any(word in named for word in ("quantity", "volume", "满件")) or basis in {
        "count",
        "quantity",
        "pieces",
        "items",
    }


def _step(row: Any, *, percent: bool, by_count: bool) -> dict[str, Any]:
    if isinstance(row, list | tuple):
        return _reached(
            None if by_count else words.number(row[0]),
            words.number(row[0]),
            {"percent" if percent else "save": text(words.number(row[1]))},
        )
    given = row.get("condition") if isinstance(row.get("condition"), Mapping) else {}
    amount = figure(row, ("amount", *words.MINIMUM, "at", "from", "over", "reach", "min"))
    amount = figure(given, ("amount",)) if amount is None else amount
    pieces = figure(row, ("count", *words.LEAST_PIECES, "quantity", "qty", "pieces"))
    pieces = figure(given, ("count",)) if pieces is None else pieces
    if by_count and pieces is None:
        amount, pieces = None, amount
    return _reached(amount, pieces, _gain(row, percent=percent))


def _reached(
    amount: Decimal | None, pieces: Decimal | None, gain: dict[str, str]
) -> dict[str, Any]:
    """Return a step that an amount reaches, or else a number of pieces."""
    if amount is None:
        return {"count": int(pieces or 0), **gain}
    return {"amount": text(amount), **gain}


def _gain(row: Case, *, percent: bool) -> dict[str, str]:
    part = figure(row, ("percent", "percentage", "percent_off"))
    if part is None and percent:
        part = figure(row, ("value", "off", "discount", "rate"))
    if part is None and (fold := figure(row, ("fold", "折"))) is not None:
        part = 100 - fold * 10
    if part is not None:
        return {"percent": text(part)}
    return {
        "save": text(needed(row, ("save", "reduce", "off", "discount", "value", "minus", "减")))
    }


def _nth_item(offer: Case, setting: Setting) -> list[Draft]:
    named = str(offer.get("kind", offer.get("type", "")))
    n = whole(offer, ("n", "nth", "item", "position")) or 2
    price, amount = figure(offer, ("price", "fixed_price")), figure(offer, ("amount", "amount_off"))
    half = Decimal(50) if "half" in named or "半价" in named else None
    percent = figure(offer, ("percent", "value", "percentage", "percent_off", "off")) or half
    own = (
        {"price": text(price)}
        if price is not None
        else {"amount": text(amount)}
        if amount is not None
        else {"percent": text(percent or Decimal(50))}
    )
    same = bool(offer.get("same_sku", offer.get("same_product", offer.get("same", False))))
    return [_one(offer, setting, type="nth_item", n=n, same_sku=same, **own)]


def _buy_x_get_y(offer: Case, setting: Setting) -> list[Draft]:
    bought = whole(offer, words.BOUGHT_PIECES)
    free = whole(offer, words.FREE_PIECES) or whole(offer, ("value", "amount")) or 1
    percent = figure(
        offer, ("percent", "percent_off", "discount_percent", "percentage")
    ) or Decimal(100)
    amount = figure(offer, ("amount_off", "get_amount_off"))
    spend = figure(offer, ("buy_amount", "spend_amount")) or (
        figure(offer, words.MINIMUM) if bought is None else None
    )
    if setting.dialect == "magento":
        return _magento(offer, setting, bought or 1, free)
    own: dict[str, Any] = {"get": free}
    own |= {"amount": text(amount)} if amount is not None else {"percent": text(percent)}
    own |= {"buy_amount": text(spend)} if spend is not None else {"buy": bought or 1}
    others = first(
        offer,
        ("get_goods", "get_product", "get_products", "get_sku", "free_product", "reward_product"),
    )
    buys = first(offer, ("buy_goods", "buy_product", "buy_products", "buy_sku"))
    if others is not None:
        own["get_goods"] = {"skus": setting.shelf.find(others)}
    if offer.get("get_take") or others is None:
        own["group_by"] = offer.get("get_take", "dearest")
    else:
        own["group_by"] = "cheapest"
    if offer.get("same_sku") or offer.get("same_product"):
        own["same_sku"] = True
    most = whole(offer, ("max_free", "max_quantity", "max_get"))
    made = _one(
        {**offer, "goods": buys} if buys is not None else offer, setting, type="buy_x_get_y", **own
    )
    if spend is not None:
        made = made.merged(
            condition={k: v for k, v in made.rule["condition"].items() if k != "amount"}
        )
        if not _repeats(offer):
            made = made.merged(caps={"times": 1, **made.rule["caps"]})
    if most:
        made = made.merged(caps={**made.rule["caps"], "times": max(1, most // free)})
    return [made]


def _magento(offer: Case, setting: Setting, bought: int, free: int) -> list[Draft]:
    """Return the free pieces line by line: whole groups, and what is over the bought ones."""
    most = whole(offer, ("max_quantity", "discount_qty", "max_free", "max_qty"))
    found = []
    for line in _reached_lines(offer, setting):
        groups, rest = divmod(line.quantity, bought + free)
        pieces = groups * free + max(0, rest - bought)
        pieces = pieces if not most else min(pieces, most)
        if pieces:
            made = _one(offer, setting, type="percentage", value="100")
            found.append(
                made.merged(
                    goods={"skus": [line.sku_id]},
                    caps={**made.rule["caps"], "order_pieces": pieces},
                )
            )
    return found


def _cheapest_off(offer: Case, setting: Setting) -> list[Draft]:
    percent = figure(offer, ("percent", "percentage", "percent_off"))
    value_type = str(offer.get("value_type", offer.get("discount_type", "percentage"))).lower()
    amount = figure(offer, ("amount", "amount_off", "fixed"))
    value = figure(offer, ("value",))
    if percent is None and amount is None:
        if value is None:
            percent = Decimal(100)
        elif "percent" in value_type:
            percent = value
        else:
            amount = value
    own = (
        {"type": "percentage", "value": text(percent)}
        if percent is not None
        else {"type": "amount", "value": text(amount or Decimal(0)), "per": "piece"}
    )
    made = _one(offer, setting, **own, take="cheapest")
    return [made.merged(caps={"order_pieces": 1, **made.rule["caps"]})]


def _gift(offer: Case, setting: Setting) -> list[Draft]:
    pieces = whole(offer, ("quantity", "qty", "gift_quantity")) or 1
    worth = figure(offer, ("gift_value", "worth", "value")) or Decimal(0)
    gifts = [{"sku_id": 9_000_001, "quantity": pieces, "value": text(worth)}]
    return [_one(offer, setting, type="gift", gifts=gifts, repeat=_repeats(offer))]


def _member_price(offer: Case, setting: Setting) -> list[Draft]:
    percent, price = figure(offer, ("percent", "value", "percentage")), figure(offer, ("price",))
    if price is not None:
        return [_one(offer, setting, type="fixed_price", value=text(price))]
    own = {"percent": text(percent)} if percent is not None else {}
    return [_one(offer, setting, type="member_price", **own)]


def _points(offer: Case, setting: Setting) -> list[Draft]:
    factor, extra = (
        figure(offer, ("factor", "multiplier", "value")),
        whole(offer, ("extra", "bonus")),
    )
    own: dict[str, Any] = {"factor": text(factor)} if factor is not None else {}
    own |= {"extra": extra} if extra else {}
    return [_one(offer, setting, type="points", **own)]


def _flexi_rate(offer: Case, setting: Setting) -> list[Draft]:
    """Return Spree's flexible rate: the first item, additional items, at most so many."""
    first_item = figure(offer, ("first_item", "first")) or Decimal(0)
    more = figure(offer, ("additional_item", "additional")) or Decimal(0)
    pieces = sum(line.quantity for line in _reached_lines(offer, setting))
    most = whole(offer, ("max_items",)) or pieces
    pieces = min(pieces, most)
    value = first_item + more * (pieces - 1) if pieces else Decimal(0)
    return [_one(offer, setting, type="amount", value=text(value), per="order")] if value else []


def _price_sack(offer: Case, setting: Setting) -> list[Draft]:
    """Return Spree's price sack: one amount under the minimum, another from it on."""
    whole_amount = sum(
        (line.unit_price * line.quantity for line in _reached_lines(offer, setting)), Decimal(0)
    )
    is_big = whole_amount >= needed(offer, ("minimal_amount", "minimum", "min_amount"))
    value = needed(offer, ("discount_amount" if is_big else "normal_amount",))
    plain = {k: v for k, v in offer.items() if k not in words.MINIMUM and k != "minimal_amount"}
    if not value:
        return []
    return [_one(plain, setting, type="amount", value=text(value), per="order")]


BUILDERS: Final[Mapping[str, Builder]] = MappingProxyType(
    {
        "percentage": _percentage,
        "fixed_off_basket": _fixed_off_basket,
        "fixed_off_item": _fixed_off_item,
        "fixed_off_line": _fixed_off_line,
        "bundle": _bundle,
        "fixed_price_each": _fixed_price_each,
        "multibuy": _multibuy,
        "shipping_free": _shipping(percent=lambda _offer: "100"),
        "shipping_percentage": _shipping(percent=_value),
        "shipping_fixed_off": _shipping(amount=_value),
        "shipping_fixed_price": _shipping(price=_value),
        "spend_and_save": _spend_and_save,
        "nth_item": _nth_item,
        "buy_x_get_y": _buy_x_get_y,
        "cheapest_off": _cheapest_off,
        "gift": _gift,
        "member_price": _member_price,
        "points": _points,
        "flexi_rate": _flexi_rate,
        "price_sack": _price_sack,
        "voucher": _voucher,
        "none": lambda _offer, _setting: [],
    }
)
