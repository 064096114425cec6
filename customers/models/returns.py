"""Goods coming back and the money that follows (SCM-2.4-08)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.choices import ReturnState

from .customers import Customer
from .orders import Order

_BOUND = 10**15


class Return(models.Model):
    """A cancellation or return document; history may not know the order it belongs to."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    channel = models.ForeignKey(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    external_no = models.CharField(_("channel number"), max_length=64, db_collation="C")
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="returns", verbose_name=_("order")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("warehouse"),
    )
    country = models.CharField(_("country or region"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ReturnState)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    total = models.DecimalField(_("total"), max_digits=20, decimal_places=2)
    tax = models.DecimalField(_("tax in the total"), max_digits=20, decimal_places=2, default=0)
    gift_value = models.DecimalField(
        _("kept back for gifts"), max_digits=20, decimal_places=2, default=0, db_default=0
    )
    shipping = models.DecimalField(
        _("shipping fee paid back"), max_digits=20, decimal_places=2, default=0, db_default=0
    )
    requested_at = models.DateTimeField(_("requested at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    business_day = models.DateField(_("business day"))
    batch_id = models.BigIntegerField(_("import batch"), null=True, blank=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="return_once_per_channel", fields=["channel", "external_no"]
            ),
            models.CheckConstraint(
                name="return_total_sane",
                condition=Q(total__gt=-_BOUND, total__lt=_BOUND, tax__gt=-_BOUND, tax__lt=_BOUND),
            ),
            models.CheckConstraint(
                name="return_gift_value_sane", condition=Q(gift_value__gte=0, gift_value__lt=_BOUND)
            ),
            models.CheckConstraint(
                name="return_shipping_sane", condition=Q(shipping__gte=0, shipping__lt=_BOUND)
            ),
        ]
        indexes = [
            models.Index(name="return_channel_day", fields=["channel", "business_day"]),
            models.Index(
                name="return_open", fields=["id"], condition=Q(state=ReturnState.REQUESTED)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(models.Model):
    """Pieces coming back; `amount` is what was paid for them, net of their share of discounts."""

    back = models.ForeignKey(Return, models.PROTECT, related_name="lines", verbose_name=_("return"))
    line_no = models.PositiveIntegerField(_("line"))
    sku = models.ForeignKey("catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"))
    quantity = models.BigIntegerField(_("quantity"))
    unit_price = models.DecimalField(_("unit price"), max_digits=20, decimal_places=6)
    discount = models.DecimalField(
        _("discount"), max_digits=20, decimal_places=2, default=0, db_default=0
    )
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=6)

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ("back", "line_no")
        constraints = [
            models.UniqueConstraint(name="returnline_once", fields=["back", "line_no"]),
            models.CheckConstraint(
                name="returnline_is_positive",
                condition=Q(quantity__gt=0, unit_price__gte=0, unit_price__lt=_BOUND),
            ),
            models.CheckConstraint(
                name="returnline_amount_is_net",
                condition=Q(
                    discount__gte=0,
                    amount__gte=0,
                    amount=models.F("quantity") * models.F("unit_price") - models.F("discount"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.back_id}/{self.line_no}"
