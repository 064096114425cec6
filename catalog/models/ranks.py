"""Where goods and pages stand in a channel's own search, word by word and day by day (CAT-4.3-14).

A figure is never overwritten: a corrected one replaces it, and both stay, with their imports.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from catalog.models.pages import ShopPage
from catalog.models.products import Channel, Product


class DateRange(Func):
    """The days of a figure as a range."""

    function = "daterange"
    output_field = DateRangeField()


class SearchKeyword(models.Model):
    """One word by which a product or a page of a channel is found; in the compared form."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    word = models.CharField(_("search word"), max_length=40)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    page = models.ForeignKey(
        ShopPage, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("shop page"),
    )  # fmt: skip
    since = models.DateTimeField(_("followed since"))

    class Meta:
        verbose_name = _("search word of goods")
        verbose_name_plural = _("search words of goods")
        ordering = ("word", "id")
        constraints = [
            models.UniqueConstraint(
                name="searchkeyword_once",
                fields=["channel", "word", "product", "page"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="searchkeyword_is_a_word", condition=~Q(word="")),
            models.CheckConstraint(
                name="searchkeyword_of_goods_or_page",
                condition=Q(product__isnull=True, page__isnull=False)
                | Q(product__isnull=False, page__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.word


class SearchRank(models.Model):
    """Rank, impressions and clicks of a search word on a day, or in a week from Monday."""

    keyword = models.ForeignKey(
        SearchKeyword,
        models.PROTECT,
        related_name="ranks",
        verbose_name=_("search word"),
        db_index=False,
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    rank = models.PositiveIntegerField(_("rank"))
    impressions = models.BigIntegerField(_("impressions"))
    clicks = models.BigIntegerField(_("clicks"))
    source = models.CharField(_("source"), max_length=40, blank=True)
    batch = models.ForeignKey(
        "tables.ImportBatch",
        models.PROTECT,
        related_name="+",
        verbose_name=_("import"),
        db_index=False,
    )
    kept_at = models.DateTimeField(_("kept at"))
    replaced_by = models.ForeignKey(
        "tables.ImportBatch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("replaced by"),
        db_index=False,
    )
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    class Meta:
        verbose_name = _("search rank")
        verbose_name_plural = _("search ranks")
        ordering = ("-id",)
        constraints = [
            ExclusionConstraint(
                name="searchrank_counted_once",
                expressions=[
                    ("keyword", RangeOperators.EQUAL),
                    (DateRange("first_on", "last_on", Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(replaced_at__isnull=True),
            ),
            models.CheckConstraint(
                name="searchrank_of_a_day_or_a_week",
                condition=Q(last_on=F("first_on"))
                | Q(last_on=F("first_on") + timedelta(days=6), first_on__iso_week_day=1),
            ),
            models.CheckConstraint(
                name="searchrank_figures_sane",
                condition=Q(rank__gte=1, clicks__gte=0, impressions__gte=F("clicks")),
            ),
            models.CheckConstraint(
                name="searchrank_replaced_whole",
                condition=Q(replaced_at__isnull=True, replaced_by__isnull=True)
                | Q(replaced_at__isnull=False, replaced_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="searchrank_newest",
                fields=["keyword", "-last_on"],
                condition=Q(replaced_at__isnull=True),
            ),
            models.Index(
                name="searchrank_replaced",
                fields=["keyword", "first_on"],
                condition=Q(replaced_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.keyword_id} {self.first_on}: {self.rank}"
