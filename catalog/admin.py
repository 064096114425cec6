"""Record screens of the catalogue: they show, nothing more."""

from __future__ import annotations

from django.contrib import admin

from catalog.models import CategoryMove, CategoryRule, CodeRule, IssuedCode, SkuAlias
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")


@admin.register(CodeRule)
class CodeRuleAdmin(ReadOnlyAdmin):
    """Versions of the coding rule."""

    policy = _VIEW
    list_display = ("pattern", "category", "version", "starts_on", "decided_at")
    list_select_related = ("category",)
    ordering = ("-id",)


@admin.register(IssuedCode)
class IssuedCodeAdmin(ReadOnlyAdmin):
    """Every code that was ever given."""

    policy = _VIEW
    list_display = ("code", "sku", "rule", "issued_at")
    list_select_related = ("sku", "rule")
    search_fields = ("code",)
    ordering = ("-id",)


@admin.register(SkuAlias)
class SkuAliasAdmin(ReadOnlyAdmin):
    """What others call our SKUs."""

    policy = _VIEW
    list_display = ("code", "kind", "source", "sku", "named_at")
    list_select_related = ("sku",)
    search_fields = ("code",)
    ordering = ("-id",)


@admin.register(CategoryRule)
class CategoryRuleAdmin(ReadOnlyAdmin):
    """What categories ask, in versions."""

    policy = _VIEW
    list_display = ("category", "version", "starts_on", "reason", "decided_at")
    list_select_related = ("category",)
    ordering = ("-id",)


@admin.register(CategoryMove)
class CategoryMoveAdmin(ReadOnlyAdmin):
    """Where categories stood."""

    policy = _VIEW
    list_display = ("category", "from_parent", "to_parent", "reason", "moved_at")
    list_select_related = ("category", "from_parent", "to_parent")
    ordering = ("-id",)
