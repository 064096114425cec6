"""Stock counts: the book frozen, counted blind, recounted, explained (SCM-2.3-05, -06, -07)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import CountKind, CountState, VarianceCause, VarianceTreatment
from inventory.models.places import Location, Lot, Warehouse


class StockCount(models.Model):
    """One count of one warehouse, or of some of its places."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="counts", verbose_name=_("warehouse")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=CountKind)
    period = models.CharField(_("period"), max_length=16, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=CountState, default=CountState.OPEN)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.BigIntegerField(_("opened by"), null=True, blank=True)
    book_at = models.DateTimeField(_("book frozen at"), null=True, blank=True)
    book_move_id = models.BigIntegerField(_("book frozen at move"), null=True, blank=True)
    closed_at = models.DateTimeField(_("counting closed at"), null=True, blank=True)
    book_pieces = models.BigIntegerField(_("book quantity"), null=True, blank=True)
    book_value = models.DecimalField(
        _("book value"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    posted_on = models.DateField(_("posted on"), null=True, blank=True)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="stockcount_state_known", condition=Q(state__in=CountState.values)
            ),
            models.UniqueConstraint(
                name="stockcount_once_per_period",
                fields=["warehouse", "kind", "period"],
                condition=~Q(period="") & ~Q(state="cancelled"),
            ),
            models.CheckConstraint(
                name="stockcount_started_has_a_book",
                condition=Q(state__in=["open", "cancelled"])
                | Q(book_at__isnull=False, book_move_id__isnull=False),
            ),
            models.CheckConstraint(
                name="stockcount_posted_has_its_day",
                condition=Q(state="posted", posted_on__isnull=False)
                | (~Q(state="posted") & Q(posted_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="stockcount_book_whole",
                condition=Q(book_pieces__isnull=True, book_value__isnull=True)
                | Q(
                    book_pieces__isnull=False,
                    book_value__isnull=False,
                    book_pieces__gte=0,
                    book_value__gte=0,
                ),
            ),
        ]
        indexes = [models.Index(name="stockcount_at_work", fields=["warehouse", "state", "id"])]

    def __str__(self) -> str:
        return self.number


class CountSheet(models.Model):
    """The places of one location to be counted; signed by two persons."""

    count = models.ForeignKey(
        StockCount, models.PROTECT, related_name="sheets", verbose_name=_("stock count")
    )
    sheet_no = models.IntegerField(_("sheet"))
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("location")
    )
    keeper_id = models.BigIntegerField(_("signed by the keeper"), null=True, blank=True)
    keeper_at = models.DateTimeField(_("signed by the keeper at"), null=True, blank=True)
    finance_id = models.BigIntegerField(_("signed by finance"), null=True, blank=True)
    finance_at = models.DateTimeField(_("signed by finance at"), null=True, blank=True)

    class Meta:
        verbose_name = _("count sheet")
        verbose_name_plural = _("count sheets")
        ordering = ("count", "sheet_no")
        constraints = [
            models.UniqueConstraint(name="countsheet_once", fields=["count", "sheet_no"]),
            models.UniqueConstraint(name="countsheet_location_once", fields=["count", "location"]),
            models.UniqueConstraint(name="countsheet_with_count", fields=["id", "count"]),
            models.CheckConstraint(
                name="countsheet_signatures_whole",
                condition=Q(keeper_id__isnull=True, keeper_at__isnull=True)
                | Q(keeper_id__isnull=False, keeper_at__isnull=False),
            ),
            models.CheckConstraint(
                name="countsheet_finance_signature_whole",
                condition=Q(finance_id__isnull=True, finance_at__isnull=True)
                | Q(finance_id__isnull=False, finance_at__isnull=False),
            ),
            models.CheckConstraint(
                name="countsheet_two_persons",
                condition=Q(keeper_id__isnull=True)
                | Q(finance_id__isnull=True)
                | ~Q(keeper_id=F("finance_id")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count_id}/{self.sheet_no}"


class CountLine(models.Model):
    """What the book says is at a place, what was found there, and why they differ.

    `expected` is the book plus what moved until the line was counted, at number `counted_seq` of
    the balance; goods go in and out while others count. The row is keyed by its sheet alone: SKU,
    lot and place come from a balance or are checked on entry, so that a hundred thousand rows
    freeze in one statement of a second.
    """

    count = models.ForeignKey(
        StockCount,
        models.PROTECT,
        related_name="+",
        verbose_name=_("stock count"),
        db_constraint=False,  # the key (sheet, count) made by migration says more
        db_index=False,
    )
    sheet = models.ForeignKey(
        CountSheet,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("sheet"),
        db_constraint=False,
        db_index=False,
    )
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        related_name="+",
        verbose_name=_("location"),
        db_constraint=False,
        db_index=False,
    )
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
    book_quantity = models.BigIntegerField(_("book"))
    book_seq = models.BigIntegerField(_("book at number"))
    counted = models.BigIntegerField(_("first count"), null=True, blank=True)
    counted_by = models.BigIntegerField(_("counted by"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    counted_seq = models.BigIntegerField(_("counted at number"), null=True, blank=True)
    expected = models.BigIntegerField(_("book when counted"), null=True, blank=True)
    needs_recount = models.BooleanField(_("must be counted again"), default=False)
    recounted = models.BigIntegerField(_("recount"), null=True, blank=True)
    recounted_by = models.BigIntegerField(_("recounted by"), null=True, blank=True)
    recounted_at = models.DateTimeField(_("recounted at"), null=True, blank=True)
    variance = models.BigIntegerField(_("difference"), default=0)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=2, default=0)
    cause = models.CharField(_("cause"), max_length=12, choices=VarianceCause, blank=True)
    responsible = models.CharField(_("responsible"), max_length=80, blank=True)
    treatment = models.CharField(
        _("treatment"), max_length=8, choices=VarianceTreatment, blank=True
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("count line")
        verbose_name_plural = _("count lines")
        ordering = ("count", "id")
        constraints = [
            models.UniqueConstraint(
                name="countline_once",
                fields=["count", "location", "sku", "lot"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="countline_counted_whole",
                condition=Q(counted__isnull=True, counted_at__isnull=True, counted_seq__isnull=True)
                | Q(
                    counted__gte=0,
                    counted_at__isnull=False,
                    counted_seq__isnull=False,
                    expected__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="countline_recounted_whole",
                condition=Q(recounted__isnull=True, recounted_by__isnull=True)
                | Q(recounted__gte=0, recounted_by__isnull=False, counted__isnull=False),
            ),
            models.CheckConstraint(
                name="countline_recounted_by_another",
                condition=Q(recounted_by__isnull=True)
                | Q(counted_by__isnull=True)
                | ~Q(recounted_by=F("counted_by")),
            ),
            models.CheckConstraint(
                name="countline_unknown_cause_has_note",
                condition=~Q(cause="not_found") | ~Q(note=""),
            ),
        ]
        indexes = [
            models.Index(
                name="countline_different", fields=["count", "id"], condition=~Q(variance=0)
            ),
            models.Index(
                name="countline_differed_here",
                fields=["location", "sku"],
                condition=~Q(variance=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count_id}: {self.sku_id}"
