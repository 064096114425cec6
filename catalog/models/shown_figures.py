"""What channels say of the places they show goods in: shown, clicked, ordered, day by day."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.display import DisplaySlot
from catalog.models.products import Sku
from catalog.models.recommendations import RecommendationSet


class ShownFigure(models.Model):
    """How often a good was shown in one place on one business day, clicked and ordered from there.

    The place is a slot of a display plan or a version of the recommendations, and belongs to one
    channel. A figure told later replaces the former one, which the database keeps beside it. An
    order counts for the click that led to it; `orders` is none where the channel does not tell.
    """

    slot = models.ForeignKey(
        DisplaySlot,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="figures",
        verbose_name=_("display slot"),
        db_index=False,
    )
    set = models.ForeignKey(
        RecommendationSet,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="figures",
        verbose_name=_("recommendation set"),
        db_index=False,
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    day = models.DateField(_("business day"))
    shown = models.BigIntegerField(_("times shown"))
    clicks = models.BigIntegerField(_("clicks"))
    orders = models.BigIntegerField(_("orders from there"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)
    told_by = models.BigIntegerField(_("told by"), null=True, blank=True)
    told_at = models.DateTimeField(_("told at"))

    class Meta:
        verbose_name = _("figure of a place")
        verbose_name_plural = _("figures of places")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="shownfigure_of_one_place",
                condition=Q(slot__isnull=False, set__isnull=True)
                | Q(slot__isnull=True, set__isnull=False),
            ),
            models.UniqueConstraint(
                name="shownfigure_once_a_day",
                fields=["slot", "set", "day", "sku"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="shownfigure_clicks_were_shown",
                condition=Q(shown__gte=F("clicks"), clicks__gte=0),
            ),
            models.CheckConstraint(
                name="shownfigure_orders_were_clicked",
                condition=Q(orders__isnull=True) | Q(orders__gte=0, orders__lte=F("clicks")),
            ),
            models.CheckConstraint(name="shownfigure_has_a_source", condition=~Q(source="")),
        ]
        indexes = [models.Index(name="shownfigure_of_set", fields=["set", "day"])]

    def __str__(self) -> str:
        return f"{self.day}: {self.sku_id}"


class ShownFigureTrace(models.Model):
    """A figure that a later one replaced; written by the database alone."""

    figure = models.ForeignKey(
        ShownFigure, models.PROTECT, related_name="traces", verbose_name=_("figure of a place")
    )
    shown = models.BigIntegerField(_("times shown"))
    clicks = models.BigIntegerField(_("clicks"))
    orders = models.BigIntegerField(_("orders from there"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)
    told_by = models.BigIntegerField(_("told by"), null=True, blank=True)
    told_at = models.DateTimeField(_("told at"))
    replaced_at = models.DateTimeField(_("replaced at"))

    class Meta:
        verbose_name = _("replaced figure of a place")
        verbose_name_plural = _("replaced figures of places")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.figure_id}: {self.told_at}"
