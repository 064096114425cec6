"""Runs of reconciliation and the breaks they found (FIN-7.3-01)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from finance.choices import BreakSource, BreakState, BreakType, Resolution

from .ledger import JournalEntry
from .settlement import SettlementFile, SettlementLine


class Reconciliation(models.Model):
    """One run over the days of one channel; append-only."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    channel = models.ForeignKey(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    statement_lines = models.BigIntegerField(_("statement lines"))
    our_records = models.BigIntegerField(_("our records"))
    matched = models.BigIntegerField(_("matched lines"))
    posted = models.BigIntegerField(_("vouchers"))
    found = models.BigIntegerField(_("new breaks"))
    cleared = models.BigIntegerField(_("breaks cleared"))
    open_breaks = models.BigIntegerField(_("open breaks"))
    difference = models.DecimalField(_("difference"), max_digits=20, decimal_places=2)
    run_at = models.DateTimeField(_("run at"))
    run_by = models.BigIntegerField(_("run by"), null=True, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ("-id",)
        indexes = [models.Index(name="reconciliation_channel", fields=["channel", "-id"])]

    def __str__(self) -> str:
        return self.number


class Break(models.Model):
    """One difference between a statement and our side, until a person or a later run ends it.

    `subject` names what it is about ("line:12", "pay:customers.order:7", "file:3:income") and is
    unique in its channel: a run repeated finds the same break, never a second one.
    """

    channel = models.ForeignKey(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    type = models.CharField(_("type"), max_length=30, choices=BreakType)
    source = models.CharField(_("source"), max_length=10, choices=BreakSource)
    subject = models.CharField(_("subject"), max_length=120)
    file = models.ForeignKey(
        SettlementFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="breaks",
        verbose_name=_("settlement file"),
    )
    line = models.ForeignKey(
        SettlementLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="breaks",
        verbose_name=_("settlement line"),
    )
    our_type = models.CharField(_("our document type"), max_length=40, blank=True)
    our_id = models.BigIntegerField(_("our document"), null=True, blank=True)
    order_no = models.CharField(_("order number"), max_length=64, blank=True)
    refund_no = models.CharField(_("refund number"), max_length=64, blank=True)
    statement_amount = models.DecimalField(
        _("statement amount"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    our_amount = models.DecimalField(
        _("our amount"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    statement_fee = models.DecimalField(
        _("fee in the statement"), max_digits=20, decimal_places=2, default=0
    )
    occurred_on = models.DateField(_("occurred on"))
    opened_at = models.DateTimeField(_("opened at"))
    owner_person_id = models.BigIntegerField(_("owner"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=BreakState, default=BreakState.OPEN)
    resolution = models.CharField(_("resolution"), max_length=10, choices=Resolution, blank=True)
    resolution_no = models.CharField(_("resolution number"), max_length=32, blank=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.BigIntegerField(_("resolved by"), null=True, blank=True)
    imported_by = models.BigIntegerField(_("statement imported by"), null=True, blank=True)
    entry = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("journal entry"),
    )

    class Meta:
        verbose_name = _("break")
        verbose_name_plural = _("breaks")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="break_subject_once", fields=["channel", "subject"]),
            models.CheckConstraint(name="break_type_known", condition=Q(type__in=BreakType.values)),
            models.CheckConstraint(
                name="break_resolved_whole",
                condition=Q(state="open", resolution="", resolved_at__isnull=True)
                | (Q(state="resolved", resolved_at__isnull=False) & ~Q(resolution="")),
            ),
            models.CheckConstraint(
                name="break_resolved_by_hand_has_reason",
                condition=Q(state="open") | Q(resolution="cleared") | ~Q(reason=""),
            ),
            # Who brings a statement in does not write its differences off.
            models.CheckConstraint(
                name="break_written_off_by_another",
                condition=Q(resolved_by__isnull=True)
                | Q(imported_by__isnull=True)
                | ~Q(resolution__in=["write_off", "subsidy", "fee", "payable"])
                | ~Q(resolved_by=F("imported_by")),
            ),
        ]
        indexes = [
            models.Index(
                name="break_open", fields=["channel", "occurred_on"], condition=Q(state="open")
            ),
            models.Index(name="break_resolution", fields=["resolution_no"]),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.order_no or self.subject}"
