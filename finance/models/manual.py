"""Entries by hand: drafted by one person, posted by the approval of another (FIN-7.1-02)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.choices import DraftState

from .ledger import JournalEntry


class ManualEntry(models.Model):
    """A voucher to be: its lines, or the entry it shall reverse."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    business_day = models.DateField(_("business day"))
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    memo = models.CharField(_("memo"), max_length=200)
    lines = models.JSONField(_("lines"), default=list, blank=True)
    reverses = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reverses"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=DraftState, default=DraftState.DRAFT
    )
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="manual",
        verbose_name=_("journal entry"),
    )
    drafted_by = models.BigIntegerField(_("drafted by"), null=True, blank=True)
    drafted_at = models.DateTimeField(_("drafted at"))

    class Meta:
        verbose_name = _("manual entry")
        verbose_name_plural = _("manual entries")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="manualentry_state_known", condition=Q(state__in=DraftState.values)
            ),
            models.CheckConstraint(
                name="manualentry_posted_has_its_voucher",
                condition=Q(state="posted", entry__isnull=False)
                | (~Q(state="posted") & Q(entry__isnull=True)),
            ),
            models.CheckConstraint(
                name="manualentry_lines_or_reversal",
                condition=Q(reverses__isnull=False, lines=[])
                | (Q(reverses__isnull=True) & ~Q(lines=[])),
            ),
            models.UniqueConstraint(
                name="manualentry_one_reversal_at_a_time",
                fields=["reverses"],
                condition=Q(state__in=["draft", "submitted", "posted"]),
            ),
        ]

    def __str__(self) -> str:
        return self.number
