"""Reading duties: who did what on a matter, and whose positions touch both sides."""

from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from ops.engines.identity.models import DutyAct, DutyException, DutyRule
from ops.engines.identity.types import ConflictInfo
from ops.engines.kernel.parse import business_day

CONFLICTS = """
WITH held AS (
    SELECT DISTINCT a.person_id, a.position_id
    FROM identity_assignment a
    WHERE a.valid @> %(day)s::date AND (%(person)s::bigint IS NULL OR a.person_id = %(person)s)
), both_sides AS (
    SELECT r.id AS rule_id, h.person_id,
           bool_or(h.position_id = g.position_id) AS by_position,
           array_agg(DISTINCT h.position_id) || array_agg(DISTINCT g.position_id) AS positions
    FROM identity_dutyrule r
    JOIN identity_duty_positions o ON o.duty_id = r.one_id
    JOIN held h ON h.position_id = o.position_id
    JOIN identity_duty_positions t ON t.duty_id = r.other_id
    JOIN held g ON g.position_id = t.position_id AND g.person_id = h.person_id
    GROUP BY r.id, h.person_id
)
SELECT r.key, one.name_zh, one.name_en, other.name_zh, other.name_en, p.id, p.name,
       (SELECT string_agg(q.name_zh, '、' ORDER BY q.id)
        FROM identity_position q WHERE q.id = ANY(b.positions)),
       CASE WHEN b.by_position THEN 'position'
            WHEN EXISTS (SELECT FROM identity_dutyexception e
                         WHERE e.rule_id = r.id AND e.person_id = p.id
                           AND e.second_by_id IS NOT NULL AND e.revoked_at IS NULL
                           AND e.valid @> %(day)s::date) THEN 'exception'
            ELSE 'open' END AS kind
FROM both_sides b
JOIN identity_dutyrule r ON r.id = b.rule_id
JOIN identity_duty one ON one.id = r.one_id
JOIN identity_duty other ON other.id = r.other_id
JOIN identity_person p ON p.id = b.person_id
ORDER BY p.id, r.id
"""


def acted(*, person_id: int, duty: str, obj: tuple[str, object]) -> bool:
    """Say whether a person did a duty on a matter. One indexed query."""
    return DutyAct.objects.filter(
        object_type=obj[0], object_id=str(obj[1]), duty__key=duty, person_id=person_id
    ).exists()


def conflicts(*, at: datetime, person_id: int | None = None) -> list[ConflictInfo]:
    """Return every pair whose both sides one person holds on the day. One query.

    `kind` is "position" (one position carries both by the register: kept apart on each matter),
    "exception" (two others allowed it), or "open" (held since before the rule, or its exception
    ended: to be put right).
    """
    with connection.cursor() as cursor:
        cursor.execute(CONFLICTS, {"day": business_day(at), "person": person_id})
        return [
            ConflictInfo(
                rule=rule,
                one_zh=one_zh,
                one_en=one_en,
                other_zh=other_zh,
                other_en=other_en,
                person_id=person,
                person=name,
                positions=positions,
                kind=kind,
            )
            for rule, one_zh, one_en, other_zh, other_en, person, name, positions, kind in cursor
        ]


def rules() -> QuerySet[DutyRule]:
    """Return the separations with their duties, in the register's order (unevaluated)."""
    return DutyRule.objects.select_related("one", "other").order_by("pk")


def exceptions(*, person_id: int | None = None) -> QuerySet[DutyException]:
    """Return exceptions, newest first (unevaluated)."""
    found = DutyException.objects.select_related(
        "person", "rule__one", "rule__other", "asked_by", "first_by", "second_by"
    )
    return (found if person_id is None else found.filter(person_id=person_id)).order_by("-pk")
