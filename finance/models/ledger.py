"""The general ledger: double entry, append-only, balanced by the database.

An entry and its lines are born in one transaction; a deferred trigger refuses a commit in which
debit and credit differ, and lines cannot join an entry of another transaction. Balances per
account and month are kept by the database with every line and proven by `verify ledger`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.choices import AccountKind, EntryKind


class Account(models.Model):
    """One account of the chart (Chinese enterprise accounting standard)."""

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind)
    is_postable = models.BooleanField(_("takes postings"), default=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class JournalEntry(models.Model):
    """One voucher: what happened, when, and the document that proves it (FIN-7.1-02)."""

    voucher = models.CharField(_("voucher"), max_length=32, unique=True)
    business_day = models.DateField(_("business day"))
    currency = models.CharField(_("currency"), max_length=3)
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind)
    source_type = models.CharField(_("document type"), max_length=40)
    source_id = models.CharField(_("document"), max_length=64)
    effect_key = models.CharField(_("effect key"), max_length=120, unique=True)
    memo = models.CharField(_("memo"), max_length=200)
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversal",
        verbose_name=_("reverses"),
    )
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    posted_by = models.BigIntegerField(_("posted by"), null=True)
    posted_at = models.DateTimeField(_("posted at"))

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="journalentry_reversal_names_its_entry",
                condition=~Q(kind=EntryKind.REVERSAL) | Q(reverses__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="journalentry_source", fields=["source_type", "source_id"]),
            models.Index(name="journalentry_day", fields=["business_day", "id"]),
        ]

    def __str__(self) -> str:
        return self.voucher


class JournalLine(models.Model):
    """One side of a voucher; exactly one of debit and credit is above zero."""

    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="lines", verbose_name=_("journal entry")
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="lines", verbose_name=_("account")
    )
    debit = models.DecimalField(_("debit"), max_digits=20, decimal_places=2)
    credit = models.DecimalField(_("credit"), max_digits=20, decimal_places=2)

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="journalline_one_side_above_zero",
                condition=(Q(debit__gt=0, credit=0) | Q(credit__gt=0, debit=0))
                & Q(debit__lt=10**15, credit__lt=10**15),
            )
        ]
        indexes = [models.Index(name="journalline_account", fields=["account", "id"])]

    def __str__(self) -> str:
        return f"{self.account_id} {self.debit} / {self.credit}"


class AccountBalance(models.Model):
    """Sums of one account in one month and currency, kept by the database."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="balances", verbose_name=_("account")
    )
    month = models.DateField(_("month"))
    currency = models.CharField(_("currency"), max_length=3)
    debit = models.DecimalField(_("debit"), max_digits=20, decimal_places=2)
    credit = models.DecimalField(_("credit"), max_digits=20, decimal_places=2)

    class Meta:
        verbose_name = _("account balance")
        verbose_name_plural = _("account balances")
        ordering = ("account", "month")
        constraints = [
            models.UniqueConstraint(
                name="accountbalance_once", fields=["account", "month", "currency"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month:%Y-%m}"
