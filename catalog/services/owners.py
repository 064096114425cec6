"""The department that owns a product: named by category or by product, and what follows of it.

Members of the owning department write listings and ask to delist; others do not (HR-1.2-02). A
product that nobody owns is everybody's, as before owners were named.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from catalog.errors import feedback as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import Category, DepartmentOwner, Product
from catalog.selectors import owners as selectors
from catalog.types.feedback import OwnerInfo
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, may

PRODUCT: Final = "catalog.product"
CATEGORY: Final = "catalog.category"
HOUSE: Final = ("catalog.house", 0)
MANAGE: Final[Policy] = may("catalog", "A", Role.OPERATIONS_DIRECTOR, Role.OPERATIONS_MANAGER)


def require(*, product_ids: Collection[int], actor: Actor, at: datetime) -> None:
    """Raise NotOfDepartment, naming it, unless the actor is a member of every product's owner."""
    for department in selectors.foreign_owners(
        product_ids=product_ids, actor=actor, at=at
    ).values():
        raise errors.NotOfDepartment(department)


def may_give(*, owner: OwnerInfo, actor: Actor, at: datetime) -> bool:
    """Say whether the actor may give a product away: its owner's head, or operations management."""
    if actor.is_machine or MANAGE.allows(actor):
        return True
    return selectors.heads(department_id=owner.department_id, actor=actor, at=at)


def give_product(
    *,
    product_id: int,
    department_id: int,
    why: str,
    since: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> OwnerInfo:
    """Let a department own a product from a moment on (now unless told); what was stays on record.

    Feedback that came before stays in the queue it came to. Raises ThingMissing, NotOwnersHead,
    OwnerUnchanged, OwnerAhead, ReasonNeeded, BadInput.
    """
    with transaction.atomic():
        rows = Product.objects.select_for_update(of=("self",), no_key=True)
        if not rows.filter(pk=product_id).exists():
            raise ThingMissing("product", product_id)
        former = selectors.owner(product_id=product_id, at=at)
        if not may_give(owner=former, actor=actor, at=at):
            raise errors.NotOwnersHead
        _name(
            {"product_id": product_id}, (PRODUCT, product_id), department_id, why, since,
            former=former.department, actor=actor, at=at,
        )  # fmt: skip
        return selectors.owner(product_id=product_id, at=since or at)


def give_category(
    *,
    category_id: int | None,
    department_id: int,
    why: str,
    since: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Let a department own what stands in a category and below; None: all that nobody else owns.

    Raises Forbidden, ThingMissing, OwnerUnchanged, OwnerAhead, ReasonNeeded, BadInput.
    """
    MANAGE.require(actor)
    with transaction.atomic():
        rows = Category.objects.select_for_update(of=("self",), no_key=True)
        if category_id is not None and not rows.filter(pk=category_id).exists():
            raise ThingMissing("category", category_id)
        subject = HOUSE if category_id is None else (CATEGORY, category_id)
        _name(
            {"product_id": None, "category_id": category_id}, subject, department_id, why, since,
            former="", actor=actor, at=at,
        )  # fmt: skip


def _name(
    of: dict[str, Any],
    subject: tuple[str, int],
    department_id: int,
    why: str,
    since: datetime | None,
    *,
    former: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Enter the next owner of a locked thing, and end the entry before it."""
    reason = parse.text(why, most=200).strip()
    if not reason:
        raise ReasonNeeded
    names = selectors.department_names()
    if department_id not in names:
        raise ThingMissing("department", department_id)
    begins = since or at
    rows = DepartmentOwner.objects.filter(**of)
    last = rows.order_by("-pk").first()
    before = None if last is None else last.during.lower
    if begins < at or (before is not None and begins <= before):
        raise errors.OwnerAhead
    if last is not None and last.department_id == department_id:
        raise errors.OwnerUnchanged
    if last is not None:
        former = names[last.department_id]
        DepartmentOwner.objects.filter(pk=last.pk).update(during=(before, begins))
    DepartmentOwner.objects.create(
        **of,
        department_id=department_id,
        during=(begins, None),
        why=reason,
        set_by=actor.person_id,
        set_at=at,
    )
    audit.record(
        actor=actor,
        at=at,
        action="catalog.product_owner_named",
        obj=subject,
        body={
            "department": [former, names[department_id]],
            "since": begins.isoformat(),
            "why": reason,
        },
    )
