"""The close of a month: its check list and what became of it (FIN-7.4-01)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.choices import CloseState, ItemState


class MonthClose(models.Model):
    """One month of the general ledger on its way to being closed."""

    month = models.DateField(_("month"), unique=True)
    state = models.CharField(_("state"), max_length=10, choices=CloseState, default=CloseState.OPEN)
    revision = models.PositiveSmallIntegerField(_("revision"), default=0)
    due_on = models.DateField(_("due on"))
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.BigIntegerField(_("closed by"), null=True, blank=True)
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True)
    reopening = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reopening"),
    )

    class Meta:
        verbose_name = _("month close")
        verbose_name_plural = _("month closes")
        ordering = ("-month",)
        constraints = [
            models.CheckConstraint(name="ledgerclose_first_of_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="ledgerclose_state_known", condition=Q(state__in=CloseState.values)
            ),
            models.CheckConstraint(
                name="ledgerclose_closed_whole",
                condition=~Q(state="closed")
                | (Q(closed_at__isnull=False, revision__gte=1) & ~Q(content_hash="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class CloseItem(models.Model):
    """One line of the check list with its state, evidence and owner."""

    close = models.ForeignKey(
        MonthClose, models.PROTECT, related_name="items", verbose_name=_("month close")
    )
    key = models.CharField(_("item"), max_length=30)
    place = models.PositiveSmallIntegerField(_("place"))
    state = models.CharField(
        _("state"), max_length=12, choices=ItemState, default=ItemState.NOT_STARTED
    )
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    owner_person_id = models.BigIntegerField(_("owner"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    accepted_by = models.BigIntegerField(_("accepted by"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("close item")
        verbose_name_plural = _("close items")
        ordering = ("close", "place")
        constraints = [
            models.UniqueConstraint(name="closeitem_once", fields=["close", "key"]),
            models.CheckConstraint(
                name="closeitem_state_known", condition=Q(state__in=ItemState.values)
            ),
            models.CheckConstraint(
                name="closeitem_accepted_whole",
                condition=Q(accepted_by__isnull=True, accepted_at__isnull=True)
                | (Q(accepted_by__isnull=False, accepted_at__isnull=False) & ~Q(note="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.close_id}: {self.key}"


class Agreement(models.Model):
    """One comparison of the books: stock against the general ledger; append-only (SCM-2.3-03)."""

    day = models.DateField(_("day"))
    stock_value = models.DecimalField(_("stock value"), max_digits=20, decimal_places=2)
    ledger_value = models.DecimalField(_("ledger value"), max_digits=20, decimal_places=2)
    details = models.JSONField(_("differences within the books"), default=list, blank=True)
    compared_at = models.DateTimeField(_("compared at"))

    class Meta:
        verbose_name = _("comparison of the books")
        verbose_name_plural = _("comparisons of the books")
        ordering = ("-id",)
        indexes = [models.Index(name="agreement_day", fields=["day", "-id"])]

    def __str__(self) -> str:
        return f"{self.day}"
