"""Coupons, what was used of a promotion, and the counters no use may pass."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.promotions import Promotion


class CouponBatch(models.Model):
    """Codes that were made together, by whom and when."""

    promotion = models.ForeignKey(
        Promotion, models.PROTECT, related_name="coupon_batches", verbose_name=_("promotion")
    )
    count = models.PositiveIntegerField(_("codes"))
    made_by = models.BigIntegerField(_("made by"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("batch of coupons")
        verbose_name_plural = _("batches of coupons")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="couponbatch_has_codes", condition=Q(count__gt=0))
        ]

    def __str__(self) -> str:
        return f"{self.promotion_id}/{self.pk}"


class Coupon(models.Model):
    """One code, kept in its normal form: case and width tell no codes apart.

    `uses` is a projection of the ledger of uses, changed by its trigger alone.
    """

    batch = models.ForeignKey(
        CouponBatch, models.PROTECT, related_name="coupons", verbose_name=_("batch")
    )
    promotion = models.ForeignKey(
        Promotion,
        models.PROTECT,
        related_name="coupons",
        verbose_name=_("promotion"),
        db_index=False,
    )
    code = models.CharField(_("code"), max_length=32, unique=True)
    buyer_key = models.CharField(
        _("for the buyer"), max_length=64, blank=True, help_text=_("Empty: whoever holds it.")
    )
    uses_limit = models.PositiveIntegerField(_("may be used"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("was used"), default=0)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="coupon_code_in_normal_form", condition=Q(code__regex=r"^[0-9A-Z]{4,32}$")
            ),
            models.CheckConstraint(
                name="coupon_never_used_beyond_its_limit",
                condition=Q(uses__gte=0)
                & (Q(uses_limit__isnull=True) | Q(uses__lte=F("uses_limit"))),
            ),
        ]
        indexes = [models.Index(name="coupon_promotion", fields=["promotion", "id"])]

    def __str__(self) -> str:
        return self.code


class PromotionUse(models.Model):
    """What one document took of a promotion; append-only, taken back by a reversal.

    `source_type` and `source_id` name the document without knowing it; `buyer_key` the buyer.
    """

    promotion = models.ForeignKey(
        Promotion,
        models.PROTECT,
        related_name="uses",
        verbose_name=_("promotion"),
        db_index=False,
    )
    coupon = models.ForeignKey(
        Coupon,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coupon"),
    )
    source_type = models.CharField(_("source"), max_length=40)
    source_id = models.BigIntegerField(_("source number"))
    buyer_key = models.CharField(_("buyer"), max_length=64, blank=True)
    times = models.IntegerField(_("times"))
    pieces = models.BigIntegerField(_("pieces"))
    gift_pieces = models.BigIntegerField(_("gift pieces"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2)
    effect_key = models.CharField(_("effect key"), max_length=120, unique=True)
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversal",
        verbose_name=_("takes back"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("use of a promotion")
        verbose_name_plural = _("uses of promotions")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="promotionuse_signs_agree",
                condition=Q(
                    reverses__isnull=True,
                    times__gt=0,
                    pieces__gte=0,
                    gift_pieces__gte=0,
                    amount__gte=0,
                )
                | Q(
                    reverses__isnull=False,
                    times__lt=0,
                    pieces__lte=0,
                    gift_pieces__lte=0,
                    amount__lte=0,
                ),
            ),
        ]
        indexes = [
            models.Index(name="promotionuse_promotion", fields=["promotion", "id"]),
            models.Index(name="promotionuse_source", fields=["source_type", "source_id"]),
        ]

    def __str__(self) -> str:
        return self.effect_key


class PromotionCounter(models.Model):
    """What was used of a promotion by everybody; the limits are those of the approved rule.

    Written by the trigger of the ledger alone: nobody counts by hand.
    """

    promotion = models.OneToOneField(
        Promotion,
        models.PROTECT,
        primary_key=True,
        related_name="counter",
        verbose_name=_("promotion"),
    )
    uses = models.BigIntegerField(_("uses"), default=0)
    pieces = models.BigIntegerField(_("pieces"), default=0)
    gift_pieces = models.BigIntegerField(_("gift pieces"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2, default=0)
    uses_limit = models.BigIntegerField(_("most uses"), null=True)
    pieces_limit = models.BigIntegerField(_("most pieces"), null=True)
    gift_limit = models.BigIntegerField(_("most gift pieces"), null=True)
    budget = models.DecimalField(_("budget"), max_digits=20, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("counter of a promotion")
        verbose_name_plural = _("counters of promotions")
        constraints = [
            models.CheckConstraint(
                name="promotioncounter_uses_within_cap",
                condition=Q(uses__gte=0) & (Q(uses_limit=None) | Q(uses__lte=F("uses_limit"))),
            ),
            models.CheckConstraint(
                name="promotioncounter_pieces_within_cap",
                condition=Q(pieces__gte=0)
                & (Q(pieces_limit=None) | Q(pieces__lte=F("pieces_limit"))),
            ),
            models.CheckConstraint(
                name="promotioncounter_gifts_within_stock",
                condition=Q(gift_pieces__gte=0)
                & (Q(gift_limit=None) | Q(gift_pieces__lte=F("gift_limit"))),
            ),
            models.CheckConstraint(
                name="promotioncounter_within_budget",
                condition=Q(amount__gte=0) & (Q(budget=None) | Q(amount__lte=F("budget"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promotion_id}: {self.uses}"


class PromotionBuyer(models.Model):
    """What one buyer used of a promotion; written by the trigger of the ledger alone."""

    promotion = models.ForeignKey(
        Promotion, models.PROTECT, related_name="+", verbose_name=_("promotion"), db_index=False
    )
    buyer_key = models.CharField(_("buyer"), max_length=64)
    uses = models.BigIntegerField(_("uses"), default=0)
    pieces = models.BigIntegerField(_("pieces"), default=0)
    uses_limit = models.BigIntegerField(_("most uses"), null=True)
    pieces_limit = models.BigIntegerField(_("most pieces"), null=True)

    class Meta:
        verbose_name = _("counter of a buyer")
        verbose_name_plural = _("counters of buyers")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="promotionbuyer_once", fields=["promotion", "buyer_key"]),
            models.CheckConstraint(
                name="promotionbuyer_uses_within_cap",
                condition=Q(uses__gte=0) & (Q(uses_limit=None) | Q(uses__lte=F("uses_limit"))),
            ),
            models.CheckConstraint(
                name="promotionbuyer_pieces_within_cap",
                condition=Q(pieces__gte=0)
                & (Q(pieces_limit=None) | Q(pieces__lte=F("pieces_limit"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promotion_id}: {self.buyer_key}"
