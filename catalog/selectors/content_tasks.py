"""Content tasks as an actor may see them; what a promotion still lacks; how often it passes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from catalog.choices.content_tasks import Material
from catalog.errors.content_tasks import ContentTaskMissing
from catalog.models import ContentStep, ContentTask, ContentVersion, Promotion
from catalog.rules import content_tasks as rules
from catalog.types.content_tasks import CheckLine
from ops.engines.identity import selectors as identity
from ops.engines.identity.types import PersonInfo
from ops.engines.kernel.actor import Actor
from ops.engines.metrics.types import Query

_LACKING: Final = """
SELECT p.id, catalog_promotion_lacking(p.id) FROM catalog_promotion p
 WHERE p.id = ANY(%s) AND p.materials <> '[]' AND catalog_promotion_lacking(p.id) <> '{}'
"""
# A task counts on the day it was first approved; it passed at once when nothing was sent back.
_FIRST_PASS: Final = """
WITH approved AS (
    SELECT s.task_id, min(s.at) AS at FROM catalog_contentstep s
     WHERE s.step = 'approved' GROUP BY 1
), judged AS (
    SELECT (a.at AT TIME ZONE 'Asia/Shanghai')::date AS day, t.person, t.channel_id,
           CASE WHEN EXISTS (SELECT 1 FROM catalog_contentstep r
                              WHERE r.task_id = t.id AND r.step = 'returned' AND r.at <= a.at)
                THEN 0 ELSE 1 END AS passed
      FROM approved a JOIN catalog_contenttask t ON t.id = a.task_id
     WHERE t.kind = ANY(ARRAY['copy', 'post', 'design'])
)
SELECT j.day, g.dimension, g.member, sum(j.passed), count(*)
  FROM judged j
 CROSS JOIN LATERAL (VALUES ('', ''), ('channel', j.channel_id::text),
                            ('worker', j.person::text)) AS g(dimension, member)
 WHERE j.day BETWEEN %s AND %s
 GROUP BY 1, 2, 3
"""


def tasks(*, actor: Actor) -> QuerySet[ContentTask]:
    """Return the content tasks of the actor's channels, each with its channel."""
    found = ContentTask.objects.select_related("channel")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def task(*, task_id: int, actor: Actor) -> ContentTask:
    """Return one task in the actor's channels; raises ContentTaskMissing."""
    found = tasks(actor=actor).filter(pk=task_id).first()
    if found is None:
        raise ContentTaskMissing(task_id)
    return found


def is_visible(actor: Actor, object_id: str) -> bool:
    """Say whether the actor sees the files of a task."""
    return object_id.isdecimal() and tasks(actor=actor).filter(pk=int(object_id)).exists()


def steps(*, task_id: int) -> Sequence[ContentStep]:
    """Return the log of a task, newest first, each with its version."""
    return list(
        ContentStep.objects.filter(task_id=task_id).select_related("version").order_by("-no")
    )


def versions(*, task_id: int) -> Sequence[ContentVersion]:
    """Return what was made of a task, newest first."""
    rows = ContentVersion.objects.filter(task_id=task_id).select_related("file", "revision")
    return list(rows.order_by("-no"))


def workers(*, kind: str, at: datetime) -> list[PersonInfo]:
    """Return who may be named for a kind of task."""
    return identity.holders(role=rules.WORKERS[kind], at=at)


def person_members(ids: Collection[str]) -> dict[str, str]:
    """Return the names of workers as members of a metric."""
    names = identity.person_names([int(one) for one in ids if one.isdecimal()])
    return {str(pk): name for pk, name in names.items()}


def lacking(*, promotion_ids: Collection[int]) -> dict[int, Sequence[str]]:
    """Return the material that promotions lack, those that lack none left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LACKING, [list(promotion_ids)])
        return dict(cursor.fetchall())


def checklist(promotion: Promotion) -> list[CheckLine]:
    """Return the publicity checklist of a promotion: each material it needs, with its tasks."""
    if not promotion.materials:
        return []
    rows = ContentTask.objects.filter(promotion=promotion, material__in=promotion.materials)
    found: dict[str, list[ContentTask]] = {}
    for row in rows.exclude(step="cancelled").order_by("pk"):
        found.setdefault(row.material, []).append(row)
    names = identity.person_names([row.person for made in found.values() for row in made])
    lines = []
    for material in promotion.materials:
        made: Sequence[ContentTask | None] = found.get(material) or [None]
        lines += [_line(material, row, names) for row in made]
    return lines


def _line(material: str, row: ContentTask | None, names: Mapping[int, str]) -> CheckLine:
    return CheckLine(
        material=str(Material(material).label),
        task_id=None if row is None else row.pk,
        number="" if row is None else row.number,
        person="" if row is None else names.get(row.person or 0, ""),
        step="" if row is None else row.step,
        due_at=None if row is None else row.due_at,
        since=None if row is None else row.step_at,
        is_ready=row is not None and row.step in rules.READY,
    )


def first_pass() -> Query:
    """Return the registered query of the first-pass rate, by channel and by worker."""
    return Query(_FIRST_PASS)


def newest_step() -> datetime | None:
    """Return when a task last took a step."""
    return ContentStep.objects.order_by("-at").values_list("at", flat=True).first()


def newest_review() -> datetime | None:
    """Return when something was last sent back or approved."""
    rows = ContentStep.objects.filter(step__in=["returned", "approved"])
    return rows.order_by("-at").values_list("at", flat=True).first()


def newest_version() -> datetime | None:
    """Return when a version was last handed in."""
    return ContentVersion.objects.order_by("-pk").values_list("added_at", flat=True).first()


def newest_material() -> datetime | None:
    """Return when material of a promotion last took a step."""
    rows = ContentTask.objects.exclude(material="").order_by("-step_at")
    return rows.values_list("step_at", flat=True).first()
