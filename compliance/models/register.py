"""The register of clauses as loaded; the file beside the code is its only source."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.choices import Basis, ClauseKind, ItemKind


class RegisterEdition(models.Model):
    """One state of the register file that was loaded. PII: none."""

    sha256 = models.CharField(_("hash of the file"), max_length=64, unique=True)
    version = models.CharField(_("version"), max_length=20)
    clauses = models.PositiveIntegerField(_("clauses"))
    loaded_at = models.DateTimeField(_("loaded at"))

    class Meta:
        verbose_name = _("register edition")
        verbose_name_plural = _("register editions")

    def __str__(self) -> str:
        return self.sha256[:12]


class Clause(models.Model):
    """One demand of the rules; its number is never reused or taken back. PII: none."""

    code = models.CharField(_("number"), max_length=12, unique=True)
    chapter = models.CharField(_("chapter"), max_length=3)
    section = models.CharField(_("section"), max_length=8)
    position = models.PositiveIntegerField(_("position"))
    title_zh = models.CharField(_("title"), max_length=60)
    title_en = models.CharField(_("English title"), max_length=200)
    basis = models.CharField(_("basis"), max_length=7, choices=Basis)
    requirement = models.TextField(_("requirement"))
    requirement_zh = models.TextField(_("requirement in Chinese"), blank=True)
    kind = models.CharField(_("kind"), max_length=13, choices=ClauseKind)
    app = models.CharField(_("app"), max_length=20)
    behaviour = models.TextField(_("behaviour"))
    actors = models.JSONField(_("actors"), default=list)
    cadence = models.CharField(_("cadence"), max_length=120, blank=True)
    evidence = models.TextField(_("evidence"))
    priority = models.PositiveSmallIntegerField(_("priority"))
    jobs = models.JSONField(_("jobs"), default=list)
    approvals = models.JSONField(_("approval flows"), default=list)
    reports = models.JSONField(_("reports"), default=list)

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ("position",)
        constraints = [
            models.CheckConstraint(
                name="clause_number_well_formed",
                condition=Q(code__regex=r"^[A-Z]{2,3}-[0-9]\.[0-9]-[0-9]{2}$"),
            ),
            models.CheckConstraint(
                name="clause_priority_known", condition=Q(priority__in=[1, 2, 3])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title_zh}"


class ClauseSource(models.Model):
    """One passage of a source document behind a clause. PII: none."""

    clause = models.ForeignKey(
        Clause, models.CASCADE, related_name="sources", verbose_name=_("clause")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    document = models.CharField(_("document"), max_length=10)
    title = models.CharField(_("title of the document"), max_length=200)
    file = models.CharField(_("file"), max_length=60)
    article = models.CharField(_("article"), max_length=40)

    class Meta:
        verbose_name = _("source of a clause")
        verbose_name_plural = _("sources of clauses")
        ordering = ("clause", "position")
        constraints = [
            models.UniqueConstraint(name="clausesource_once", fields=["clause", "position"]),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.article}"


class RegisterItem(models.Model):
    """One entry of the lists beside the clauses: job, approval flow, report, role, document.

    PII: none.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=ItemKind)
    key = models.CharField(_("key"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"))
    body = models.JSONField(_("content"))

    class Meta:
        verbose_name = _("entry of the register")
        verbose_name_plural = _("entries of the register")
        ordering = ("kind", "position")
        constraints = [
            models.UniqueConstraint(name="registeritem_once", fields=["kind", "key"]),
            models.CheckConstraint(
                name="registeritem_kind_known", condition=Q(kind__in=ItemKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
