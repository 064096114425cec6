"""Which goods are shown beside which, by versions that stay (CAT-4.1-04).

All four tables only grow: a rule, a set and what became of it are evidence.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Channel, Sku


class RecommendationRule(models.Model):
    """How pairs of a channel are chosen, one version; the newest is in force."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    no = models.PositiveIntegerField(_("version"))
    window_days = models.PositiveSmallIntegerField(_("days looked back"))
    min_support = models.PositiveIntegerField(_("least orders with both"))
    min_lift = models.DecimalField(_("least lift"), max_digits=8, decimal_places=4)
    top = models.PositiveSmallIntegerField(_("most goods shown beside one"))
    why = models.CharField(_("reason"), max_length=200)
    set_by = models.BigIntegerField(_("set by"), null=True)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("recommendation rule")
        verbose_name_plural = _("recommendation rules")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="recommendationrule_once", fields=["channel", "no"]),
            models.CheckConstraint(
                name="recommendationrule_sane",
                condition=Q(
                    window_days__range=(1, 730),
                    min_support__gte=2,
                    min_lift__gte=0,
                    top__range=(1, 50),
                ),
            ),
            models.CheckConstraint(name="recommendationrule_says_why", condition=~Q(why="")),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.no}"


class RecommendationSet(models.Model):
    """One version of what a channel recommends, from the orders of a span of business days."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    no = models.PositiveIntegerField(_("version"))
    rule = models.ForeignKey(
        RecommendationRule, models.PROTECT, related_name="sets", verbose_name=_("rule")
    )
    former = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("former version")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    baskets = models.PositiveIntegerField(_("orders looked at"))
    pair_count = models.PositiveIntegerField(_("pairs"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    published_at = models.DateTimeField(_("published at"))

    class Meta:
        verbose_name = _("recommendation set")
        verbose_name_plural = _("recommendation sets")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="recommendationset_once", fields=["channel", "no"]),
            models.CheckConstraint(
                name="recommendationset_days_in_order", condition=Q(first_day__lte=F("last_day"))
            ),
            models.CheckConstraint(
                name="recommendationset_only_first_has_no_former",
                condition=Q(no=1, former__isnull=True) | Q(no__gt=1, former__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.no}"


class RecommendationPair(models.Model):
    """One good shown beside another, with the figures it was chosen by."""

    set = models.ForeignKey(
        RecommendationSet,
        models.PROTECT,
        related_name="pairs",
        verbose_name=_("recommendation set"),
        db_index=False,
    )
    sku = models.ForeignKey(
        Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    other = models.ForeignKey(
        Sku, models.PROTECT, related_name="+", verbose_name=_("recommended SKU"), db_index=False
    )
    rank = models.PositiveSmallIntegerField(_("rank"))
    together = models.PositiveIntegerField(_("orders with both"))
    of_sku = models.PositiveIntegerField(_("orders with the SKU"))
    of_other = models.PositiveIntegerField(_("orders with the recommended SKU"))
    confidence = models.DecimalField(_("confidence"), max_digits=7, decimal_places=6)
    lift = models.DecimalField(_("lift"), max_digits=14, decimal_places=4)

    class Meta:
        verbose_name = _("recommended pair")
        verbose_name_plural = _("recommended pairs")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                name="recommendationpair_rank_once", fields=["set", "sku", "rank"]
            ),
            models.UniqueConstraint(name="recommendationpair_once", fields=["set", "sku", "other"]),
            models.CheckConstraint(name="recommendationpair_of_two", condition=~Q(sku=F("other"))),
            models.CheckConstraint(
                name="recommendationpair_counts_fit",
                condition=Q(together__gt=0, of_sku__gte=F("together"), of_other__gte=F("together")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id} > {self.other_id}"


class RecommendationOutcome(models.Model):
    """What became of a version up to a moment: real orders, and clicks where they are counted."""

    set = models.ForeignKey(
        RecommendationSet,
        models.PROTECT,
        related_name="outcomes",
        verbose_name=_("recommendation set"),
        db_index=False,
    )
    until = models.DateTimeField(_("until"))
    orders = models.PositiveIntegerField(_("orders with a recommending good"))
    hits = models.PositiveIntegerField(_("orders that follow a recommendation"))
    former_orders = models.PositiveIntegerField(_("the same of the former version"), null=True)
    former_hits = models.PositiveIntegerField(_("hits of the former version"), null=True)
    impressions = models.PositiveBigIntegerField(_("times shown"), null=True)
    clicks = models.PositiveBigIntegerField(_("clicks"), null=True)
    former_impressions = models.PositiveBigIntegerField(
        _("times the former version was shown"), null=True
    )
    former_clicks = models.PositiveBigIntegerField(_("clicks of the former version"), null=True)

    class Meta:
        verbose_name = _("outcome of recommendations")
        verbose_name_plural = _("outcomes of recommendations")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="recommendationoutcome_once", fields=["set", "until"]),
            models.CheckConstraint(
                name="recommendationoutcome_part_of_whole",
                condition=Q(hits__lte=F("orders"))
                & (
                    Q(former_orders__isnull=True, former_hits__isnull=True)
                    | Q(former_hits__lte=F("former_orders"))
                )
                & (
                    Q(impressions__isnull=True, clicks__isnull=True)
                    | Q(clicks__lte=F("impressions"))
                )
                & (
                    Q(former_impressions__isnull=True, former_clicks__isnull=True)
                    | Q(former_clicks__lte=F("former_impressions"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.set_id}: {self.until}"
