"""What each type gives, from its JSON: one reader per type, one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from catalog.rules.promotions.fields import (
    Fields,
    count,
    money,
    percent,
    pieces,
    positive_money,
)
from catalog.rules.promotions.goods import read_goods
from catalog.rules.promotions.rules import (
    Benefit,
    Bundle,
    BuyGet,
    Gift,
    GiftItem,
    GoodsOff,
    MemberPrice,
    NthItem,
    Off,
    Part,
    Per,
    Points,
    RuleType,
    Shipping,
    SpendAndSave,
    Step,
    Take,
)

FREE: Final = Off(percent=Decimal(100))
_OFFS: Final = ("percent", "amount", "price")


def _off(fields: Fields, default: Off | None = None) -> Off:
    """Read one of percent, amount, price."""
    given = [name for name in _OFFS if fields.has(name)]
    if not given and default is not None:
        return default
    if len(given) != 1:
        raise fields.refuse(
            given[1] if given else "percent", _("Give one of percent, amount or price.")
        )
    return Off(
        percent=fields.take("percent", percent),
        amount=fields.take("amount", positive_money),
        price=fields.take("price", money),
    )


def _percentage(fields: Fields) -> Benefit:
    return GoodsOff(off=Off(percent=fields.need("value", percent)))


def _amount(fields: Fields) -> Benefit:
    return GoodsOff(
        off=Off(amount=fields.need("value", positive_money)),
        per=fields.choice("per", Per, Per.ORDER),
        repeat=fields.flag("repeat"),
    )


def _fixed_price(fields: Fields) -> Benefit:
    return GoodsOff(off=Off(price=fields.need("value", money)))


def _flash_sale(fields: Fields) -> Benefit:
    prices: dict[int, Decimal] = {}
    for entry in fields.parts("prices", most=20_000):
        sku_id = entry.need("sku_id", pieces)
        if sku_id in prices:
            raise entry.refuse("sku_id", _("A SKU stands there twice."))
        prices[sku_id] = entry.need("price", money)
        entry.close()
    given = any(fields.has(name) for name in _OFFS)
    off = _off(fields) if given or not prices else None
    return GoodsOff(off=off, prices=MappingProxyType(prices))


def _member_price(fields: Fields) -> Benefit:
    return MemberPrice(percent=fields.take("percent", percent))


def _step(fields: Fields) -> Step:
    amount, least = fields.take("amount", positive_money), fields.take("count", pieces)
    if (amount is None) == (least is None):
        raise fields.refuse("amount", _("A step is reached by an amount or by a count."))
    save, part = fields.take("save", positive_money), fields.take("percent", percent)
    if (save is None) == (part is None):
        raise fields.refuse("save", _("A step gives an amount or a percentage."))
    if save is not None and amount is not None and save > amount:
        raise fields.refuse("save", _("A step can't save more than it asks for."))
    fields.close()
    return Step(amount=amount, count=least, off=Off(amount=save, percent=part))


def _spend_and_save(fields: Fields) -> Benefit:
    steps = tuple(_step(entry) for entry in fields.parts("steps"))
    if not steps:
        raise fields.refuse("steps", _("Give at least one step."))
    for place, (low, high) in enumerate(pairwise(steps), start=1):
        if not _rises(low, high):
            raise fields.refuse(
                f"steps.{place}", _("Every step must ask for more and give more than the last.")
            )
    repeat = fields.flag("repeat")
    if repeat and any(step.off.percent is not None for step in steps):
        raise fields.refuse("repeat", _("A percentage can't be repeated."))
    return SpendAndSave(steps=steps, repeat=repeat)


def _rises(low: Step, high: Step) -> bool:
    if (low.amount is None) != (high.amount is None):
        return False
    if (low.off.percent is None) != (high.off.percent is None):
        return False
    reach = (low.amount or Decimal(low.count or 0), high.amount or Decimal(high.count or 0))
    gives = (low.off.percent or low.off.amount, high.off.percent or high.off.amount)
    return reach[0] < reach[1] and (gives[0] or Decimal(0)) < (gives[1] or Decimal(0))


def _nth_item(fields: Fields) -> Benefit:
    n = fields.need("n", pieces)
    if n < 2:
        raise fields.refuse("n", _("Start at the second piece."))
    return NthItem(
        n=n,
        off=_off(fields),
        same_sku=fields.flag("same_sku"),
        take=fields.choice("group_by", Take, Take.DEAREST),
    )


def _bundle(fields: Fields) -> Benefit:
    parts = []
    for entry in fields.parts("parts"):
        parts.append(
            Part(
                goods=read_goods(entry.part("goods")),
                quantity=entry.take("quantity", pieces) or 1,
            )
        )
        entry.close()
    if fields.has("pick"):
        if parts:
            raise fields.refuse("pick", _("Give either parts or pick."))
        parts = [Part(goods=read_goods(Fields({})), quantity=fields.need("pick", pieces))]
    if not parts:
        raise fields.refuse("parts", _("Give at least one part."))
    return Bundle(
        parts=tuple(parts),
        off=_off(fields),
        take=fields.choice("group_by", Take, Take.DEAREST),
    )


def _buy_get(fields: Fields) -> Benefit:
    if fields.has("buy") == fields.has("buy_amount"):
        raise fields.refuse("buy", _("Give either buy or buy_amount."))
    get_goods = read_goods(fields.part("get_goods")) if fields.has("get_goods") else None
    return BuyGet(
        buy=fields.take("buy", pieces),
        buy_amount=fields.take("buy_amount", positive_money),
        get=fields.need("get", pieces),
        off=_off(fields, FREE),
        get_goods=get_goods,
        same_sku=fields.flag("same_sku"),
        take=fields.choice("group_by", Take, Take.DEAREST),
    )


def _gift(fields: Fields) -> Benefit:
    gifts = []
    for entry in fields.parts("gifts"):
        gifts.append(
            GiftItem(
                sku_id=entry.need("sku_id", pieces),
                quantity=entry.take("quantity", pieces) or 1,
                value=entry.take("value", money) or Decimal(0),
            )
        )
        entry.close()
    if not gifts:
        raise fields.refuse("gifts", _("Name at least one gift."))
    return Gift(gifts=tuple(gifts), repeat=fields.flag("repeat"))


def _shipping(fields: Fields) -> Benefit:
    return Shipping(off=_off(fields, FREE))


def _points(fields: Fields) -> Benefit:
    factor, extra = fields.take("factor", positive_money), fields.take("extra", count)
    if factor is None and not extra:
        raise fields.refuse("factor", _("Give a factor or extra points."))
    return Points(factor=factor or Decimal(1), extra=extra or 0)


READERS: Final[Mapping[RuleType, Callable[[Fields], Benefit]]] = MappingProxyType(
    {
        RuleType.PERCENTAGE: _percentage,
        RuleType.AMOUNT: _amount,
        RuleType.FIXED_PRICE: _fixed_price,
        RuleType.SPEND_AND_SAVE: _spend_and_save,
        RuleType.NTH_ITEM: _nth_item,
        RuleType.BUNDLE: _bundle,
        RuleType.BUY_X_GET_Y: _buy_get,
        RuleType.GIFT: _gift,
        RuleType.FLASH_SALE: _flash_sale,
        RuleType.MEMBER_PRICE: _member_price,
        RuleType.FREE_SHIPPING: _shipping,
        RuleType.POINTS: _points,
    }
)
