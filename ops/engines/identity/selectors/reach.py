"""Whom a right reaches: persons who may act on one object, and in whose place a person stands."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from ops.engines.identity.models import Assignment
from ops.engines.identity.scopes import WORK_IN, scope_kinds
from ops.engines.identity.types import DeputyInfo
from ops.engines.kernel.parse import business_day

_REACHING = """
WITH RECURSIVE above AS (
    SELECT id, parent_id FROM identity_department
    WHERE id = CASE WHEN %(label)s = 'identity.department' THEN %(object)s::bigint END
    UNION SELECT d.id, d.parent_id FROM identity_department d JOIN above a ON d.id = a.parent_id
), granted AS (
    SELECT u.person_id
    FROM guardian_userobjectpermission g
    JOIN auth_permission p ON p.id = g.permission_id AND p.codename = %(permission)s
    JOIN django_content_type ct ON ct.id = g.content_type_id
                               AND ct.app_label || '.' || ct.model = %(label)s
    JOIN identity_user u ON u.id = g.user_id AND u.is_active
    WHERE g.object_pk = %(object)s::text OR g.object_pk IN (SELECT id::text FROM above)
)
SELECT DISTINCT a.person_id
FROM identity_assignment a
JOIN identity_positionright r ON r.position_id = a.position_id AND r.area = %(area)s
WHERE a.person_id = ANY(%(persons)s) AND a.valid @> %(day)s::date
  AND (strpos(r.letters, %(upper)s) > 0
       OR (strpos(r.letters, %(lower)s) > 0
           AND (%(label)s = '' OR a.department_id IN (SELECT id FROM above)
                OR a.person_id IN (SELECT person_id FROM granted))))
"""


def reaching(
    *,
    person_ids: Collection[int],
    area: str,
    right: str,
    scope: tuple[str, int] | None = None,
    at: datetime,
) -> set[int]:
    """Return those of the persons whose right in the area holds everywhere or in this scope.

    `scope` is (kind, object id); without it a right in any scope is enough. One query.
    """
    kind, object_id = scope or ("", None)
    with connection.cursor() as cursor:
        cursor.execute(
            _REACHING,
            {
                "persons": list(person_ids),
                "area": area,
                "upper": right.upper(),
                "lower": right.lower(),
                "label": scope_kinds().get(kind, "") if kind else "",
                "object": object_id,
                "permission": WORK_IN,
                "day": business_day(at),
            },
        )
        return {row[0] for row in cursor.fetchall()}


def stand_ins(*, person_id: int, at: datetime) -> QuerySet[Assignment]:
    """Return the assignments in which a person stands in for another on the day (unevaluated)."""
    return Assignment.objects.filter(
        person_id=person_id, deputy_for__isnull=False, valid__contains=business_day(at)
    )


def holds_itself(*, person_id: int, role: str, at: datetime) -> bool:
    """Say whether a person holds a position on the day in their own right, not as a deputy."""
    return Assignment.objects.filter(
        person_id=person_id,
        position__key=str(role),
        deputy_for__isnull=True,
        valid__contains=business_day(at),
    ).exists()


def deputies(*, person_ids: Collection[int], at: datetime) -> list[DeputyInfo]:
    """Return who stands in for these persons on the day, and in which position. One query."""
    found = (
        Assignment.objects.filter(
            deputy_for_id__in=list(person_ids), valid__contains=business_day(at)
        )
        .order_by("pk")
        .values_list("person_id", "person__name", "position__key", "deputy_for_id")
    )
    return [
        DeputyInfo(person_id=person, name=name, role=role, deputy_for=replaced)
        for person, name, role, replaced in found
    ]
