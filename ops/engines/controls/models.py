"""What controls answered: each new piece of evidence, from when to when it holds."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ops.engines.controls.declaring import ControlKind


class ControlResult(models.Model):
    """One piece of evidence of one control of one clause; never changed. PII: none."""

    clause = models.CharField(_("clause"), max_length=12)
    kind = models.CharField(_("kind"), max_length=12)
    name = models.CharField(_("control"), max_length=80)
    owner = models.CharField(_("owner"), max_length=80, blank=True)
    reference = models.CharField(_("reference of the evidence"), max_length=200, blank=True)
    effective_from = models.DateTimeField(_("evidence of"))
    effective_until = models.DateTimeField(_("holds until"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("result of a control")
        verbose_name_plural = _("results of controls")
        constraints = [
            models.UniqueConstraint(
                name="controlresult_once", fields=["clause", "kind", "name", "effective_from"]
            ),
            models.CheckConstraint(
                name="controlresult_kind_known",
                condition=Q(kind__in=[str(kind) for kind in ControlKind]),
            ),
            models.CheckConstraint(
                name="controlresult_holds_forward",
                condition=Q(effective_until__isnull=True)
                | Q(effective_until__gt=F("effective_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clause} {self.name}"
