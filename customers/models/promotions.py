"""What promotions took off the lines of an order, and the gifts they added (CAT-4.4-02, -07)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .orders import Order

_BOUND = 10**15


class OrderDiscount(models.Model):
    """What one promotion took off one line; the rows of a line add up to its discount.

    Line 0 is the shipping fee.
    """

    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="discounts",
        verbose_name=_("order"),
        db_index=False,
        db_constraint=False,
    )
    line_no = models.PositiveIntegerField(_("line"))
    promotion = models.ForeignKey(
        "catalog.Promotion",
        models.PROTECT,
        related_name="+",
        verbose_name=_("promotion"),
    )
    coupon = models.CharField(_("coupon"), max_length=32, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2)

    class Meta:
        verbose_name = _("discount of an order line")
        verbose_name_plural = _("discounts of order lines")
        ordering = ("order", "line_no", "id")
        constraints = [
            models.UniqueConstraint(
                name="orderdiscount_once", fields=["order", "line_no", "promotion"]
            ),
            models.CheckConstraint(
                name="orderdiscount_is_positive", condition=Q(amount__gt=0, amount__lt=_BOUND)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}: {self.amount}"


class OrderGift(models.Model):
    """Which promotion gave a line away, and what one of its pieces is worth."""

    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="gifts",
        verbose_name=_("order"),
        db_index=False,
        db_constraint=False,
    )
    line_no = models.PositiveIntegerField(_("line"))
    promotion = models.ForeignKey(
        "catalog.Promotion",
        models.PROTECT,
        related_name="+",
        verbose_name=_("promotion"),
    )
    value = models.DecimalField(_("worth of a piece"), max_digits=20, decimal_places=2)

    class Meta:
        verbose_name = _("gift of a promotion")
        verbose_name_plural = _("gifts of promotions")
        ordering = ("order", "line_no")
        constraints = [
            models.UniqueConstraint(name="ordergift_once", fields=["order", "line_no"]),
            models.CheckConstraint(
                name="ordergift_value_sane", condition=Q(value__gte=0, value__lt=_BOUND)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"
