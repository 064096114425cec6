"""What categories ask of their goods, and where they stand (CAT-4.1-02)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Substr

from catalog.errors import categories as errors
from catalog.errors.coding import RuleNotNewer
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.events import CategoryMoved
from catalog.models import Category, CategoryMove, CategoryRule, Product
from catalog.rules.categories import Demands, as_content, read_demands
from catalog.types.categories import CategoryRuleInfo
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.numbering import services as numbering

UNSORTED = "未分类"


def set_category_rule(
    *,
    category_id: int,
    demands: Demands,
    starts_on: date,
    reason: str,
    actor: Actor,
    at: datetime,
) -> CategoryRuleInfo:
    """Decide what a category itself asks from a day on; what stands above it is inherited.

    Raises ThingMissing, ReasonNeeded, RuleNotNewer, BadInput.
    """
    why = parse.text(reason, most=200).strip()
    if not why:
        raise ReasonNeeded
    read = read_demands(demands)
    with transaction.atomic():
        _locked([category_id], actor)
        former = CategoryRule.objects.filter(category_id=category_id).aggregate(
            version=Max("version"), day=Max("starts_on")
        )
        if starts_on < max(parse.business_day(at), former["day"] or date.min):
            raise RuleNotNewer
        made = CategoryRule.objects.create(
            category_id=category_id,
            version=(former["version"] or 0) + 1,
            starts_on=starts_on,
            content=as_content(read),
            reason=why,
            decided_by=actor.person_id,
            decided_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.category_rule_set",
            obj=("catalog.category", category_id),
            body={"version": made.version, "starts_on": starts_on.isoformat(), "reason": why},
        )
        return CategoryRuleInfo(
            id=made.pk,
            category_id=category_id,
            version=made.version,
            starts_on=starts_on,
            demands=read,
            reason=why,
        )


def move_category(
    *, category_id: int, parent_id: int | None, reason: str, actor: Actor, at: datetime
) -> None:
    """Put a category with all below it under another one (None: the root); its history stays.

    Products that stand in the new parent go to its unsorted shelf. Publishes CategoryMoved, by
    which listings are checked again. Raises ThingMissing, ReasonNeeded, BelowItself.
    """
    why = parse.text(reason, most=200).strip()
    if not why:
        raise ReasonNeeded
    with transaction.atomic():
        audit.acting(actor)
        ids = [category_id] if parent_id is None else [category_id, parent_id]
        found = _locked(ids, actor)
        moved, parent = found[category_id], found.get(parent_id or 0)
        if parent and f"{parent.path}.".startswith(f"{moved.path}."):
            raise errors.BelowItself
        if parent_id == moved.parent_id:
            return
        cleared = clear_shelf(parent, at=at)
        CategoryMove.objects.create(
            category=moved,
            from_parent_id=moved.parent_id,
            to_parent_id=parent_id,
            reason=why,
            moved_by=actor.person_id,
            moved_at=at,
        )
        former = moved.path
        path = f"{parent.path}.{moved.code}" if parent else moved.code
        Category.objects.filter(path__startswith=f"{former}.").update(
            path=Concat(Value(path), Substr(F("path"), len(former) + 1))
        )
        moved.parent_id, moved.path = parent_id, path
        moved.save(update_fields=["parent", "path"])
        audit.record(
            actor=actor,
            at=at,
            action="catalog.category_moved",
            obj=("catalog.category", category_id),
            body={"from": former, "to": path, "reason": why, "unsorted": cleared},
        )
        publish(CategoryMoved(category_id=category_id))


def clear_shelf(parent: Category | None, *, at: datetime) -> int:
    """Make room for a category below: products that stand in the parent go to its unsorted shelf.

    The parent must be locked. Returns how many products went. At most four statements.
    """
    if parent is None or not Product.objects.filter(category=parent).exists():
        return 0
    shelf = Category.objects.filter(parent=parent, name=UNSORTED).first()
    if shelf is None:
        code = numbering.take_one("CAT", at=at)
        shelf = Category.objects.create(
            code=code, name=UNSORTED, parent=parent, path=f"{parent.path}.{code}", since=at
        )
    return Product.objects.filter(category=parent).update(category=shelf)


def _locked(ids: list[int], actor: Actor) -> dict[int, Category]:
    rows = Category.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=ids)}
    mine = actor.scope_ids("category", "catalog", "C")
    for pk in ids:
        if pk not in found or (mine is not None and pk not in mine):
            raise ThingMissing("category", pk)
    return found
