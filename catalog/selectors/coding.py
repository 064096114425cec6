"""Which coding rule holds for a category on a day, and what a SKU is called elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q

from catalog.models import Category, CodeRule, SkuAlias
from catalog.types.coding import CodeRuleInfo


def rule_for(*, category: Category, day: date) -> CodeRule | None:
    """Return the newest version of the nearest category above with a rule, or None. One query."""
    codes = category.path.split(".")
    found = (
        CodeRule.objects.filter(Q(category__isnull=True) | Q(category__code__in=codes))
        .filter(starts_on__lte=day)
        .select_related("category")
    )
    place = {code: depth for depth, code in enumerate(codes)}
    return max(
        found,
        key=lambda rule: (
            place.get(rule.category.code, -1) if rule.category else -1,
            rule.version,
        ),
        default=None,
    )


def skus_by_alias(*, kind: str, source: str, codes: Collection[str]) -> dict[str, int]:
    """Return the SKU ids of another system's codes, exact text; unknown ones are absent."""
    return dict(
        SkuAlias.objects.filter(kind=kind, source=source, code__in=codes).values_list(
            "code", "sku_id"
        )
    )


def rule_info(rule: CodeRule) -> CodeRuleInfo:
    """Return the plain form of a coding rule."""
    return CodeRuleInfo(
        id=rule.pk,
        category_id=rule.category_id,
        version=rule.version,
        pattern=rule.pattern,
        words=rule.words,
        starts_on=rule.starts_on,
        decided_at=rule.decided_at,
    )


def newest_rule() -> datetime | None:
    """Return when a coding rule was last decided: evidence of CAT-4.1-01."""
    return CodeRule.objects.order_by("-pk").values_list("decided_at", flat=True).first()
