"""Audit bundles that were made here, and by whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AuditBundle(models.Model):
    """One file of audit facts with their anchors, made for an auditor. Append-only.

    PII: who made it, kept with the trail; the file holds the trail's own.
    """

    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    facts = models.BigIntegerField(_("facts"))
    first_anchor = models.BigIntegerField(_("first anchor"))
    last_anchor = models.BigIntegerField(_("last anchor"))
    strays = models.BigIntegerField(_("facts outside the sequence"))
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_name = models.CharField(_("stored as"), max_length=80, unique=True)
    made_by = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("made by (person)"),
    )
    maker_name = models.CharField(_("made by"), max_length=150)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("audit bundle")
        verbose_name_plural = _("audit bundles")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="auditbundle_days_in_order", condition=Q(last_on__gte=F("first_on"))
            ),
            models.CheckConstraint(
                name="auditbundle_hash_is_sha256", condition=Q(sha256__regex="^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="auditbundle_anchors_in_order",
                condition=Q(first_anchor__gte=1, last_anchor__gte=F("first_anchor")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_on} .. {self.last_on}"
