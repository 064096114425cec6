"""What listings are judged by: rules of categories, listed words, forbidden goods, reviews."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import BanKind, ReviewResult, TermKind
from catalog.models.products import Category, Product


class ListingRule(models.Model):
    """One version of what a category wants of its listings; rows only ever grow (CAT-4.3-01)."""

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="+", verbose_name=_("category")
    )
    version = models.PositiveIntegerField(_("version"))
    starts_on = models.DateField(_("starts on"))
    content = models.JSONField(_("content"))
    reason = models.CharField(_("reason"), max_length=200)
    decided_by = models.BigIntegerField(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("listing rule")
        verbose_name_plural = _("listing rules")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="listingrule_once", fields=["category", "version"]),
            models.CheckConstraint(name="listingrule_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} v{self.version}"


class ListedWord(models.Model):
    """A banned or superlative word, from a day until before another (CAT-4.3-02)."""

    text = models.CharField(_("word"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=TermKind)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    added_by = models.BigIntegerField(_("added by"), null=True)
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("listed word")
        verbose_name_plural = _("listed words")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="listedword_once", fields=["text"], condition=Q(until__isnull=True)
            ),
            models.CheckConstraint(
                name="listedword_kind_known", condition=Q(kind__in=TermKind.values)
            ),
            models.CheckConstraint(
                name="listedword_says_why", condition=~Q(text="") & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="listedword_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ForbiddenGoods(models.Model):
    """Goods that may not be sold: a word, category, brand or picture (CAT-4.3-05).

    A hard match refuses a listing, a soft one sends it to compliance.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=BanKind)
    value = models.CharField(_("compared with"), max_length=80)
    note = models.CharField(_("what it is"), max_length=120, blank=True)
    is_hard = models.BooleanField(_("refuses at once"))
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    added_by = models.BigIntegerField(_("added by"), null=True)
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("forbidden goods")
        verbose_name_plural = _("forbidden goods")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="forbiddengoods_once",
                fields=["kind", "value"],
                condition=Q(until__isnull=True),
            ),
            models.CheckConstraint(
                name="forbiddengoods_kind_known", condition=Q(kind__in=BanKind.values)
            ),
            models.CheckConstraint(
                name="forbiddengoods_says_why", condition=~Q(value="") & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="forbiddengoods_picture_is_a_hash",
                condition=~Q(kind=BanKind.PICTURE)
                | (Q(value__regex=r"^[0-9a-f]{16}$") & ~Q(note="")),
            ),
            models.CheckConstraint(
                name="forbiddengoods_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class QualityReview(models.Model):
    """A product judged against a standard by a report that expires; rows only grow (CAT-4.3-06)."""

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="quality_reviews", verbose_name=_("product")
    )
    standard = models.CharField(_("standard"), max_length=120)
    report_no = models.CharField(_("number of the report"), max_length=80)
    paper = models.ForeignKey(
        "files.Attachment",
        models.PROTECT,
        related_name="+",
        verbose_name=_("report"),
        db_index=False,
    )
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("expires on"))
    result = models.CharField(_("result"), max_length=8, choices=ReviewResult)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reviewed_by = models.BigIntegerField(_("reviewed by"))
    reviewed_at = models.DateTimeField(_("reviewed at"))

    class Meta:
        verbose_name = _("quality review")
        verbose_name_plural = _("quality reviews")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="qualityreview_result_known", condition=Q(result__in=ReviewResult.values)
            ),
            models.CheckConstraint(
                name="qualityreview_expires_later", condition=Q(expires_on__gt=F("issued_on"))
            ),
            models.CheckConstraint(
                name="qualityreview_names_standard",
                condition=~Q(standard="") & ~Q(report_no=""),
            ),
        ]
        indexes = [models.Index(name="qualityreview_expiring", fields=["expires_on"])]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.report_no}"
