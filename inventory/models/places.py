"""Where goods can be: warehouses, typed locations, lots."""

from __future__ import annotations

from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import INTERNAL_KINDS, VIRTUAL_KINDS, LocationKind


class Warehouse(models.Model):
    """A building or an area of its own in which we keep goods."""

    code = models.CharField(_("code"), max_length=40)
    code_key = models.CharField(_("code key"), max_length=80, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # From this day on goods come and go only after the signed opening check (SCM-2.2-09).
    checked_since = models.DateField(_("opening checks since"), null=True, blank=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering = ("code",)
        permissions = [("work_in", _("May work in this warehouse"))]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """A typed place; goods are ours in internal kinds and somebody else's in virtual ones.

    Kind and warehouse never change: the app role may not update those columns.
    """

    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="locations",
        verbose_name=_("warehouse"),
    )
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=LocationKind)
    is_default = models.BooleanField(_("default of its kind"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_internal = models.GeneratedField(
        expression=ExpressionWrapper(
            Q(kind__in=[kind.value for kind in INTERNAL_KINDS]), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        verbose_name=_("ours"),
    )

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ("warehouse", "code")
        constraints = [
            models.UniqueConstraint(
                name="location_code_once", fields=["warehouse", "code"], nulls_distinct=False
            ),
            models.UniqueConstraint(
                name="location_one_default_per_kind",
                fields=["warehouse", "kind"],
                condition=Q(is_default=True),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(name="location_with_ours", fields=["id", "is_internal"]),
            models.CheckConstraint(
                name="location_warehouse_if_ours",
                condition=Q(
                    kind__in=[kind.value for kind in INTERNAL_KINDS], warehouse__isnull=False
                )
                | Q(kind__in=[kind.value for kind in VIRTUAL_KINDS], warehouse__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Lot(models.Model):
    """Goods of one SKU made or received together, traced together."""

    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="lots", verbose_name=_("SKU")
    )
    code = models.CharField(_("lot code"), max_length=64)
    made_on = models.DateField(_("made on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    received_on = models.DateField(_("received on"))
    supplier_code = models.CharField(_("supplier"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="lot_code_once_per_sku", fields=["sku", "code"]),
            models.UniqueConstraint(name="lot_with_sku", fields=["id", "sku"]),
            models.CheckConstraint(
                name="lot_expires_after_made",
                condition=Q(expires_on__isnull=True)
                | Q(made_on__isnull=True)
                | Q(expires_on__gte=models.F("made_on")),
            ),
            models.CheckConstraint(
                name="lot_made_before_it_came",
                condition=Q(made_on__isnull=True) | Q(made_on__lte=models.F("received_on")),
            ),
        ]
        indexes = [models.Index(name="lot_expiry", fields=["expires_on"])]

    def __str__(self) -> str:
        return self.code


class ShelfLife(models.Model):
    """What the goods of a category and of those below it must carry when they come in."""

    category = models.OneToOneField(
        "catalog.Category", models.PROTECT, related_name="+", verbose_name=_("category")
    )
    needs_expiry = models.BooleanField(_("needs an expiry date"))
    set_by = models.BigIntegerField(_("set by"), null=True, blank=True)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("shelf life")
        verbose_name_plural = _("shelf lives")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.category_id}: {self.needs_expiry}"
