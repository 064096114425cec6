"""Goods that may stand on no shelf, until the ban is lifted (CAT-4.3-05)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Product


class GoodsBan(models.Model):
    """A product that no channel may sell; the shelf refuses it while the ban stands."""

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="bans", verbose_name=_("product")
    )
    source = models.CharField(_("case of the ban"), max_length=64)
    reason = models.CharField(_("reason"), max_length=400)
    banned_by = models.BigIntegerField(_("banned by"))
    banned_at = models.DateTimeField(_("banned at"))
    lifted_by = models.BigIntegerField(_("ban lifted by"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("ban lifted at"), null=True, blank=True)
    lifted_why = models.CharField(_("why the ban was lifted"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("ban of goods")
        verbose_name_plural = _("bans of goods")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="goodsban_one_stands", fields=["product"], condition=Q(lifted_at__isnull=True)
            ),
            models.CheckConstraint(
                name="goodsban_says_why", condition=~Q(source="") & ~Q(reason="")
            ),
            # Whoever banned goods does not let them back.
            models.CheckConstraint(
                name="goodsban_lifted_by_another",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_why="")
                | (
                    Q(lifted_at__isnull=False, lifted_by__isnull=False)
                    & ~Q(lifted_by=F("banned_by"))
                    & ~Q(lifted_why="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.source}"
