"""What publicity a promotion needs, made in time, or the promotion waits (CAT-4.4-05)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.choices.content_tasks import About, Material, TaskStep
from catalog.errors.content_tasks import MaterialMissing
from catalog.models import ContentTask, Promotion
from catalog.rules import content_tasks as rules
from catalog.selectors import content_tasks as selectors
from catalog.services import content_log as log
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.numbering import services as numbering

PROMOTION: Final = "catalog.promotion"
_WANTED: Final = gettext_noop("Material of a promotion waits for somebody to make it: %(number)s")
_HELD: Final = gettext_noop("A promotion is held, its material is not approved: %(number)s")


def spawn(promotion: Promotion, *, actor: Actor, at: datetime) -> int:
    """Open a task for each material an approved promotion needs and has none for.

    Runs inside the deciding transaction; returns how many. The web editing supervisor is told and
    names who makes them.
    """
    open_ones = ContentTask.objects.filter(promotion=promotion).exclude(step=TaskStep.CANCELLED)
    known = set(open_ones.values_list("material", flat=True)) if promotion.materials else set()
    lacking = [one for one in promotion.materials if one not in known]
    if not lacking:
        return 0
    numbers = numbering.take(log.SERIES, at=at, count=len(lacking))
    tasks = ContentTask.objects.bulk_create(
        [
            _task(promotion, Material(material), number, at=at)
            for number, material in zip(numbers, lacking, strict=True)
        ]
    )
    log.start_clocks(tasks, actor=actor, at=at)
    audit.record(
        actor=actor,
        at=at,
        action="catalog.material_wanted",
        obj=(PROMOTION, promotion.pk),
        body={"number": promotion.number, "materials": lacking, "tasks": numbers},
    )
    notices.notify(
        role=rules.SUPERVISOR,
        area="catalog",
        scope=("channel", promotion.channel_id),
        kind="act",
        title=_WANTED,
        params={"number": promotion.number},
        link="/content-tasks/?tab=wanted",
        subject=f"{PROMOTION}:{promotion.pk}",
        actor=actor,
        at=at,
    )
    return len(tasks)


def refuse_lacking(promotion: Promotion) -> None:
    """Raise MaterialMissing while a promotion lacks material."""
    found = selectors.lacking(promotion_ids=[promotion.pk]) if promotion.materials else {}
    if promotion.pk in found:
        raise MaterialMissing(promotion.number, words(found[promotion.pk]))


def hold(
    waiting: Sequence[Promotion],
    lacking: Mapping[int, Sequence[str]],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep due promotions waiting; once each, say so on the record and alarm its owner."""
    for row in waiting:
        if row.held_at is not None:
            continue
        row.held_at = at
        row.save(update_fields=["held_at"])
        missing = list(lacking[row.pk])
        audit.record(
            actor=actor,
            at=at,
            action="catalog.promotion_held",
            obj=(PROMOTION, row.pk),
            body={"number": row.number, "approval": row.approval_id, "lacking": missing},
        )
        notices.notify(
            person_ids=[row.drafted_by],
            kind="act",
            title=_HELD,
            params={"number": row.number},
            link=f"/promotions/{row.pk}/",
            subject=f"{PROMOTION}:{row.pk}",
            effect_key=f"promotion_held:{row.pk}:{row.approval_id}",
            is_alarm=True,
            actor=actor,
            at=at,
        )


def call_off(promotions: Collection[Promotion], *, actor: Actor, at: datetime) -> None:
    """Call off what is still being made for promotions that are over."""
    ids = [row.pk for row in promotions if row.materials]
    if not ids:
        return
    rows = ContentTask.objects.select_for_update(of=("self",), no_key=True)
    left = rows.filter(promotion_id__in=ids).exclude(material="").exclude(step__in=rules.OVER)
    for task in left.order_by("pk"):
        log.move(task, TaskStep.CANCELLED, actor=actor, at=at, note=_("The promotion is over."))


def words(materials: Sequence[str]) -> str:
    """Return materials as people call them."""
    return "、".join(str(Material(one).label) for one in materials)


def _task(promotion: Promotion, material: Material, number: str, *, at: datetime) -> ContentTask:
    kind = rules.MADE_AS[material]
    return ContentTask(
        number=number,
        kind=kind,
        channel_id=promotion.channel_id,
        about=About.PROMOTION,
        promotion=promotion,
        material=material,
        title=f"{promotion.title} · {material.label}"[:120],
        purpose=promotion.aim[:400],
        due_at=promotion.starts_at,
        opened_at=at,
        step_at=at,
        step_due_at=log.due(kind, [TaskStep.WANTED], at=at)[0],
    )
