"""Safety equipment: what hangs where, and when somebody must look at it again (SCM-2.2-10)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import EquipmentKind
from inventory.models.places import Warehouse


class SafetyEquipment(models.Model):
    """One extinguisher, detector, alarm or lock, its place, and its next inspection."""

    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="safety_equipment", verbose_name=_("warehouse")
    )
    code = models.CharField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=14, choices=EquipmentKind)
    place = models.CharField(_("place"), max_length=120)
    inspected_on = models.DateField(_("last inspection"))
    next_inspection_on = models.DateField(_("next inspection"))
    noted_at = models.DateTimeField(_("noted at"))
    told_of = models.DateField(_("alert given for the date"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("safety equipment")
        verbose_name_plural = _("safety equipment")
        ordering = ("warehouse", "code")
        constraints = [
            models.UniqueConstraint(name="equipment_code_once", fields=["warehouse", "code"]),
            models.CheckConstraint(
                name="equipment_has_place", condition=~Q(code="") & ~Q(place="")
            ),
            models.CheckConstraint(
                name="equipment_next_after_last",
                condition=Q(next_inspection_on__gt=F("inspected_on")),
            ),
        ]
        indexes = [
            models.Index(
                name="equipment_due", fields=["next_inspection_on"], condition=Q(is_active=True)
            )
        ]

    def __str__(self) -> str:
        return self.code
