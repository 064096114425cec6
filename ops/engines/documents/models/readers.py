"""Who said they understood a version, and what the owner's department said it means."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ops.engines.documents.models.library import DocumentVersion


class DocumentReading(models.Model):
    """One person's word that they read and understood a version; never changed.

    PII: who read it, kept as long as the document.
    """

    version = models.ForeignKey(
        DocumentVersion, models.PROTECT, related_name="readings", verbose_name=_("version")
    )
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("person")
    )
    digest = models.CharField(_("digest read"), max_length=64)
    at = models.DateTimeField(_("confirmed at"))

    class Meta:
        verbose_name = _("reading of a rule")
        verbose_name_plural = _("readings of rules")
        constraints = [
            models.UniqueConstraint(name="documentreading_once", fields=["version", "person"]),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.person_id}"


class Interpretation(models.Model):
    """What a passage means, said by the owner's department (ANX-8.2-03); never changed.

    PII: who said it, kept as long as the document.
    """

    version = models.ForeignKey(
        DocumentVersion, models.PROTECT, related_name="interpretations", verbose_name=_("version")
    )
    passage = models.CharField(_("passage"), max_length=120)
    question = models.TextField(_("question"))
    answer = models.TextField(_("answer"))
    author = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("author")
    )
    at = models.DateTimeField(_("published at"))

    class Meta:
        verbose_name = _("interpretation")
        verbose_name_plural = _("interpretations")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="interpretation_says_something",
                condition=~Q(passage="") & ~Q(question="") & ~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.passage}"
