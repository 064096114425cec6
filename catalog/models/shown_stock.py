"""The stock figure each channel shows, and the log by which it was kept right (CAT-4.3-10)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.shown_stock import SyncKind, SyncWhy
from catalog.models.products import Channel, Sku


class ChannelBuffer(models.Model):
    """Pieces held back from what a channel shows; rows only grow and the newest counts.

    Without a SKU it holds for all of the channel that have none of their own.
    """

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    sku = models.ForeignKey(
        Sku,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("SKU"),
        db_index=False,
    )
    pieces = models.PositiveIntegerField(_("held back"))
    reason = models.CharField(_("reason"), max_length=200)
    set_by = models.BigIntegerField(_("set by"), null=True)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("buffer of a channel")
        verbose_name_plural = _("buffers of channels")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="channelbuffer_says_why", condition=~Q(reason="")),
        ]
        indexes = [models.Index(name="channelbuffer_newest", fields=["channel", "sku", "-id"])]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.pieces}"


class ShownStock(models.Model):
    """The figure a channel was told to show of a SKU, and what it was last seen showing."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    pieces = models.BigIntegerField(_("told"))
    told_at = models.DateTimeField(_("told at"))
    seen = models.BigIntegerField(_("seen in the channel"), null=True, blank=True)
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("stock shown")
        verbose_name_plural = _("stock shown")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="shownstock_once", fields=["channel", "sku"]),
            models.CheckConstraint(name="shownstock_not_below_none", condition=Q(pieces__gte=0)),
            models.CheckConstraint(
                name="shownstock_seen_whole",
                condition=Q(seen__isnull=True, seen_at__isnull=True)
                | Q(seen__gte=0, seen_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="shownstock_told", fields=["channel", "told_at"])]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.channel_id}: {self.pieces}"


class StockPush(models.Model):
    """One message to a channel with the figures that are new; rows only grow."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    why = models.CharField(_("why"), max_length=8, choices=SyncWhy)
    at = models.DateTimeField(_("at"))
    told = models.PositiveIntegerField(_("figures told"))
    differed = models.PositiveIntegerField(_("differences"))

    class Meta:
        verbose_name = _("message of stock")
        verbose_name_plural = _("messages of stock")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="stockpush_why_known", condition=Q(why__in=SyncWhy.values)),
            models.CheckConstraint(
                name="stockpush_tells_something",
                condition=Q(told__gte=1) & Q(told__gte=F("differed")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.at}"


class StockSyncEntry(models.Model):
    """One figure that was told anew, with what stood there before; rows only grow.

    `stood` is what the channel showed (a difference) or was last told; none at first.
    """

    push = models.ForeignKey(
        StockPush, models.PROTECT, related_name="entries", verbose_name=_("message")
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    kind = models.CharField(_("kind"), max_length=8, choices=SyncKind)
    stood = models.BigIntegerField(_("stood there"), null=True)
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    available = models.BigIntegerField(_("free to sell"))
    buffer = models.PositiveIntegerField(_("held back"))
    pieces = models.BigIntegerField(_("told"))

    class Meta:
        verbose_name = _("entry of the stock log")
        verbose_name_plural = _("entries of the stock log")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="stocksyncentry_kind_known", condition=Q(kind__in=SyncKind.values)
            ),
            models.CheckConstraint(
                name="stocksyncentry_is_right",
                condition=Q(pieces=0) | Q(pieces__gt=0, pieces=F("available") - F("buffer")),
            ),
            models.CheckConstraint(
                name="stocksyncentry_says_something_new",
                condition=Q(stood__isnull=True, kind=SyncKind.CHANGED)
                | Q(stood__isnull=False, kind=SyncKind.CHANGED) & ~Q(stood=F("pieces"))
                | Q(kind=SyncKind.DIFFERED, stood__isnull=False, seen_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="stocksyncentry_differed", fields=["kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.pieces}"
