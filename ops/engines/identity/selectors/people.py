"""Names, holders of roles, departments."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection

from ops.engines.identity.choices import PositionKind
from ops.engines.identity.models import Department, Person, Position, User
from ops.engines.identity.types import (
    AccountInfo,
    DemoAccount,
    DepartmentInfo,
    PersonInfo,
    RoleInfo,
)
from ops.engines.kernel.parse import business_day

_HOLDERS = """
WITH RECURSIVE above AS (
    SELECT id, parent_id FROM identity_department WHERE id = %(department)s
    UNION SELECT d.id, d.parent_id FROM identity_department d JOIN above a ON d.id = a.parent_id
)
SELECT DISTINCT p.id, p.name, a.department_id, a.deputy_for_id
FROM identity_assignment a
JOIN identity_person p ON p.id = a.person_id
JOIN identity_position o ON o.id = a.position_id AND o.key = %(role)s
WHERE a.valid @> %(day)s::date
  AND (%(department)s::bigint IS NULL OR a.department_id IS NULL
       OR a.department_id IN (SELECT id FROM above))
  AND EXISTS (SELECT FROM identity_user u WHERE u.person_id = p.id AND u.is_active)
ORDER BY a.deputy_for_id NULLS FIRST, p.id
"""

_DEMO = """
SELECT u.id, u.username, p.name,
       coalesce(string_agg(DISTINCT o.name_zh, '、'), ''),
       coalesce(string_agg(DISTINCT o.name_en, ', '), '')
FROM identity_user u
JOIN identity_person p ON p.id = u.person_id
LEFT JOIN identity_assignment a ON a.person_id = p.id AND a.valid @> %(day)s::date
LEFT JOIN identity_position o ON o.id = a.position_id
WHERE u.is_demo AND u.is_active
GROUP BY u.id, u.username, p.name
ORDER BY min(o.id) NULLS LAST, u.id
"""

_SEATS = """
SELECT g.person, g.day, string_agg(DISTINCT d.name, '、')
  FROM unnest(%s::bigint[], %s::date[]) AS g(person, day)
  JOIN identity_assignment a ON a.person_id = g.person AND a.valid @> g.day
  JOIN identity_department d ON d.id = a.department_id
 GROUP BY 1, 2
"""


def holders(*, role: str, at: datetime, department_id: int | None = None) -> list[PersonInfo]:
    """Return the persons with a live account who hold a role on the day, deputies last.

    With a department: those assigned to it, to one above it, or company-wide.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLDERS,
            {"role": str(role), "day": business_day(at), "department": department_id},
        )
        return [
            PersonInfo(person_id=person, name=name, department_id=department, deputy_for=deputy)
            for person, name, department, deputy in cursor.fetchall()
        ]


def person_name(person_id: int | None) -> str:
    """Return a person's name, empty when there is none."""
    return person_names([person_id]).get(person_id, "") if person_id is not None else ""


def person_names(ids: Collection[int | None]) -> dict[int, str]:
    """Return the names of persons by id, in one query."""
    wanted = {number for number in ids if number is not None}
    return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def accounts_of(*, person_ids: Collection[int]) -> list[AccountInfo]:
    """Return the live accounts of persons."""
    users = User.objects.filter(person_id__in=person_ids, is_active=True).order_by("pk")
    return [
        AccountInfo(
            user_id=user.pk,
            username=user.username,
            person_id=user.person_id,
            person=user.person.name,
            is_active=user.is_active,
        )
        for user in users.select_related("person")
    ]


def departments() -> list[DepartmentInfo]:
    """Return all departments, by code."""
    return [
        DepartmentInfo(department_id=pk, code=code, name=name, parent_id=parent)
        for pk, code, name, parent in Department.objects.order_by("code").values_list(
            "pk", "code", "name", "parent_id"
        )
    ]


def role_names(*, kinds: Collection[str] = (PositionKind.STAFF,)) -> list[RoleInfo]:
    """Return the positions of some kinds in the register's order."""
    return [
        RoleInfo(key=key, name_zh=zh, name_en=en, summary=summary)
        for key, zh, en, summary in Position.objects.filter(kind__in=kinds)
        .order_by("pk")
        .values_list("key", "name_zh", "name_en", "summary")
    ]


def demo_accounts(*, at: datetime) -> list[DemoAccount]:
    """Return the demo accounts with the roles they hold, in the register's order."""
    with connection.cursor() as cursor:
        cursor.execute(_DEMO, {"day": business_day(at)})
        return [
            DemoAccount(user_id=pk, username=username, person=person, roles_zh=zh, roles_en=en)
            for pk, username, person, zh, en in cursor.fetchall()
        ]


def departments_at(*, moments: Collection[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """Return the departments persons worked in on a day, by name; company-wide seats have none."""
    if not moments:
        return {}
    persons, days = zip(*moments, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_SEATS, [list(persons), list(days)])
        return {(person, day): names for person, day, names in cursor.fetchall()}
