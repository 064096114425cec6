"""Content tasks as an actor may see them; what a promotion still lacks; how often it passes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from catalog.choices.content_tasks import About, Material, TaskStep
from catalog.errors.content_tasks import ContentTaskMissing
from catalog.errors.goods import ThingMissing
from catalog.models import (
    ContentStep,
    ContentTask,
    ContentVersion,
    Listing,
    PageModule,
    Promotion,
    ShopPage,
    TradeStep,
)
from catalog.rules import content_tasks as rules
from catalog.selectors import channels
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
_RATE: Final = """
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


def board(*, actor: Actor, at: datetime) -> QuerySet[ContentTask]:
    """Return tasks with whether their next step is late."""
    return tasks(actor=actor).annotate(
        is_late=ExpressionWrapper(
            Q(step_due_at__lt=at) & ~Q(step__in=rules.OVER), output_field=BooleanField()
        ),
    )


def named(found: QuerySet[ContentTask], text: str) -> QuerySet[ContentTask]:
    """Narrow tasks to those whose number begins so, or whose title holds it."""
    return found.filter(Q(number__istartswith=text) | Q(title__icontains=text))


def of_tab(
    found: QuerySet[ContentTask], tab: str, *, actor: Actor, at: datetime
) -> QuerySet[ContentTask]:
    """Narrow the board to one of its tabs."""
    if tab == "over":
        return found.filter(step__in=rules.OVER)
    left = found.exclude(step__in=rules.OVER)
    if tab == "mine":
        return left.filter(person=actor.person_id or 0)
    if tab == "lead":
        return left.filter(step__in=[TaskStep.WANTED, TaskStep.SUBMITTED])
    return left.filter(step_due_at__lt=at) if tab == "late" else left


def everybody_named() -> dict[int, str]:
    """Return whoever works or worked on a task, by name."""
    rows = ContentTask.objects.filter(person__isnull=False).order_by()
    return identity.person_names(list(rows.values_list("person", flat=True).distinct()))


def places(*, actor: Actor) -> list[tuple[str, str]]:
    """Return the pages, guidance texts and module types a task may be about, with their names."""
    mine = channels.visible(actor=actor)
    ids = [one.id for one in mine]
    names = {one.id: one.name for one in mine}
    found = [
        (f"page:{row.pk}:{row.channel_id}", f"{names[row.channel_id]} · {row.get_kind_display()}")
        for row in ShopPage.objects.filter(channel_id__in=ids)
    ]
    found += [
        (
            f"trade_step:{row.pk}:{row.channel_id}",
            f"{names[row.channel_id]} · {row.get_step_display()}",
        )
        for row in TradeStep.objects.filter(channel_id__in=ids)
    ]
    modules = list(PageModule.objects.order_by("code"))
    found += [
        (f"module:{row.pk}:{one.id}", f"{one.name} · {row.code}") for one in mine for row in modules
    ]
    return found


def numbered(*, number: str, actor: Actor) -> tuple[str, int]:
    """Return the listing or promotion with a number; raises ThingMissing."""
    for about, rows in ((About.LISTING, Listing.objects), (About.PROMOTION, Promotion.objects)):
        found = rows.filter(number__iexact=number)
        mine = actor.scope_ids("channel", "catalog")
        if mine is not None:
            found = found.filter(channel_id__in=mine)
        if (pk := found.values_list("pk", flat=True).first()) is not None:
            return about.value, int(pk)
    raise ThingMissing("content_about", number)


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


def checklist(promotion_id: int, materials: Sequence[str]) -> list[CheckLine]:
    """Return the publicity checklist of a promotion: each material it needs, with its tasks."""
    if not materials:
        return []
    rows = ContentTask.objects.filter(promotion_id=promotion_id, material__in=materials)
    found: dict[str, list[ContentTask]] = {}
    for row in rows.exclude(step="cancelled").order_by("pk"):
        found.setdefault(row.material, []).append(row)
    names = identity.person_names([row.person for made in found.values() for row in made])
    lines = []
    for material in materials:
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
    return Query(_RATE)


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
