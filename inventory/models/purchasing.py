"""Whom we buy from and what we ordered (SCM-2.4-01)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import PurchaseState, SupplierState
from inventory.models.places import Warehouse


class Supplier(models.Model):
    """A business we buy goods from; who to talk to, nothing about its bank."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    state = models.CharField(
        _("state"), max_length=10, choices=SupplierState, default=SupplierState.ACTIVE
    )
    contact = models.CharField(_("contact"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.CharField(_("e-mail"), max_length=120, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    region = models.CharField(_("province"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="supplier_state_known", condition=Q(state__in=SupplierState.values)
            ),
            models.CheckConstraint(name="supplier_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class PurchaseOrder(models.Model):
    """Goods ordered from one supplier for one warehouse, from draft to closed."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, related_name="purchases", verbose_name=_("supplier")
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="purchases", verbose_name=_("warehouse")
    )
    state = models.CharField(
        _("state"), max_length=16, choices=PurchaseState, default=PurchaseState.DRAFT
    )
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    total = models.DecimalField(_("total"), max_digits=20, decimal_places=2, default=0)
    drafted_by = models.BigIntegerField(_("drafted by"))
    drafted_at = models.DateTimeField(_("drafted at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="purchaseorder_with_drafter", fields=["id", "drafted_by"]),
            models.CheckConstraint(
                name="purchaseorder_state_known", condition=Q(state__in=PurchaseState.values)
            ),
            models.CheckConstraint(name="purchaseorder_total_sane", condition=Q(total__gte=0)),
        ]
        indexes = [
            models.Index(name="purchaseorder_at_work", fields=["state", "id"]),
        ]

    def __str__(self) -> str:
        return self.number


class PurchaseLine(models.Model):
    """One SKU of a purchase order; without a plan behind it, it needs a written reason."""

    purchase = models.ForeignKey(
        PurchaseOrder, models.CASCADE, related_name="lines", verbose_name=_("purchase order")
    )
    line_no = models.IntegerField(_("line"))
    sku = models.ForeignKey("catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"))
    quantity = models.BigIntegerField(_("quantity"))
    unit_cost = models.DecimalField(_("unit cost"), max_digits=20, decimal_places=6)
    amount = models.GeneratedField(
        expression=models.Func(
            F("quantity") * F("unit_cost"),
            2,
            function="ROUND",
            output_field=models.DecimalField(max_digits=22, decimal_places=2),
        ),
        output_field=models.DecimalField(max_digits=22, decimal_places=2),
        db_persist=True,
        verbose_name=_("amount"),
    )
    plan_ref = models.CharField(_("plan reference"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    received = models.BigIntegerField(_("received"), default=0)

    class Meta:
        verbose_name = _("line of a purchase order")
        verbose_name_plural = _("lines of purchase orders")
        ordering = ("purchase", "line_no")
        constraints = [
            models.UniqueConstraint(name="purchaseline_once", fields=["purchase", "line_no"]),
            models.UniqueConstraint(name="purchaseline_sku_once", fields=["purchase", "sku"]),
            models.CheckConstraint(
                name="purchaseline_quantity_positive", condition=Q(quantity__gt=0)
            ),
            models.CheckConstraint(
                name="purchaseline_unit_cost_sane",
                condition=Q(unit_cost__gte=0, unit_cost__lt=10**13),
            ),
            models.CheckConstraint(
                name="purchaseline_planned_or_explained",
                condition=~Q(plan_ref="") | ~Q(reason=""),
            ),
            models.CheckConstraint(name="purchaseline_received_sane", condition=Q(received__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.purchase_id}/{self.line_no}"
