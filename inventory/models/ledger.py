"""The stock ledger: append-only moves, the balances and counters projected from them.

Only the database function `inventory_post` (and its like for history) writes these tables; the
app role may read them. That is what makes editing a quantity impossible (SCM-2.2-01).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import MoveReason
from inventory.models.places import Location, Lot, Warehouse

MOST_VALUE = 10**17


class Effect(models.Model):
    """The names of all effects that stock has ever had: the same name never counts twice."""

    key = models.CharField(_("effect key"), max_length=120, primary_key=True, db_collation="C")
    move_id = models.BigIntegerField(_("move"))

    class Meta:
        verbose_name = _("stock effect")
        verbose_name_plural = _("stock effects")

    def __str__(self) -> str:
        return self.key


class Move(models.Model):
    """Goods went from one place to another, for a reason, at a value fixed when posted.

    SKU, lot and places are kept honest by the balance rows of both sides, which carry the foreign
    keys; a key on each move would cost a history import more than the moves themselves.
    """

    sku = models.ForeignKey(
        "catalog.Sku",
        models.PROTECT,
        related_name="+",
        verbose_name=_("SKU"),
        db_constraint=False,
        db_index=False,
    )
    lot = models.ForeignKey(
        Lot,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lot"),
        db_constraint=False,
        db_index=False,
    )
    from_location = models.ForeignKey(
        Location,
        models.PROTECT,
        related_name="+",
        verbose_name=_("from"),
        db_constraint=False,
        db_index=False,
    )
    to_location = models.ForeignKey(
        Location,
        models.PROTECT,
        related_name="+",
        verbose_name=_("to"),
        db_constraint=False,
        db_index=False,
    )
    quantity = models.BigIntegerField(_("quantity"))
    unit_cost = models.DecimalField(_("unit cost"), max_digits=20, decimal_places=6)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=2)
    is_costed = models.BooleanField(_("cost known"))
    from_seq = models.BigIntegerField(_("number at the source"))
    to_seq = models.BigIntegerField(_("number at the destination"))
    reason = models.CharField(_("reason"), max_length=16, choices=MoveReason)
    source_type = models.CharField(_("document type"), max_length=40)
    source_id = models.BigIntegerField(_("document"))
    business_day = models.DateField(_("business day"))
    document_day = models.DateField(_("day of a late document"), null=True, blank=True)
    at = models.DateTimeField(_("moment"))
    person_id = models.BigIntegerField(_("posted by"), null=True, blank=True)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
        db_index=False,
    )
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reverses"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="move_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="move_between_two_places", condition=~Q(from_location=F("to_location"))
            ),
            models.CheckConstraint(
                name="move_value_sane", condition=Q(value__gte=0, value__lt=MOST_VALUE)
            ),
            models.CheckConstraint(
                name="move_unit_cost_sane", condition=Q(unit_cost__gte=0, unit_cost__lt=10**13)
            ),
            models.CheckConstraint(
                name="move_late_document_is_older",
                condition=Q(document_day__isnull=True) | Q(document_day__lt=F("business_day")),
            ),
            models.UniqueConstraint(
                name="move_reversed_once",
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="move_by_sku", fields=["sku", "id"]),
            models.Index(name="move_by_source", fields=["source_type", "source_id"]),
            models.Index(name="move_by_day", fields=["business_day", "id"]),
            models.Index(name="move_by_lot", fields=["lot", "id"], condition=Q(lot__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.quantity}"


class Balance(models.Model):
    """How much of a SKU (and lot) is at a place; `seq` counts the moves that made it so."""

    location = models.ForeignKey(
        Location,
        models.PROTECT,
        related_name="+",
        verbose_name=_("location"),
        db_constraint=False,  # the key (location, is_internal) made by migration says more
        db_index=False,
    )
    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    lot = models.ForeignKey(
        Lot,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lot"),
        db_constraint=False,  # the key (lot, sku) made by migration says more
        db_index=False,
    )
    on_hand = models.BigIntegerField(_("on hand"), default=0)
    seq = models.BigIntegerField(_("number of moves"), default=0)
    is_internal = models.BooleanField(_("ours"))

    class Meta:
        verbose_name = _("stock balance")
        verbose_name_plural = _("stock balances")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                name="balance_once", fields=["location", "sku", "lot"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="balance_never_negative",
                condition=Q(is_internal=False) | Q(on_hand__gte=0),
            ),
        ]
        indexes = [models.Index(name="balance_by_sku", fields=["sku", "location"])]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.location_id}: {self.on_hand}"


class Stock(models.Model):
    """The counter of one SKU in one warehouse: what can be sold, what is held, what it cost.

    `on_hand` counts the bins and `owned` all our places; value and average cost are of `owned`.
    """

    sku = models.ForeignKey(
        "catalog.Sku", models.PROTECT, related_name="+", verbose_name=_("SKU"), db_index=False
    )
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        related_name="+",
        verbose_name=_("warehouse"),
        db_index=False,  # the index of a warehouse's goods begins with it
    )
    on_hand = models.BigIntegerField(_("on hand"), default=0)
    reserved = models.BigIntegerField(_("reserved"), default=0)
    owned = models.BigIntegerField(_("owned"), default=0)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=2, default=0)
    avg_cost = models.DecimalField(_("average cost"), max_digits=20, decimal_places=6, default=0)
    is_costed = models.BooleanField(_("cost known"), default=False)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="stock_once", fields=["sku", "warehouse"]),
            models.CheckConstraint(
                name="stock_never_oversold",
                condition=Q(reserved__gte=0) & Q(on_hand__gte=F("reserved")),
            ),
            models.CheckConstraint(
                name="stock_owned_covers_on_hand", condition=Q(owned__gte=F("on_hand"))
            ),
            models.CheckConstraint(
                name="stock_value_sane", condition=Q(value__gte=0, value__lt=MOST_VALUE)
            ),
            models.CheckConstraint(
                name="stock_nothing_is_worth_nothing", condition=Q(owned__gt=0) | Q(value=0)
            ),
            models.CheckConstraint(
                name="stock_avg_cost_sane", condition=Q(avg_cost__gte=0, avg_cost__lt=10**13)
            ),
        ]
        indexes = [models.Index(name="stock_of_warehouse", fields=["warehouse", "sku"])]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.warehouse_id}: {self.on_hand}"


class HistoryLine(models.Model):
    """Staging of an import of history: filled by COPY, emptied by the posting (unlogged)."""

    batch_id = models.BigIntegerField(_("batch"), db_index=True)
    line_no = models.BigIntegerField(_("line"))
    sku_id = models.BigIntegerField(_("SKU"))
    quantity = models.BigIntegerField(_("quantity"))
    reason = models.CharField(_("reason"), max_length=16)
    business_day = models.DateField(_("business day"))
    at = models.DateTimeField(_("moment"))
    effect_key = models.CharField(_("effect key"), max_length=120, db_collation="C")
    unit_cost = models.DecimalField(
        _("unit cost"), max_digits=20, decimal_places=6, null=True, blank=True
    )

    class Meta:
        verbose_name = _("line of history")
        verbose_name_plural = _("lines of history")

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.line_no}"
