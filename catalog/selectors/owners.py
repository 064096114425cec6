"""Which department owns a product, and who belongs to it (HR-1.2-02)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from catalog.models import DepartmentOwner
from catalog.types.feedback import OwnerInfo
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor

_OWNERS: Final = """
SELECT g.id, o.department_id, CASE WHEN o.id IS NULL THEN '' WHEN o.product_id IS NOT NULL
            THEN 'product' WHEN o.category_id IS NOT NULL THEN 'category' ELSE 'house' END,
       lower(o.during)
  FROM unnest(%s::bigint[]) AS g(id)
  LEFT JOIN LATERAL (SELECT * FROM catalog_departmentowner
                      WHERE id = catalog_owner_entry(g.id, %s)) o ON true
"""
_OUTSIDE: Final = """
WITH owned AS MATERIALIZED (
    SELECT g.id, catalog_owner_of(g.id, %s) AS department_id FROM unnest(%s::bigint[]) AS g(id)
)
SELECT o.id, d.department_id
  FROM (SELECT DISTINCT department_id FROM owned WHERE department_id IS NOT NULL) d
  JOIN owned o USING (department_id)
 WHERE NOT catalog_works_for(%s, d.department_id, %s)
 ORDER BY o.id
"""
_MINE: Final = "SELECT id FROM identity_department WHERE catalog_works_for(%s, id, %s)"
_WORKS: Final = "SELECT catalog_works_for(%s, %s, %s)"


def owners(*, product_ids: Collection[int], at: datetime) -> dict[int, OwnerInfo]:
    """Return who owns products at a moment, those without an owner too. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [list(product_ids), at])
        rows = cursor.fetchall()
    names = department_names() if any(row[1] for row in rows) else {}
    return {
        pk: OwnerInfo(
            department_id=department, department=names.get(department, ""), by=by, since=since
        )
        for pk, department, by, since in rows
    }


def owner(*, product_id: int, at: datetime) -> OwnerInfo:
    """Return who owns a product at a moment."""
    return owners(product_ids=[product_id], at=at)[product_id]


def foreign_owners(
    *, product_ids: Collection[int], actor: Actor, at: datetime
) -> Mapping[int, str]:
    """Return the owners of those products that the actor's departments do not own, by product.

    Machines are of every department. Two statements.
    """
    if actor.is_machine:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OUTSIDE, [at, list(product_ids), actor.person_id or 0, at])
        found = cursor.fetchall()
    names = department_names() if found else {}
    return {product: names[department] for product, department in found}


def works_for(*, department_id: int | None, actor: Actor, at: datetime) -> bool:
    """Say whether the actor is a member of a department; nobody's queue is everybody's."""
    if actor.is_machine or department_id is None:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_WORKS, [actor.person_id or 0, department_id, at])
        return bool(cursor.fetchone()[0])


def departments_of(*, actor: Actor, at: datetime) -> RawSQL | None:
    """Return the departments whose queues are the actor's, as a subquery; None: every one."""
    if actor.is_machine:
        return None
    return RawSQL(_MINE, [actor.person_id or 0, at])  # noqa: S611 no values in the text


def heads(*, department_id: int | None, actor: Actor, at: datetime) -> bool:
    """Say whether the actor heads a department, or one above it."""
    if department_id is None or actor.person_id is None:
        return False
    if not actor.holds(Role.DEPARTMENT_HEAD):
        return False
    found = identity.holders(role=Role.DEPARTMENT_HEAD, at=at, department_id=department_id)
    return any(one.person_id == actor.person_id for one in found)


def department_names() -> dict[int, str]:
    """Return every department by id."""
    return {one.department_id: one.name for one in identity.departments()}


def entries(*, product_id: int) -> Sequence[DepartmentOwner]:
    """Return the entries of a product itself, newest first."""
    rows = DepartmentOwner.objects.filter(product_id=product_id).select_related("department")
    return list(rows.order_by("-pk"))


def defaults() -> QuerySet[DepartmentOwner]:
    """Return the entries of categories and of the house."""
    rows = DepartmentOwner.objects.filter(product__isnull=True)
    return rows.select_related("category", "department")


def newest() -> datetime | None:
    """Return when an owner was last named."""
    return DepartmentOwner.objects.order_by("-pk").values_list("set_at", flat=True).first()
