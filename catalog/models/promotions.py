"""Promotions: the plan that is approved, and when it ran (CAT-4.4-01)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.promotions import CouponMode, PromotionState, PromotionType
from catalog.models.products import Channel

EDITABLE = (PromotionState.DRAFT, PromotionState.RETURNED)
LIVE = (PromotionState.SCHEDULED, PromotionState.RUNNING, PromotionState.PAUSED)
PLANNED = (PromotionState.SUBMITTED, *LIVE)


class Promotion(models.Model):
    """The written plan of a promotion in one channel: aim, rule, window, budget, stock, risk.

    `rule` is what the rule engine parses; goods, conditions, stacking and caps are inside it.
    `budget` repeats its cap, so that it can be listed and compared; the database keeps them equal.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="promotions", verbose_name=_("channel")
    )
    title = models.CharField(_("title"), max_length=120)
    aim = models.CharField(_("aim"), max_length=400)
    type = models.CharField(_("type"), max_length=16, choices=PromotionType)
    rule = models.JSONField(_("rule"))
    budget = models.DecimalField(_("budget"), max_digits=20, decimal_places=2)
    gift_stock = models.PositiveIntegerField(
        _("gift pieces set aside"),
        null=True,
        blank=True,
        help_text=_("How many pieces this promotion may give away; not for others."),
    )
    stock_note = models.CharField(_("on stock"), max_length=400)
    risk = models.CharField(_("risk"), max_length=400)
    coupon_mode = models.CharField(
        _("coupon"), max_length=12, choices=CouponMode, default=CouponMode.NONE
    )
    materials = models.JSONField(
        _("material"),
        default=list,
        blank=True,
        help_text=_("What publicity must be approved before it starts."),
    )
    no_material = models.CharField(_("why no material"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    held_at = models.DateTimeField(
        _("held since"),
        null=True,
        blank=True,
        help_text=_("When it should have started and its material was not approved."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=PromotionState, default=PromotionState.DRAFT
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
    paused_why = models.CharField(_("why it paused"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=1000, blank=True)
    reviewed_by = models.BigIntegerField(_("reviewed by"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="promotion_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="promotion_state_known", condition=Q(state__in=PromotionState.values)
            ),
            models.CheckConstraint(
                name="promotion_type_known", condition=Q(type__in=PromotionType.values)
            ),
            models.CheckConstraint(
                name="promotion_coupon_mode_known", condition=Q(coupon_mode__in=CouponMode.values)
            ),
            models.CheckConstraint(
                name="promotion_plan_is_written",
                condition=~Q(title="") & ~Q(aim="") & ~Q(stock_note="") & ~Q(risk=""),
            ),
            models.CheckConstraint(
                name="promotion_says_its_material",
                condition=~Q(materials=[]) | ~Q(no_material=""),
            ),
            models.CheckConstraint(
                name="promotion_budget_sane", condition=Q(budget__gt=0, budget__lt=10**12)
            ),
            models.CheckConstraint(
                name="promotion_gift_has_own_stock",
                condition=Q(type=PromotionType.GIFT, gift_stock__isnull=False, gift_stock__gt=0)
                | (~Q(type=PromotionType.GIFT) & Q(gift_stock__isnull=True)),
            ),
            models.CheckConstraint(
                name="promotion_pause_says_why",
                condition=~Q(state=PromotionState.PAUSED) | ~Q(paused_why=""),
            ),
            models.CheckConstraint(
                name="promotion_over_says_when",
                condition=~Q(state__in=[PromotionState.ENDED, PromotionState.REVIEWED])
                | Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="promotion_review_is_signed",
                condition=~Q(state=PromotionState.REVIEWED)
                | (~Q(outcome="") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="promotion_due",
                fields=["state", "starts_at"],
                condition=Q(state__in=["scheduled", "running", "paused"]),
            )
        ]

    def __str__(self) -> str:
        return self.number


class PromotionRun(models.Model):
    """A stretch of time in which a promotion was (or is to be) in force; half open.

    A pause cuts it, going on begins another one. The exclusion index serves the look-ups.
    """

    promotion = models.ForeignKey(
        Promotion,
        models.PROTECT,
        related_name="runs",
        verbose_name=_("promotion"),
        db_index=False,
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    approval = models.ForeignKey(
        "approvals.Request", models.PROTECT, related_name="+", verbose_name=_("approval")
    )
    rule = models.JSONField(_("rule"))
    valid = DateTimeRangeField(_("valid"), default_bounds="[)")
    cut_why = models.CharField(_("why it was cut"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("run of a promotion")
        verbose_name_plural = _("runs of promotions")
        ordering = ("id",)
        constraints = [
            ExclusionConstraint(
                name="promotionrun_never_twice_at_once",
                expressions=[
                    ("promotion", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="promotionrun_has_an_end",
                condition=Q(valid__isempty=True)
                | Q(valid__lower_inf=False, valid__upper_inf=False),
            ),
            models.CheckConstraint(
                name="promotionrun_empty_says_why",
                condition=Q(valid__isempty=False) | ~Q(cut_why=""),
            ),
        ]
        indexes = [models.Index(name="promotionrun_channel", fields=["channel", "id"])]

    def __str__(self) -> str:
        return f"{self.promotion_id}: {self.valid}"


class PromotionVersion(models.Model):
    """Counts the changes of what is live in a channel: whoever holds this number holds the rules.

    The row also serialises approvals of promotions in the channel.
    """

    channel = models.OneToOneField(
        Channel, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("channel")
    )
    version = models.BigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("version of live promotions")
        verbose_name_plural = _("versions of live promotions")

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.version}"
