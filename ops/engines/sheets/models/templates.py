"""Templates and their versions: a version is written once and never changes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Template(models.Model):
    """One declared kind of sheet; its declaration holds all but the items."""

    key = models.CharField(_("key"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("sheet template")
        verbose_name_plural = _("sheet templates")
        ordering = ("key",)

    def __str__(self) -> str:
        return self.key


class TemplateVersion(models.Model):
    """The items of a template from one day on: the declared ones, or what the owner approved."""

    template = models.ForeignKey(
        Template, models.PROTECT, related_name="versions", verbose_name=_("sheet template")
    )
    number = models.PositiveIntegerField(_("version"))
    items = models.JSONField(_("items"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    valid_from = models.DateField(_("valid from"))
    is_declared = models.BooleanField(_("declared with the product"))
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        ordering = ("template", "number")
        constraints = [
            models.UniqueConstraint(
                name="templateversion_number_once", fields=["template", "number"]
            ),
            models.UniqueConstraint(name="templateversion_of_template", fields=["id", "template"]),
            models.CheckConstraint(
                name="templateversion_declared_or_approved",
                condition=Q(is_declared=True, approval__isnull=True)
                | Q(is_declared=False, approval__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"
