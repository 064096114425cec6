"""What the checks of promotions found, before the start and every hour (CAT-4.4-04)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.promotions import CheckOccasion

from .promotions import Promotion


class PromotionCheck(models.Model):
    """One look at one promotion: each limit with what crossed it; append-only. The check log."""

    promotion = models.ForeignKey(
        Promotion, models.PROTECT, related_name="checks", verbose_name=_("promotion"),
        db_index=False,
    )  # fmt: skip
    checked_at = models.DateTimeField(_("checked at"))
    occasion = models.CharField(_("occasion"), max_length=8, choices=CheckOccasion)
    examined = models.PositiveIntegerField(_("SKUs examined"))
    below_floor = models.PositiveIntegerField(_("below the floor"))
    above_reference = models.PositiveIntegerField(_("above the reference price"))
    without_stock = models.PositiveIntegerField(_("out of stock"))
    used = models.DecimalField(_("budget used"), max_digits=20, decimal_places=2)
    budget = models.DecimalField(_("budget"), max_digits=20, decimal_places=2, null=True)
    findings = models.JSONField(_("what crossed a limit"), default=list)
    why = models.CharField(_("paused because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("check of a promotion")
        verbose_name_plural = _("checks of promotions")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="promotioncheck_occasion_known",
                condition=Q(occasion__in=CheckOccasion.values),
            ),
            models.CheckConstraint(
                name="promotioncheck_crossing_pauses",
                condition=Q(below_floor=0, above_reference=0) | ~Q(why=""),
            ),
        ]
        indexes = [models.Index(name="promotioncheck_newest", fields=["promotion", "-id"])]

    def __str__(self) -> str:
        return f"{self.promotion_id}: {self.checked_at:%Y-%m-%d %H:%M}"
