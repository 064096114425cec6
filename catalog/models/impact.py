"""What a proposal would do and did, kept beside its approval."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.impact import ImpactKind, ImpactSubject
from catalog.models.products import Channel


class ImpactReport(models.Model):
    """One forecast or outcome of a price change or promotion; append-only.

    `content_hash` names what was replayed: a report of another content is not this proposal's.
    `rows` holds the most moved SKUs and baskets behind the figures.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=ImpactKind)
    subject_type = models.CharField(_("subject"), max_length=32, choices=ImpactSubject)
    subject_id = models.BigIntegerField(_("number of the subject"))
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    content_hash = models.CharField(_("content hash"), max_length=64)
    window_days = models.PositiveSmallIntegerField(_("days"))
    first = models.DateField(_("first business day"))
    last = models.DateField(_("last business day"))
    figures = models.JSONField(_("figures"))
    rows = models.JSONField(_("rows"))
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    made_by = models.BigIntegerField(_("made by"), null=True, blank=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("impact report")
        verbose_name_plural = _("impact reports")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="impactreport_kind_known", condition=Q(kind__in=ImpactKind.values)
            ),
            models.CheckConstraint(
                name="impactreport_subject_known",
                condition=Q(subject_type__in=ImpactSubject.values),
            ),
            models.CheckConstraint(
                name="impactreport_days_in_order",
                condition=Q(last__gte=F("first"), window_days__gte=1, window_days__lte=366),
            ),
            models.CheckConstraint(
                name="impactreport_names_its_content",
                condition=Q(content_hash__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="impactreport_outcome_has_approval",
                condition=Q(kind=ImpactKind.FORECAST) | Q(approval__isnull=False),
            ),
            models.UniqueConstraint(
                name="impactreport_outcome_once_a_day",
                fields=["approval", "last"],
                condition=Q(kind=ImpactKind.OUTCOME),
            ),
        ]
        indexes = [
            models.Index(name="impactreport_subject", fields=["subject_type", "subject_id", "id"])
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.kind}"
