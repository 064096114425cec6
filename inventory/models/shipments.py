"""Goods on their way out and back in: shipments with what was picked, returns."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import ShipmentState
from inventory.models.places import Location, Lot, Warehouse
from inventory.models.reservations import Reservation


class Parcel(models.Model):
    """Shipments that go out in one box under one label; made by joining, never used twice."""

    joined_at = models.DateTimeField(_("joined at"))
    joined_by = models.BigIntegerField(_("joined by"), null=True, blank=True)

    class Meta:
        verbose_name = _("joint parcel")
        verbose_name_plural = _("joint parcels")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"#{self.pk}"


class Shipment(models.Model):
    """One parcel run of one document from one warehouse: picked, packed, shipped."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    source_type = models.CharField(_("document type"), max_length=40)
    source_id = models.BigIntegerField(_("document"))
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="shipments", verbose_name=_("warehouse")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=ShipmentState, default=ShipmentState.OPEN
    )
    parcel = models.ForeignKey(
        Parcel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="shipments",
        verbose_name=_("joint parcel"),
        db_index=False,
    )
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    tracking_no = models.CharField(_("tracking number"), max_length=64, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    picked_at = models.DateTimeField(_("picked at"), null=True, blank=True)
    packed_at = models.DateTimeField(_("packed at"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    shipped_on = models.DateField(_("shipped on"), null=True, blank=True)
    picked_by = models.BigIntegerField(_("picked by"), null=True, blank=True)
    packed_by = models.BigIntegerField(_("packed by"), null=True, blank=True)
    shipped_by = models.BigIntegerField(_("shipped by"), null=True, blank=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="shipment_shipped_has_its_day",
                condition=Q(state="shipped", shipped_at__isnull=False, shipped_on__isnull=False)
                | (~Q(state="shipped") & Q(shipped_at__isnull=True, shipped_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="shipment_packed_has_a_label",
                condition=~Q(state__in=["packed", "shipped"]) | ~Q(carrier=""),
            ),
        ]
        indexes = [
            models.Index(name="shipment_by_source", fields=["source_type", "source_id"]),
            models.Index(
                name="shipment_at_work",
                fields=["warehouse", "state", "id"],
                condition=Q(state__in=["open", "picked", "packed"]),
            ),
            models.Index(name="shipment_by_day", fields=["warehouse", "shipped_on"]),
            models.Index(
                name="shipment_by_parcel",
                fields=["parcel"],
                condition=Q(parcel__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ShipmentLine(models.Model):
    """Pieces of one SKU to ship; it consumes one reservation (no reservation, no shipment)."""

    shipment = models.ForeignKey(
        Shipment, models.PROTECT, related_name="lines", verbose_name=_("shipment")
    )
    line_no = models.IntegerField(_("line"))
    source_line = models.IntegerField(_("line of the document"))
    sku = models.ForeignKey("catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"))
    quantity = models.BigIntegerField(_("quantity"))
    reservation = models.ForeignKey(
        Reservation, models.PROTECT, related_name="+", verbose_name=_("reservation")
    )

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        ordering = ("shipment", "line_no")
        constraints = [
            models.UniqueConstraint(name="shipmentline_once", fields=["shipment", "line_no"]),
            models.CheckConstraint(
                name="shipmentline_quantity_positive", condition=Q(quantity__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id}/{self.line_no}"


class Pick(models.Model):
    """Where the pieces of a line are taken from; open until the shipment leaves or is undone."""

    line = models.ForeignKey(
        ShipmentLine, models.CASCADE, related_name="picks", verbose_name=_("shipment line")
    )
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("location")
    )
    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lot")
    )
    quantity = models.BigIntegerField(_("quantity"))
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("pick")
        verbose_name_plural = _("picks")
        ordering = ("line", "id")
        constraints = [
            models.CheckConstraint(name="pick_quantity_positive", condition=Q(quantity__gt=0)),
        ]
        indexes = [
            models.Index(name="pick_open", fields=["sku", "location"], condition=Q(is_open=True)),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity}"


class GoodsReturn(models.Model):
    """Goods a customer sent back, taken in under one key; `origin` is the document they left by."""

    key = models.CharField(_("return key"), max_length=120, unique=True, db_collation="C")
    source_type = models.CharField(_("document type"), max_length=40)
    source_id = models.BigIntegerField(_("document"))
    origin_type = models.CharField(_("original document type"), max_length=40, blank=True)
    origin_id = models.BigIntegerField(_("original document"), null=True, blank=True)
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    business_day = models.DateField(_("business day"))
    at = models.DateTimeField(_("moment"))

    class Meta:
        verbose_name = _("returned goods")
        verbose_name_plural = _("returned goods")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="goodsreturn_origin_whole",
                condition=Q(origin_type="", origin_id__isnull=True)
                | (~Q(origin_type="") & Q(origin_id__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="goodsreturn_by_origin",
                fields=["origin_type", "origin_id"],
                condition=Q(origin_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key
