"""The tree of categories today and at any day before, with what each asks (CAT-4.1-02)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from catalog.models import Category, CategoryMove, CategoryRule
from catalog.rules.categories import NOTHING, Demands, from_content, inherit
from catalog.types.categories import ShelfAt
from ops.engines.kernel.parse import BUSINESS_ZONE


def demands(*, category_ids: Collection[int], day: date) -> dict[int, Demands]:
    """Return what holds for each category on a day where it stands now, by id. Three queries."""
    paths = {
        pk: path.split(".")
        for pk, path in Category.objects.filter(pk__in=category_ids).values_list("pk", "path")
    }
    codes = {code for path in paths.values() for code in path}
    ids = dict(Category.objects.filter(code__in=codes).values_list("code", "pk"))
    own = _own(day, list(ids.values()))
    return {
        pk: inherit(own.get(ids.get(code, 0), NOTHING) for code in path)
        for pk, path in paths.items()
    }


def tree_at(*, day: date) -> list[ShelfAt]:
    """Return the whole tree as it stood at the end of a business day, parents first.

    Names are today's; places and rules are those of the day. Three queries.
    """
    end = datetime.combine(day + timedelta(days=1), time.min, BUSINESS_ZONE)
    rows = Category.objects.filter(Q(since__isnull=True) | Q(since__lt=end))
    there = {row.pk: row for row in rows}
    parents = {pk: row.parent_id for pk, row in there.items()}
    later = CategoryMove.objects.filter(moved_at__gte=end, category_id__in=there)
    # Newest first: what stands at the end is where the oldest later move came from.
    for move in later.order_by("-moved_at", "-pk"):
        parents[move.category_id] = move.from_parent_id
    below: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent in parents.items():
        below[parent].append(pk)
    own = _own(day, list(there))
    shelves: list[ShelfAt] = []
    waiting: list[tuple[int, int, Demands]] = [
        (pk, 0, NOTHING) for pk in sorted(below[None], key=lambda pk: there[pk].code, reverse=True)
    ]
    while waiting:
        pk, depth, above = waiting.pop()
        holds = inherit((above, own.get(pk, NOTHING)))
        shelves.append(
            ShelfAt(
                id=pk,
                code=there[pk].code,
                name=there[pk].name,
                parent_id=parents[pk],
                depth=depth,
                is_leaf=not below.get(pk),
                demands=holds,
            )
        )
        children = sorted(below.get(pk, ()), key=lambda one: there[one].code, reverse=True)
        waiting.extend((child, depth + 1, holds) for child in children)
    return shelves


def is_leaf(category_id: int) -> bool:
    """Say whether products may stand in a category."""
    return not Category.objects.filter(parent_id=category_id).exists()


def _own(day: date, category_ids: Collection[int]) -> dict[int, Demands]:
    """Return each category's own newest word on a day; one query."""
    rows = (
        CategoryRule.objects.filter(category_id__in=category_ids, starts_on__lte=day)
        .order_by("category_id", "-version")
        .distinct("category_id")
    )
    return {row.category_id: from_content(row.content) for row in rows}


def newest_rule() -> datetime | None:
    """Return when a category's rule was last decided: evidence of CAT-4.1-02."""
    return CategoryRule.objects.order_by("-pk").values_list("decided_at", flat=True).first()
