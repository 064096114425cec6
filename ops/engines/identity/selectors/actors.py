"""From an account to the actor whose rights hold at one moment: one statement."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from types import MappingProxyType

from django.db import connection

from ops.engines.identity.choices import AREAS, PositionKind, Role
from ops.engines.identity.models import User
from ops.engines.identity.scopes import WORK_IN, scope_kinds
from ops.engines.kernel.actor import Actor, ActorKind, Right
from ops.engines.kernel.parse import business_day

# What is held comes first, then what is granted; a row fills the columns of its own half only.
# Departments come with all departments below them; other kinds are the granted ids.
_HELD_AND_GRANTED = """
WITH RECURSIVE held AS (
    SELECT p.key, p.kind, a.department_id, r.area, r.letters
    FROM identity_position p
    LEFT JOIN identity_assignment a
           ON a.position_id = p.id AND a.person_id = %(person)s AND a.valid @> %(day)s::date
    LEFT JOIN identity_positionright r ON r.position_id = p.id
    WHERE a.id IS NOT NULL OR p.kind = 'everyone'
), granted AS (
    SELECT ct.app_label || '.' || ct.model AS label, g.object_pk::bigint AS id
    FROM guardian_userobjectpermission g
    JOIN auth_permission p ON p.id = g.permission_id AND p.codename = %(permission)s
    JOIN django_content_type ct ON ct.id = g.content_type_id
    WHERE g.user_id = %(user)s
), below AS (
    SELECT id FROM granted WHERE label = 'identity.department'
    UNION SELECT department_id FROM held WHERE department_id IS NOT NULL
    UNION SELECT d.id FROM identity_department d JOIN below b ON d.parent_id = b.id
)
SELECT key, kind, area, letters, NULL, NULL FROM held
UNION ALL SELECT NULL, NULL, NULL, NULL, label, id FROM granted
UNION ALL SELECT NULL, NULL, NULL, NULL, 'identity.department', id FROM below
"""
_Held = tuple[str, str, str | None, str | None]  # position, its kind, area, letters
_Granted = tuple[str, int]  # "app.model" and the id in it


def actor_for(user: User, *, at: datetime, session: str = "", request_id: str = "") -> Actor:
    """Return who this account is at a moment: roles, rights and granted scopes.

    One statement, a second when the account came without its person. A switched-off account
    holds nothing. Deputies hold the position they stand in for; outsiders get no staff rights.
    """
    held, granted = _held_and_granted(user, at=at)
    roles, letters = _rights(held)
    return Actor(
        kind=ActorKind.PERSON,
        name=user.person.name,
        person_id=user.person_id,
        user_id=user.pk,
        roles=roles,
        rights=MappingProxyType(letters),
        scopes=MappingProxyType(_scopes(granted) if roles else {}),
        session=session,
        request_id=request_id,
    )


def needs_second_factor(actor: Actor) -> bool:
    """Say whether the actor approves, manages or audits, and so must prove two factors (S11)."""
    return actor.holds(Role.AUDITOR) or any(
        actor.may(area, right) for area in AREAS for right in (Right.APPROVE, Right.MANAGE)
    )


def _held_and_granted(user: User, *, at: datetime) -> tuple[list[_Held], list[_Granted]]:
    if not user.is_active:
        return [], []
    asked: dict[str, int | str | date | None] = {
        "person": user.person_id,
        "user": user.pk,
        "permission": WORK_IN,
        "day": business_day(at),
    }
    with connection.cursor() as cursor:
        cursor.execute(_HELD_AND_GRANTED, asked)
        rows = cursor.fetchall()
    held = [row[:4] for row in rows if row[0] is not None]
    return held, [row[4:] for row in rows if row[0] is None]


def _rights(held: Iterable[_Held]) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    rows = list(held)
    kinds = {kind for _key, kind, *_rest in rows} - {PositionKind.EVERYONE.value}
    if kinds == {PositionKind.EXTERNAL.value}:
        rows = [row for row in rows if row[1] != PositionKind.EVERYONE.value]
    letters: dict[str, set[str]] = defaultdict(set)
    for _key, _kind, area, text in rows:
        if area is not None:
            letters[area].update(text or "")
    return frozenset(row[0] for row in rows), {
        area: frozenset(each) for area, each in letters.items()
    }


def _scopes(granted: Iterable[_Granted]) -> dict[str, frozenset[int]]:
    kinds = {label: kind for kind, label in scope_kinds().items()}
    found: dict[str, set[int]] = defaultdict(set)
    for label, object_id in granted:
        if label in kinds:
            found[kinds[label]].add(object_id)
    return {kind: frozenset(ids) for kind, ids in found.items()}
