"""Who looked at which personal text, when and why; so many a day and no more (CRM-3.1-03)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.choices import PersonalField, Purpose
from customers.rules import REVEALS_A_DAY

from .customers import Customer
from .orders import Order


class Reveal(models.Model):
    """One look at one personal text; append-only, numbered within the person's day."""

    person_id = models.BigIntegerField(_("person"))
    day = models.DateField(_("business day"))
    nr = models.PositiveSmallIntegerField(_("number of the day"))
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="reveals", verbose_name=_("customer")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("order")
    )
    field = models.CharField(_("field"), max_length=12, choices=PersonalField)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reveal")
        verbose_name_plural = _("reveals")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="reveal_once", fields=["person_id", "day", "nr"]),
            models.CheckConstraint(
                name="reveal_within_limit", condition=Q(nr__gte=1, nr__lte=REVEALS_A_DAY)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.day} #{self.nr}"
