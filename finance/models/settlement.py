"""What payment channels say they did: files, their lines, and our side made elsewhere.

Lines are append-only and say nothing of their match: a line of a posted file is matched unless a
break names it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.choices import PaymentKind, StatementKind


class PaymentAccount(models.Model):
    """The merchant account of a channel at a payment provider, and its fee rate."""

    channel = models.ForeignKey(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    provider = models.CharField(_("payment provider"), max_length=20)
    account_no = models.CharField(_("merchant account"), max_length=64)
    fee_rate = models.DecimalField(
        _("fee rate"), max_digits=8, decimal_places=6, null=True, blank=True
    )

    class Meta:
        verbose_name = _("payment account")
        verbose_name_plural = _("payment accounts")
        ordering = ("channel", "provider")
        constraints = [
            models.UniqueConstraint(
                name="paymentaccount_once_per_provider", fields=["provider", "account_no"]
            ),
            models.UniqueConstraint(
                name="paymentaccount_one_per_channel", fields=["channel", "provider"]
            ),
            models.CheckConstraint(
                name="paymentaccount_rate_sane",
                condition=Q(fee_rate__isnull=True) | Q(fee_rate__gte=0, fee_rate__lt=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.account_no}"


class SettlementFile(models.Model):
    """One statement of one channel: the days it covers, what it counts and what it states."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    channel = models.ForeignKey(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    provider = models.CharField(_("payment provider"), max_length=20)
    account_no = models.CharField(_("merchant account"), max_length=64, blank=True)
    batch_id = models.BigIntegerField(_("import batch"), unique=True)
    file_name = models.CharField(_("file name"), max_length=200)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    lines = models.BigIntegerField(_("lines"))
    income = models.DecimalField(_("income"), max_digits=20, decimal_places=2)
    expense = models.DecimalField(_("expense"), max_digits=20, decimal_places=2)
    stated = models.JSONField(_("totals stated in the file"), default=dict, blank=True)
    imported_at = models.DateTimeField(_("imported at"))
    imported_by = models.BigIntegerField(_("imported by"), null=True, blank=True)
    reconciled_at = models.DateTimeField(_("reconciled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("settlement file")
        verbose_name_plural = _("settlement files")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="settlementfile_days_in_order",
                condition=Q(first_day__lte=models.F("last_day")),
            ),
        ]
        indexes = [models.Index(name="settlementfile_days", fields=["channel", "last_day"])]

    def __str__(self) -> str:
        return self.number


class SettlementLine(models.Model):
    """One line of a statement, as it came; amounts are above zero, the kind gives the sign.

    A serial number that stands twice in one file counts as copy 1 and 2: both stay in sight.
    """

    file = models.ForeignKey(
        SettlementFile, models.PROTECT, related_name="rows", verbose_name=_("settlement file")
    )
    channel = models.ForeignKey(
        "catalog.Channel",
        models.PROTECT,
        related_name="+",
        verbose_name=_("channel"),
        db_index=False,
    )
    line_no = models.BigIntegerField(_("line"))
    serial_no = models.CharField(_("serial number"), max_length=64, db_collation="C")
    copy_no = models.SmallIntegerField(_("copy"), default=1)
    txn_no = models.CharField(_("transaction"), max_length=64, blank=True, db_collation="C")
    order_no = models.CharField(_("order number"), max_length=64, blank=True, db_collation="C")
    kind = models.CharField(_("kind"), max_length=10, choices=StatementKind)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2)
    balance = models.DecimalField(
        _("balance"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    business_day = models.DateField(_("business day"))
    counterparty = models.CharField(_("counterparty"), max_length=200, blank=True)
    remark = models.CharField(_("remark"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("settlement line")
        verbose_name_plural = _("settlement lines")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                name="settlementline_once", fields=["channel", "serial_no", "copy_no"]
            ),
            models.CheckConstraint(
                name="settlementline_kind_known", condition=Q(kind__in=StatementKind.values)
            ),
            # Only money of an unknown kind keeps its sign: nobody could tell it otherwise.
            models.CheckConstraint(
                name="settlementline_amount_above_zero",
                condition=Q(amount__gt=0) | (Q(kind="other") & ~Q(amount=0)),
            ),
        ]
        indexes = [models.Index(name="settlementline_day", fields=["channel", "business_day"])]

    def __str__(self) -> str:
        return self.serial_no


class PaymentRecord(models.Model):
    """Our side of a reconciliation made elsewhere: what another system says was paid."""

    channel = models.ForeignKey(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    record_no = models.CharField(_("record number"), max_length=64, db_collation="C")
    kind = models.CharField(_("kind"), max_length=6, choices=PaymentKind)
    order_no = models.CharField(_("order number"), max_length=64, db_collation="C")
    refund_no = models.CharField(_("refund number"), max_length=64, blank=True, db_collation="C")
    provider = models.CharField(_("payment provider"), max_length=64, blank=True)
    txn_no = models.CharField(_("transaction"), max_length=64, blank=True, db_collation="C")
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2)
    expected_fee = models.DecimalField(
        _("expected fee"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    business_day = models.DateField(_("business day"))
    batch_id = models.BigIntegerField(_("import batch"))

    class Meta:
        verbose_name = _("payment record")
        verbose_name_plural = _("payment records")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                name="paymentrecord_once_per_channel", fields=["channel", "record_no"]
            ),
            models.CheckConstraint(name="paymentrecord_amount_sane", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="paymentrecord_kind_known", condition=Q(kind__in=PaymentKind.values)
            ),
        ]
        indexes = [models.Index(name="paymentrecord_day", fields=["channel", "business_day"])]

    def __str__(self) -> str:
        return self.record_no
