"""What categories ask of their goods from a day on, and where each category stood before."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Category


class CategoryRule(models.Model):
    """One version of a category's own word (`rules.categories.Demands`); rows only ever grow."""

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="+", verbose_name=_("category")
    )
    version = models.PositiveIntegerField(_("version"))
    starts_on = models.DateField(_("starts on"))
    content = models.JSONField(_("content"))
    reason = models.CharField(_("reason"), max_length=200)
    decided_by = models.BigIntegerField(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("category rule")
        verbose_name_plural = _("category rules")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="categoryrule_version_once", fields=["category", "version"]
            ),
            models.CheckConstraint(name="categoryrule_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} v{self.version}"

    @property
    def attribute_rows(self) -> list[dict[str, Any]]:
        """Return the attributes as rows, choices as one text with commas between."""
        return [{**one, "choices": ",".join(one["choices"])} for one in self.content["attributes"]]

    @property
    def document_rows(self) -> list[dict[str, str]]:
        """Return the mandatory documents as rows of key and title."""
        return [{"key": key, "title": title} for key, title in self.content["documents"]]

    @property
    def scope_item(self) -> str:
        """Return the item of the business scope the goods fall under; empty: inherited."""
        return str(self.content["scope_item"])

    @property
    def storage_class(self) -> str:
        """Return how the goods are stored; empty: inherited."""
        return str(self.content["storage_class"])


class CategoryMove(models.Model):
    """A category went from one shelf to another; rows only ever grow."""

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="moves", verbose_name=_("category")
    )
    from_parent = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", verbose_name=_("from")
    )
    to_parent = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", verbose_name=_("to")
    )
    reason = models.CharField(_("reason"), max_length=200)
    moved_by = models.BigIntegerField(_("moved by"), null=True)
    moved_at = models.DateTimeField(_("moved at"))

    class Meta:
        verbose_name = _("move of a category")
        verbose_name_plural = _("moves of categories")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="categorymove_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.category_id}: {self.from_parent_id} → {self.to_parent_id}"
