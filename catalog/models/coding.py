"""How SKUs get their codes, every code that was ever given, and what others call a SKU."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.coding import AliasKind
from catalog.models.products import Category, Sku


class CodeRule(models.Model):
    """One version of the coding rule of a category and what lies below it; rows only ever grow.

    `shape` is the regular expression of its codes, so the database can refuse any other.
    """

    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("Empty: every category without a rule of its own."),
    )
    version = models.PositiveIntegerField(_("version"))
    pattern = models.CharField(_("pattern"), max_length=120)
    words = models.JSONField(_("codes of values"), default=dict)
    shape = models.TextField(_("shape"))
    starts_on = models.DateField(_("starts on"))
    decided_by = models.BigIntegerField(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("coding rule")
        verbose_name_plural = _("coding rules")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="coderule_version_once",
                fields=["category", "version"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="coderule_version_counts", condition=Q(version__gte=1)),
        ]

    def __str__(self) -> str:
        return self.pattern

    @property
    def word_rows(self) -> list[dict[str, str]]:
        """Return the codes of values as rows of part, value and code."""
        return [
            {"part": part, "value": value, "code": code}
            for part, listed in self.words.items()
            for value, code in listed.items()
        ]


class CodeSequence(models.Model):
    """The last number given behind one stem of codes."""

    stem = models.CharField(_("stem"), max_length=64, unique=True)
    last = models.BigIntegerField(_("last"))

    class Meta:
        verbose_name = _("code sequence")
        verbose_name_plural = _("code sequences")
        ordering = ("stem",)

    def __str__(self) -> str:
        return self.stem


class IssuedCode(models.Model):
    """A code a SKU of ours bears or bore: written by the database itself, never deleted."""

    code_key = models.CharField(_("code key"), max_length=80, unique=True)
    code = models.CharField(_("code"), max_length=64)
    sku = models.ForeignKey(
        Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"), db_constraint=False
    )
    rule = models.ForeignKey(
        CodeRule, models.PROTECT, null=True, related_name="+", verbose_name=_("coding rule")
    )
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("issued code")
        verbose_name_plural = _("issued codes")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.code


class SkuAlias(models.Model):
    """What a former system or a supplier calls a SKU: exact text, once per source."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="aliases", verbose_name=_("SKU"))
    kind = models.CharField(_("kind"), max_length=8, choices=AliasKind)
    source = models.CharField(_("source"), max_length=80)
    code = models.CharField(_("code"), max_length=64, db_collation="C")
    named_at = models.DateTimeField(_("named at"))

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="skualias_once", fields=["kind", "source", "code"]),
            models.CheckConstraint(
                name="skualias_kind_known", condition=Q(kind__in=AliasKind.values)
            ),
        ]

    def __str__(self) -> str:
        return self.code
