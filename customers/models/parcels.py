"""How orders leave: in parts, together with others, and what was noted about them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .orders import Order


class OrderPart(models.Model):
    """Pieces of one line that leave in one part of a divided order.

    An order without parts leaves whole. The parts of a line add up to it; `source_line` is the name
    under which stock holds the pieces: the line itself, or one of its own for a divided line.
    """

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="parts", verbose_name=_("order"), db_index=False
    )
    part_no = models.PositiveIntegerField(_("part"))
    line_no = models.PositiveIntegerField(_("line"))
    source_line = models.PositiveIntegerField(_("line held for"))
    quantity = models.BigIntegerField(_("quantity"))
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)

    class Meta:
        verbose_name = _("part of an order")
        verbose_name_plural = _("parts of orders")
        ordering = ("order", "part_no", "line_no")
        constraints = [
            models.UniqueConstraint(name="orderpart_once", fields=["order", "source_line"]),
            models.UniqueConstraint(
                name="orderpart_line_once", fields=["order", "part_no", "line_no"]
            ),
            models.CheckConstraint(
                name="orderpart_positive", condition=Q(quantity__gt=0, part_no__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.part_no}/{self.line_no}"


class OrderRecipient(models.Model):
    """A keyed hash of whom and where an order goes to; kept only until the order has left."""

    order = models.OneToOneField(
        Order,
        models.PROTECT,
        primary_key=True,
        related_name="recipient_index",
        verbose_name=_("order"),
    )
    index = models.CharField(_("recipient index"), max_length=64, db_index=True)

    class Meta:
        verbose_name = _("recipient index")
        verbose_name_plural = _("recipient indexes")

    def __str__(self) -> str:
        return f"{self.order_id}"


class OrderMerge(models.Model):
    """An order that was joined with others into one parcel; append-only."""

    parcel = models.ForeignKey(
        "inventory.Parcel", models.PROTECT, related_name="+", verbose_name=_("joint parcel")
    )
    order = models.ForeignKey(Order, models.PROTECT, related_name="merges", verbose_name=_("order"))

    class Meta:
        verbose_name = _("order in a joint parcel")
        verbose_name_plural = _("orders in joint parcels")
        ordering = ("parcel", "order")
        constraints = [
            models.UniqueConstraint(name="ordermerge_once", fields=["parcel", "order"]),
        ]

    def __str__(self) -> str:
        return f"{self.parcel_id}: {self.order_id}"


class OrderNote(models.Model):
    """What somebody noted about an order; append-only."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="notes", verbose_name=_("order"))
    text = models.CharField(_("note"), max_length=400)
    at = models.DateTimeField(_("at"))
    person_id = models.BigIntegerField(_("person"), null=True)

    class Meta:
        verbose_name = _("order note")
        verbose_name_plural = _("order notes")
        ordering = ("order", "id")
        constraints = [models.CheckConstraint(name="ordernote_says", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.text[:40]}"
