"""Prices and how they come to be: only an approved change writes a range."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.prices import PriceChangeState, PriceKind
from catalog.models.products import Channel, Sku

# A tier is a short code; the empty one is everybody's.
TIER = r"^[a-z0-9_]*$"
EDITABLE = (PriceChangeState.DRAFT, PriceChangeState.RETURNED)
APPROVED = (
    PriceChangeState.SCHEDULED,
    PriceChangeState.ACTIVE,
    PriceChangeState.ENDED,
    PriceChangeState.SUSPENDED,
)


class PriceChange(models.Model):
    """A proposal to sell SKUs of one channel at other prices for a time (CAT-4.2-01)."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="price_changes", verbose_name=_("channel")
    )
    tier = models.CharField(
        _("price tier"),
        max_length=16,
        blank=True,
        db_default="",
        help_text=_("Empty: everybody's price."),
    )
    reason = models.CharField(_("reason"), max_length=200)
    rival_note = models.CharField(
        _("on competitors"),
        max_length=200,
        blank=True,
        help_text=_("Where competitor prices were looked for, and none were found."),
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=PriceChangeState, default=PriceChangeState.DRAFT
    )
    drafted_by = models.BigIntegerField(_("drafted by"))
    drafted_at = models.DateTimeField(_("drafted at"))
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    suspended_why = models.CharField(_("reason of suspension"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("price change")
        verbose_name_plural = _("price changes")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="pricechange_ends_after_start",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="pricechange_state_known", condition=Q(state__in=PriceChangeState.values)
            ),
            models.CheckConstraint(name="pricechange_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="pricechange_tier_readable", condition=Q(tier__regex=TIER)),
            models.CheckConstraint(
                name="pricechange_suspended_says_why",
                condition=~Q(state=PriceChangeState.SUSPENDED)
                | (Q(suspended_at__isnull=False) & ~Q(suspended_why="")),
            ),
        ]
        indexes = [
            models.Index(
                name="pricechange_due",
                fields=["state", "starts_at"],
                condition=Q(state__in=["scheduled", "active"]),
            )
        ]

    def __str__(self) -> str:
        return self.number


class PriceChangeLine(models.Model):
    """One SKU of a price change, with the figures shown to the person who decides."""

    change = models.ForeignKey(
        PriceChange, models.CASCADE, related_name="lines", verbose_name=_("price change")
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    old_price = models.DecimalField(
        _("old price"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    new_price = models.DecimalField(_("new price"), max_digits=20, decimal_places=2)
    floor_price = models.DecimalField(
        _("floor price"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    rival_price = models.DecimalField(
        _("rival price"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    struck_price = models.DecimalField(
        _("struck-out price"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    reference = models.ForeignKey(
        "catalog.ReferencePrice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proof of the struck-out price"),
        db_index=False,
    )
    base_price = models.DecimalField(
        _("price at the start of the window"),
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
    )
    is_outside_band = models.BooleanField(_("outside the band"), default=False, db_default=False)

    class Meta:
        verbose_name = _("price change line")
        verbose_name_plural = _("price change lines")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="pricechangeline_sku_once", fields=["change", "sku"]),
            models.CheckConstraint(
                name="pricechangeline_price_sane",
                condition=Q(new_price__gt=0, new_price__lt=10**12),
            ),
            models.CheckConstraint(
                name="pricechangeline_struck_above_price",
                condition=Q(struck_price__isnull=True)
                | Q(struck_price__gt=F("new_price"), struck_price__lt=10**12),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.new_price}"


class PriceRange(models.Model):
    """What a SKU costs in a channel, for a tier, from one moment until another (half open).

    The tier "" is everybody's; another one is for those customers only.

    Only the end may move, only forward in the sense of earlier, and only for `cut_by`: the approved
    change that follows, or the suspended change itself. A revert that never began may be emptied.
    The exclusion index serves look-ups by SKU and channel, so the keys need none of their own.
    """

    sku = models.ForeignKey(
        Sku, models.PROTECT, related_name="prices", verbose_name=_("SKU"), db_index=False
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="prices", verbose_name=_("channel"), db_index=False
    )
    tier = models.CharField(_("price tier"), max_length=16, blank=True, db_default="")
    price = models.DecimalField(_("price"), max_digits=20, decimal_places=2)
    valid = DateTimeRangeField(_("valid"), default_bounds="[)")
    kind = models.CharField(_("kind"), max_length=8, choices=PriceKind)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        related_name="+",
        verbose_name=_("approval"),
        db_index=False,
    )
    change = models.ForeignKey(
        PriceChange,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ranges",
        verbose_name=_("price change"),
    )
    cut_by = models.ForeignKey(
        PriceChange,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("price range")
        verbose_name_plural = _("price ranges")
        ordering = ("id",)
        constraints = [
            ExclusionConstraint(
                name="pricerange_never_two_at_once",
                expressions=[
                    ("sku", RangeOperators.EQUAL),
                    ("channel", RangeOperators.EQUAL),
                    ("tier", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="pricerange_price_sane", condition=Q(price__gt=0, price__lt=10**12)
            ),
            models.CheckConstraint(
                name="pricerange_not_empty",
                condition=Q(valid__isempty=False) | Q(kind=PriceKind.REVERT, cut_by__isnull=False),
            ),
            models.CheckConstraint(
                name="pricerange_kind_known", condition=Q(kind__in=PriceKind.values)
            ),
            models.CheckConstraint(
                name="pricerange_opening_has_no_change",
                condition=Q(kind=PriceKind.OPENING, change__isnull=True)
                | (~Q(kind=PriceKind.OPENING) & Q(change__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="pricerange_cut_by",
                fields=["cut_by", "sku"],
                condition=Q(cut_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.channel_id}: {self.price}"
