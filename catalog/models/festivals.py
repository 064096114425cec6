"""Festivals and seasons of the promotion calendar, each dated for its year (CAT-4.4-03)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.festivals import FestivalKind


class Festival(models.Model):
    """A festival or season of one year, both days included; a marked one wants a promotion.

    Lunar festivals move: each year is a row with the days of that year.
    """

    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=FestivalKind)
    starts_on = models.DateField(_("from day"))
    ends_on = models.DateField(_("until day"))
    is_marked = models.BooleanField(
        _("marked"), default=False, help_text=_("Wants a promotion; missing ones are reminded of.")
    )
    is_held = models.BooleanField(
        _("held"), default=True, help_text=_("One that is not held leaves the calendar.")
    )
    written_by = models.BigIntegerField(_("written by"), null=True, blank=True)
    written_at = models.DateTimeField(_("written at"), null=True, blank=True)

    class Meta:
        verbose_name = _("festival")
        verbose_name_plural = _("festivals")
        ordering = ("starts_on", "id")
        constraints = [
            models.UniqueConstraint(name="festival_once", fields=["name", "starts_on"]),
            models.CheckConstraint(
                name="festival_kind_known", condition=Q(kind__in=FestivalKind.values)
            ),
            models.CheckConstraint(name="festival_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="festival_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))
            ),
        ]
        indexes = [models.Index(name="festival_days", fields=["starts_on", "ends_on"])]

    def __str__(self) -> str:
        return f"{self.name} {self.starts_on:%Y}"
