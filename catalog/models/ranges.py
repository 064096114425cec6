"""The range under review: SKUs ranked month by month, decided, and dropped (CAT-4.1-05)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.ranges import DropState, LineState, Verdict
from catalog.models.products import Sku


class RangeReview(models.Model):
    """The review of one month: by which weights and limits its SKUs were ranked. It stays."""

    month = models.DateField(_("month"), unique=True)
    last_day = models.DateField(_("last day"))
    basis = models.JSONField(_("basis"))
    sku_count = models.PositiveIntegerField(_("SKUs ranked"))
    push_count = models.PositiveIntegerField(_("proposed to push"))
    drop_count = models.PositiveIntegerField(_("proposed to drop"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("range review")
        verbose_name_plural = _("range reviews")
        ordering = ("-month",)
        constraints = [
            models.CheckConstraint(
                name="rangereview_of_a_month",
                condition=Q(month__day=1),
            ),
            models.CheckConstraint(
                name="rangereview_counts_fit",
                condition=Q(sku_count__gte=models.F("push_count") + models.F("drop_count")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class RangeReviewRow(models.Model):
    """One SKU of a review: its figures, its place, what is proposed, and what was decided.

    Amounts in CNY; `turns` are turnovers a year at the pace of the month, rates in percent. The
    figures stay; the decision may change until the SKU is dropped.
    """

    review = models.ForeignKey(
        RangeReview,
        models.PROTECT,
        related_name="rows",
        verbose_name=_("range review"),
        db_index=False,
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    rank = models.PositiveIntegerField(_("rank"))
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=1)
    pieces = models.BigIntegerField(_("pieces sold"))
    revenue = models.DecimalField(_("revenue"), max_digits=20, decimal_places=2)
    margin = models.DecimalField(_("margin"), max_digits=20, decimal_places=2, null=True)
    margin_percent = models.DecimalField(
        _("margin (%)"), max_digits=12, decimal_places=1, null=True
    )
    stock = models.BigIntegerField(_("stock at the end"))
    turns = models.DecimalField(_("turnovers a year"), max_digits=16, decimal_places=2)
    returned = models.BigIntegerField(_("pieces returned"))
    return_rate = models.DecimalField(_("return rate (%)"), max_digits=5, decimal_places=1)
    proposal = models.CharField(_("verdict proposed"), max_length=4, choices=Verdict)
    grounds = models.JSONField(_("grounds"), default=list)
    decision = models.CharField(_("decision"), max_length=4, choices=Verdict, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    decided_by = models.BigIntegerField(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("row of a range review")
        verbose_name_plural = _("rows of range reviews")
        ordering = ("rank",)
        constraints = [
            models.UniqueConstraint(name="rangereviewrow_rank_once", fields=["review", "rank"]),
            models.UniqueConstraint(name="rangereviewrow_sku_once", fields=["review", "sku"]),
            models.CheckConstraint(
                name="rangereviewrow_words_known",
                condition=Q(proposal__in=Verdict.values)
                & (Q(decision="") | Q(decision__in=Verdict.values)),
            ),
            models.CheckConstraint(
                name="rangereviewrow_decided_by_somebody",
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="rangereviewrow_figures_sane",
                condition=Q(
                    pieces__gte=0,
                    returned__gte=0,
                    return_rate__range=(0, 100),
                    score__range=(0, 100),
                    turns__gte=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.sku_id}"


class RangeDrop(models.Model):
    """A request that SKUs leave the range: nothing more is bought, the rest is disposed of.

    `listings` are those that leave the shelf with it: all their variants are dropped.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    review = models.ForeignKey(
        RangeReview, models.PROTECT, related_name="drops", verbose_name=_("range review")
    )
    note = models.CharField(_("reason"), max_length=400)
    listings = models.JSONField(_("listings that leave the shelf"), default=list)
    state = models.CharField(_("state"), max_length=10, choices=DropState)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    asked_by = models.BigIntegerField(_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        verbose_name = _("drop from the range")
        verbose_name_plural = _("drops from the range")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="rangedrop_says_why", condition=~Q(note="")),
            models.CheckConstraint(
                name="rangedrop_state_known", condition=Q(state__in=DropState.values)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RangeDropLine(models.Model):
    """One SKU of a drop. While it is stopped, the database refuses to buy the SKU."""

    drop = models.ForeignKey(
        RangeDrop, models.PROTECT, related_name="lines", verbose_name=_("drop"), db_index=False
    )
    row = models.ForeignKey(
        RangeReviewRow, models.PROTECT, related_name="drop_lines", verbose_name=_("row")
    )
    sku = models.ForeignKey(
        Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    state = models.CharField(_("state"), max_length=7, choices=LineState, default=LineState.ASKED)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
        db_index=False,
    )
    stopped_at = models.DateTimeField(_("not bought since"), null=True, blank=True)

    class Meta:
        verbose_name = _("SKU of a drop")
        verbose_name_plural = _("SKUs of drops")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="rangedropline_once", fields=["drop", "sku"]),
            models.UniqueConstraint(
                name="rangedropline_one_drop_at_a_time",
                fields=["sku"],
                condition=Q(state__in=(LineState.ASKED, LineState.STOPPED)),
            ),
            models.CheckConstraint(
                name="rangedropline_stopped_whole",
                condition=Q(
                    state=LineState.STOPPED, approval__isnull=False, stopped_at__isnull=False
                )
                | (
                    Q(state__in=(LineState.ASKED, LineState.LET_GO))
                    & Q(approval__isnull=True, stopped_at__isnull=True)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drop_id}: {self.sku_id}"
