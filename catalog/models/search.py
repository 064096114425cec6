"""What the search reads, which words mean the same, and which found nothing (SYS-6.2-09)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.search import MissDecision
from catalog.models.products import Sku


class SearchDocument(models.Model):
    """What one SKU is found by; the database itself keeps it true, nobody else writes here."""

    sku = models.OneToOneField(
        Sku, models.CASCADE, primary_key=True, related_name="search", verbose_name=_("SKU")
    )
    document = SearchVectorField(_("document"))
    code_key = models.CharField(_("code key"), max_length=80)
    barcode = models.CharField(_("barcode"), max_length=14, blank=True)
    title = models.CharField(_("name as it is compared"), max_length=400)

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        ordering = ("sku",)
        indexes = [GinIndex(fields=["document"], name="searchdocument_words")]

    def __str__(self) -> str:
        return self.title


class SearchSynonym(models.Model):
    """Words that mean the same to whoever searches; in the form in which they are compared."""

    words = ArrayField(models.CharField(max_length=40), verbose_name=_("words"))
    why = models.CharField(_("reason"), max_length=200)
    is_active = models.BooleanField(_("active"), default=True)
    set_by = models.BigIntegerField(_("set by"), null=True)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="searchsynonym_once", fields=["words"], condition=Q(is_active=True)
            ),
            models.CheckConstraint(
                name="searchsynonym_of_several", condition=Q(words__len__gte=2, words__len__lte=12)
            ),
            models.CheckConstraint(name="searchsynonym_says_why", condition=~Q(why="")),
        ]

    def __str__(self) -> str:
        return " = ".join(self.words)


class SearchMiss(models.Model):
    """How often a word found nothing in one week, and what was decided; never who asked."""

    word = models.CharField(_("search word"), max_length=40)
    week_on = models.DateField(_("week from"))
    times = models.PositiveIntegerField(_("times"))
    decision = models.CharField(
        _("decision"), max_length=10, choices=MissDecision, default=MissDecision.OPEN
    )
    note = models.CharField(_("reason"), max_length=200, blank=True)
    synonym = models.ForeignKey(
        SearchSynonym,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("synonyms"),
    )
    decided_by = models.BigIntegerField(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("search without result")
        verbose_name_plural = _("searches without result")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="searchmiss_once_a_week", fields=["word", "week_on"]),
            models.CheckConstraint(name="searchmiss_happened", condition=Q(times__gte=1)),
            models.CheckConstraint(
                name="searchmiss_on_a_monday", condition=Q(week_on__iso_week_day=1)
            ),
            models.CheckConstraint(
                name="searchmiss_decision_known", condition=Q(decision__in=MissDecision.values)
            ),
            models.CheckConstraint(
                name="searchmiss_decided_whole",
                condition=Q(
                    decision=MissDecision.OPEN, decided_at__isnull=True, synonym__isnull=True
                )
                | (
                    Q(decided_at__isnull=False)
                    & ~Q(decision=MissDecision.OPEN)
                    & (
                        Q(decision=MissDecision.SYNONYM, synonym__isnull=False)
                        | (
                            ~Q(decision=MissDecision.SYNONYM)
                            & Q(synonym__isnull=True)
                            & ~Q(note="")
                        )
                    )
                ),
            ),
            # No phone number, order number or address of a person is ever kept here.
            models.CheckConstraint(
                name="searchmiss_holds_no_person",
                condition=~Q(word__regex=r"@|([0-9][^0-9]*){6}") & ~Q(word=""),
            ),
        ]
        indexes = [models.Index(name="searchmiss_by_week", fields=["week_on", "-times"])]

    def __str__(self) -> str:
        return f"{self.week_on}: {self.word}"
