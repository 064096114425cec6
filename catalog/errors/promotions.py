"""What the catalogue refuses of promotions, each refusal once."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput, Conflict, NotFound, RuleViolation


class PromotionMissing(NotFound):
    """No such promotion, or in a channel outside this actor's scope."""

    def __init__(self, promotion_id: int) -> None:
        super().__init__(
            "catalog.promotion_missing",
            _("There is no such promotion."),
            promotion_id=promotion_id,
        )


class Overtaken(Conflict):
    """What a quote counted on was taken by others in the same moment; ask again."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.promotion_overtaken",
            _("Promotions changed in this moment. Hand the order in again."),
        )


class PromotionClosed(Conflict):
    """The promotion is not in a state in which this may be done."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "catalog.promotion_closed",
            _("In its present state this promotion can't be changed this way."),
            state=state,
        )


_MUST_SAY = _("The plan must say this.")


class PlanIncomplete(BadInput):
    """The written plan lacks a part: aim, rule, budget, stock, risk (CAT-4.4-01)."""

    def __init__(self, field: str, words: str | Promise = _MUST_SAY) -> None:
        super().__init__("catalog.plan_incomplete", words, field=field)


class PromotionsConflict(Conflict):
    """Another exclusive promotion has some of the same goods in the same time (CAT-4.4-02)."""

    def __init__(self, *, number: str, skus: int) -> None:
        super().__init__(
            "catalog.promotions_conflict",
            _(
                "%(number)s is exclusive too, for %(count)s of these SKUs in the same time:"
                " change goods, time or stacking."
            )
            % {"number": number, "count": skus},
            field="rule",
            other=number,
        )


class PromotionBelowFloor(RuleViolation):
    """With everything that may combine, some SKUs would end under their floor (CAT-4.4-02)."""

    def __init__(self, codes: Collection[str]) -> None:
        super().__init__(
            "catalog.promotion_below_floor",
            _("%(count)s SKUs could end below the floor: take them out, or give less. %(codes)s")
            % {"count": len(codes), "codes": ", ".join(sorted(codes)[:5])},
            field="rule",
            codes=sorted(codes)[:50],
        )


class PromotionAboveReference(RuleViolation):
    """Some goods were really sold for less in the days before the promotion (CAT-4.4-04)."""

    def __init__(self, codes: Collection[str]) -> None:
        super().__init__(
            "catalog.promotion_above_reference",
            _("%(count)s SKUs were sold for less before it: take them out, or give more. %(codes)s")
            % {"count": len(codes), "codes": ", ".join(sorted(codes)[:5])},
            field="rule",
            codes=sorted(codes)[:50],
        )


class NothingOnSale(RuleViolation):
    """None of the chosen goods has a price in the channel."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.nothing_on_sale",
            _("None of these goods has a price in this channel."),
            field="rule",
        )


class NotOnSale(RuleViolation):
    """SKUs of a basket that have no price in the channel at that moment."""

    def __init__(self, sku_ids: Collection[int]) -> None:
        super().__init__(
            "catalog.not_on_sale",
            _("%(count)s of these SKUs have no price in this channel then.")
            % {"count": len(sku_ids)},
            field="lines",
            sku_ids=sorted(sku_ids)[:50],
        )


class CouponsNotAsked(RuleViolation):
    """This promotion has no coupons, or they are not made this way."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.coupons_not_asked",
            _("This promotion gives no codes, or not of this kind."),
        )


class CodeUnfit(BadInput):
    """A code that can't be one: 4 to 32 letters and digits."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "catalog.code_unfit",
            _("A code has 4 to 32 Latin letters and digits."),
            field="code",
            sent=code[:40],
        )


class CouponUnknown(RuleViolation):
    """No such coupon, or none that this buyer could use here and now."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "catalog.coupon_unknown",
            _("Coupon %(code)s is not valid here.") % {"code": code[:40]},
            field="coupons",
            sent=code[:40],
        )


class UsedUp(Conflict):
    """What was offered has been taken by others in the meantime."""

    def __init__(self, *, number: str, why: str) -> None:
        super().__init__(
            "catalog.promotion_used_up",
            _("%(number)s is used up: ask for the price again.") % {"number": number},
            number=number,
            why=why,
        )
