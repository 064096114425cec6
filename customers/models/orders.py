"""The order book of all channels (SCM-2.4-03, SCM-2.4-11)."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.choices import LineKind, OrderKind, OrderPath, OrderState

from .customers import Customer

_BOUND = 10**15


class Order(models.Model):
    """One order of one channel; its external number is exact text, unique in the channel.

    `total` is what the buyer owes: the amounts of the lines and the shipping fee, each net of its
    discounts. `tier` and the fee are those it was priced with.
    """

    number = models.CharField(_("number"), max_length=32, db_collation="C")
    # Composite indexes below serve channel and customer; nobody asks by warehouse alone. References
    # without a constraint of their own are kept by `refers` (see the migrations).
    channel = models.ForeignKey(
        "catalog.Channel",
        models.PROTECT,
        related_name="+",
        verbose_name=_("channel"),
        db_index=False,
        db_constraint=False,
    )
    external_no = models.CharField(_("channel order number"), max_length=64, db_collation="C")
    kind = models.CharField(_("kind"), max_length=12, choices=OrderKind, default=OrderKind.SALE)
    path = models.CharField(_("path"), max_length=12, choices=OrderPath, default=OrderPath.PREPAID)
    state = models.CharField(_("state"), max_length=12, choices=OrderState)
    hold_reason = models.CharField(_("hold reason"), max_length=200, blank=True)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        related_name="orders",
        verbose_name=_("customer"),
        db_index=False,
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("warehouse"),
        db_index=False,
        db_constraint=False,
    )
    country = models.CharField(_("country or region"), max_length=60, blank=True)
    recipient_enc = models.TextField(_("recipient"), blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    tier = models.CharField(
        _("tier of the buyer"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("As it was when the order was priced."),
    )
    shipping = models.DecimalField(
        _("shipping fee"), max_digits=20, decimal_places=2, default=0, db_default=0
    )
    shipping_discount = models.DecimalField(
        _("discount on the shipping fee"),
        max_digits=20,
        decimal_places=2,
        default=0,
        db_default=0,
    )
    total = models.DecimalField(_("total"), max_digits=20, decimal_places=2)
    tax = models.DecimalField(_("tax in the total"), max_digits=20, decimal_places=2, default=0)
    placed_at = models.DateTimeField(_("placed at"))
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    ship_by = models.DateTimeField(_("ship by"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True, blank=True)
    business_day = models.DateField(_("business day"))
    batch_id = models.BigIntegerField(_("import batch"), null=True, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="order_number_once", fields=["number"]),
            models.UniqueConstraint(
                name="order_once_per_channel", fields=["channel", "external_no"]
            ),
            models.CheckConstraint(
                name="order_total_sane",
                condition=Q(total__gt=-_BOUND, total__lt=_BOUND, tax__gt=-_BOUND, tax__lt=_BOUND),
            ),
            models.CheckConstraint(
                name="order_shipping_sane",
                condition=Q(
                    shipping__gte=0,
                    shipping__lt=_BOUND,
                    shipping_discount__gte=0,
                    shipping_discount__lte=models.F("shipping"),
                ),
            ),
        ]
        indexes = [
            models.Index(name="order_queue", fields=["state", "id"]),
            models.Index(name="order_channel_day", fields=["channel", "business_day"]),
            models.Index(name="order_customer", fields=["customer", "id"]),
            models.Index(name="order_held", fields=["id"], condition=~Q(hold_reason="")),
            models.Index(
                name="order_due",
                fields=["ship_by", "id"],
                condition=Q(state__in=["placed", "paid", "confirmed", "allocated"]),
            ),
            models.Index(name="order_external", fields=["external_no"]),
            models.Index(
                name="order_batch", fields=["batch_id"], condition=Q(batch_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def shipping_net(self) -> Decimal:
        """Return what the buyer pays for shipping."""
        return self.shipping - self.shipping_discount


class OrderLine(models.Model):
    """Pieces of one SKU at a unit price (tax included), less what promotions took off.

    `amount` is what the buyer pays for the line: exact, net of `discount`. Where the price is the
    channel's own, there is no discount of ours.
    """

    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("order"),
        db_index=False,
        db_constraint=False,
    )
    line_no = models.PositiveIntegerField(_("line"))
    sku = models.ForeignKey(
        "catalog.Sku",
        models.PROTECT,
        related_name="+",
        verbose_name=_("SKU"),
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=LineKind, default=LineKind.SALE)
    quantity = models.BigIntegerField(_("quantity"))
    unit_price = models.DecimalField(_("unit price"), max_digits=20, decimal_places=6)
    discount = models.DecimalField(
        _("discount"), max_digits=20, decimal_places=2, default=0, db_default=0
    )
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=6)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ("order", "line_no")
        constraints = [
            models.UniqueConstraint(name="orderline_once", fields=["order", "line_no"]),
            models.CheckConstraint(
                name="orderline_sale_is_positive",
                condition=~Q(kind=LineKind.SALE)
                | Q(quantity__gt=0, unit_price__gt=0, unit_price__lt=_BOUND),
            ),
            models.CheckConstraint(
                name="orderline_amount_sane",
                condition=Q(
                    unit_price__gt=-_BOUND,
                    unit_price__lt=_BOUND,
                    amount__gt=-_BOUND,
                    amount__lt=_BOUND,
                ),
            ),
            models.CheckConstraint(
                name="orderline_gift_is_free",
                condition=~Q(kind=LineKind.GIFT) | Q(quantity__gt=0, unit_price=0),
            ),
            models.CheckConstraint(
                name="orderline_amount_is_net",
                condition=Q(
                    amount=models.F("quantity") * models.F("unit_price") - models.F("discount")
                ),
            ),
            models.CheckConstraint(
                name="orderline_discount_of_a_sale",
                condition=Q(discount=0)
                | Q(kind=LineKind.SALE, discount__gt=0, discount__lt=_BOUND, amount__gte=0),
            ),
        ]
        indexes = [models.Index(name="orderline_sku", fields=["sku", "order"])]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"


class OrderStep(models.Model):
    """When an order entered a state, and by whom; append-only."""

    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="steps",
        verbose_name=_("order"),
        db_constraint=False,
    )
    state = models.CharField(_("state"), max_length=12, choices=OrderState)
    at = models.DateTimeField(_("at"))
    person_id = models.BigIntegerField(_("person"), null=True)

    class Meta:
        verbose_name = _("order step")
        verbose_name_plural = _("order steps")
        ordering = ("order", "id")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.state}"
