"""A rule as a sentence: what it gives, when, and what it may be used with.

"满 300 减 40，可与店铺券同用" is made here, for the plan, the approver, the quote and the order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.rules.promotions.quotes import Cut, Reason
from catalog.rules.promotions.rules import (
    Bundle,
    BuyGet,
    Condition,
    Gift,
    GoodsOff,
    MemberPrice,
    NthItem,
    Off,
    Per,
    Points,
    Rule,
    RuleType,
    Shipping,
    SpendAndSave,
    Step,
)
from catalog.rules.promotions.stacking import ANY

GROUPS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "goods": gettext_lazy("goods offers"),
        "order": gettext_lazy("order offers"),
        "coupon": gettext_lazy("shop coupons"),
        "platform": gettext_lazy("platform offers"),
        "gift": gettext_lazy("gifts"),
        "shipping": gettext_lazy("shipping offers"),
        "points": gettext_lazy("points offers"),
    }
)
_REASONS: Final[Mapping[Reason, Promise]] = MappingProxyType(
    {
        Reason.NO_COUPON: gettext_lazy("It needs a coupon."),
        Reason.UNKNOWN_COUPON: gettext_lazy("No offer opens with this code."),
        Reason.CHANNEL: gettext_lazy("Not in this channel."),
        Reason.TIER: gettext_lazy("Not for this member tier."),
        Reason.FIRST_ORDER: gettext_lazy("For the first order only."),
        Reason.HOURS: gettext_lazy("Not at this time of day or week."),
        Reason.COUNT: gettext_lazy("Too few pieces."),
        Reason.AMOUNT: gettext_lazy("The amount is not reached."),
        Reason.DISTINCT: gettext_lazy("Too few different goods."),
        Reason.NO_PIECES: gettext_lazy("No pieces it could be given on."),
        Reason.NOT_COMBINED: gettext_lazy("It does not combine with an offer that came first."),
        Reason.USED_UP: gettext_lazy("It is used up."),
        Reason.BUYER_USED_UP: gettext_lazy("This buyer has used it up."),
        Reason.GIFTS_GONE: gettext_lazy("The gifts are gone."),
        Reason.GIFTS_OUT_OF_STOCK: gettext_lazy("The gift is out of stock."),
        Reason.FLOOR: gettext_lazy("The goods are at their floor price."),
        Reason.NO_EFFECT: gettext_lazy("It would change nothing."),
    }
)
_CUTS: Final[Mapping[Cut, Promise]] = MappingProxyType(
    {
        Cut.FLOOR: gettext_lazy("cut at the floor price"),
        Cut.LINE: gettext_lazy("cut at the cap per line"),
        Cut.ORDER: gettext_lazy("cut at the cap per order"),
        Cut.BUDGET: gettext_lazy("cut at what the budget has left"),
    }
)


def reason_words(reason: Reason) -> str:
    """Return why a rule did not apply, as a sentence."""
    return str(_REASONS[reason])


def cut_words(cut: Cut) -> str:
    """Return what made a discount smaller, as words."""
    return str(_CUTS[cut])


def sentence(rule: Rule) -> str:
    """Return a rule as one sentence in the language in force."""
    parts = [_gives(rule), _when(rule.condition), _with_coupon(rule), _together(rule)]
    return _(", ").join(part for part in parts if part)


def _figure(number: Decimal) -> str:
    """Return a number without needless zeros: 40, 12.5, 9.90 becomes 9.9."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _off_words(off: Off) -> str:
    if off.percent is not None:
        if off.percent == 100:
            return _("free of charge")
        return _("%(percent)s%% off (pays %(rest)s/10)") % {
            "percent": _figure(off.percent),
            "rest": _figure((100 - off.percent) / 10),
        }
    if off.amount is not None:
        return _("%(amount)s off") % {"amount": _figure(off.amount)}
    return _("for %(price)s") % {"price": _figure(off.price or Decimal(0))}


def _gives(rule: Rule) -> str:
    if rule.type is RuleType.AMOUNT and isinstance(rule.benefit, GoodsOff):
        return _amount(rule, rule.benefit)
    return _WORDS[type(rule.benefit)](rule.benefit)


def _amount(rule: Rule, benefit: GoodsOff) -> str:
    amount = benefit.off.amount if benefit.off is not None else None
    figures = {"save": _figure(amount or Decimal(0))}
    if benefit.per is Per.PIECE:
        return _("%(save)s off each piece") % figures
    if benefit.per is Per.LINE:
        return _("%(save)s off each line") % figures
    if rule.condition.amount is None:
        return _("%(save)s off the order") % figures
    figures["amount"] = _figure(rule.condition.amount)
    if benefit.repeat:
        return _("spend %(amount)s, save %(save)s, again and again") % figures
    return _("spend %(amount)s, save %(save)s") % figures


def _goods_off(benefit: GoodsOff) -> str:
    if benefit.prices:
        return _("special prices for %(count)s SKUs") % {"count": len(benefit.prices)}
    return _off_words(benefit.off or Off(percent=Decimal(100)))


def _member_price(benefit: MemberPrice) -> str:
    if benefit.percent is None:
        return _("member price")
    return _("member price: %(off)s") % {"off": _off_words(Off(percent=benefit.percent))}


def _spend_and_save(benefit: SpendAndSave) -> str:
    words = _("; ").join(_step(step) for step in benefit.steps)
    return _("%(steps)s, again and again") % {"steps": words} if benefit.repeat else words


def _step(step: Step) -> str:
    if step.off.percent is not None:
        off = _off_words(step.off)
        if step.amount is not None:
            return _("spend %(amount)s, get %(off)s") % {
                "amount": _figure(step.amount),
                "off": off,
            }
        return _("take %(count)s, get %(off)s") % {"count": step.count, "off": off}
    save = _figure(step.off.amount or Decimal(0))
    if step.amount is not None:
        return _("spend %(amount)s, save %(save)s") % {
            "amount": _figure(step.amount),
            "save": save,
        }
    return _("take %(count)s, save %(save)s") % {"count": step.count, "save": save}


def _nth_item(benefit: NthItem) -> str:
    return _("every piece no. %(n)s %(off)s") % {"n": benefit.n, "off": _off_words(benefit.off)}


def _bundle(benefit: Bundle) -> str:
    off = _off_words(benefit.off)
    if len(benefit.parts) == 1:
        return _("any %(count)s %(off)s") % {"count": benefit.parts[0].quantity, "off": off}
    return _("a set of %(count)s parts %(off)s") % {"count": len(benefit.parts), "off": off}


def _buy_get(benefit: BuyGet) -> str:
    figures = {"get": benefit.get, "off": _off_words(benefit.off)}
    if benefit.buy is None:
        figures["amount"] = _figure(benefit.buy_amount or Decimal(0))
        return _("spend %(amount)s, get %(get)s pieces %(off)s") % figures
    return _("buy %(buy)s, get %(get)s %(off)s") % {**figures, "buy": benefit.buy}


def _gift(benefit: Gift) -> str:
    words = _("%(count)s gifts") % {"count": sum(gift.quantity for gift in benefit.gifts)}
    return _("%(gifts)s, again and again") % {"gifts": words} if benefit.repeat else words


def _shipping(benefit: Shipping) -> str:
    if benefit.off.percent == 100:
        return _("free shipping")
    return _("shipping %(off)s") % {"off": _off_words(benefit.off)}


def _points(benefit: Points) -> str:
    parts = []
    if benefit.factor != 1:
        parts.append(_("points times %(factor)s") % {"factor": _figure(benefit.factor)})
    if benefit.extra:
        parts.append(_("%(extra)s extra points") % {"extra": benefit.extra})
    return _(", ").join(parts)


_WORDS: Final[Mapping[type[Any], Callable[[Any], str]]] = MappingProxyType(
    {
        GoodsOff: _goods_off,
        MemberPrice: _member_price,
        SpendAndSave: _spend_and_save,
        NthItem: _nth_item,
        Bundle: _bundle,
        BuyGet: _buy_get,
        Gift: _gift,
        Shipping: _shipping,
        Points: _points,
    }
)


def _when(condition: Condition) -> str:
    parts = []
    if condition.count is not None:
        parts.append(_("from %(count)s pieces") % {"count": condition.count})
    if condition.distinct is not None:
        parts.append(_("from %(count)s different goods") % {"count": condition.distinct})
    if condition.first_order:
        parts.append(_("first order only"))
    if condition.tiers:
        parts.append(_("for %(tiers)s") % {"tiers": _(" / ").join(sorted(condition.tiers))})
    if condition.hours:
        hours = _(" / ").join(f"{h.since:%H:%M}-{h.until:%H:%M}" for h in condition.hours)
        parts.append(_("at %(hours)s") % {"hours": hours})
    return _(", ").join(parts)


def _with_coupon(rule: Rule) -> str:
    return _("with a coupon") if rule.coupon else ""


def _together(rule: Rule) -> str:
    stacking = rule.stacking
    if stacking.exclusive:
        return _("stands alone")
    if ANY in stacking.combines_with:
        return _("may be used with any other offer")
    if not stacking.combines_with:
        return _("not with other offers on the same goods")
    groups = _(" and ").join(str(GROUPS.get(g, g)) for g in sorted(stacking.combines_with))
    return _("may be used with %(groups)s") % {"groups": groups}
