"""What content production puts on the desk (CAT-4.3-11, CAT-4.3-12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.content_tasks import TaskStep
from catalog.models import ContentTask
from catalog.rules import content_tasks as rules
from catalog.selectors import content_tasks as selectors
from ops.engines.desk.screens import (
    Card,
    CardData,
    CardLine,
    Command,
    Hit,
    NavEntry,
    Place,
    SearchKind,
    Tone,
    card,
    command,
    nav,
    register_states,
    search_kind,
    word_actions,
)
from ops.engines.files.holders import declare_holder
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

VIEW = may("catalog", "V")
LEAD = may("catalog", "A", rules.SUPERVISOR)
_WORKERS = (Role.EDITOR, Role.DESIGNER)

nav(
    NavEntry(
        key="content_tasks", title=_("Content tasks"), url_name="catalog:content_tasks",
        policy=VIEW, roles=(*_WORKERS, rules.SUPERVISOR), order=43, icon="file",
        group=_("Goods and prices"),
    )
)  # fmt: skip
command(
    Command(
        key="content_task", title=_("Ask for content"), url_name="catalog:content_task_new",
        policy=LEAD,
    )
)  # fmt: skip
register_states(
    {
        TaskStep.WANTED: Tone.WAITING,
        TaskStep.ASSIGNED: Tone.NEUTRAL,
        TaskStep.BRIEFED: Tone.NEUTRAL,
        TaskStep.ACCEPTED: Tone.NEUTRAL,
        TaskStep.DRAFTED: Tone.NEUTRAL,
        TaskStep.PUBLISHED: Tone.DONE,
        TaskStep.DELIVERED: Tone.DONE,
        TaskStep.CANCELLED: Tone.STOPPED,
    }
)
word_actions(
    {
        "catalog.content_wanted": _("asked for content"),
        "catalog.content_assigned": _("assigned the task"),
        "catalog.content_briefed": _("briefed the designer"),
        "catalog.content_accepted": _("took the task on"),
        "catalog.content_drafted": _("handed a version in"),
        "catalog.content_submitted": _("submitted it for review"),
        "catalog.content_returned": _("sent it back to be redone"),
        "catalog.content_approved": _("approved it"),
        "catalog.content_published": _("published it"),
        "catalog.content_delivered": _("delivered it"),
        "catalog.content_cancelled": _("called the task off"),
        "catalog.material_wanted": _("asked for the material of the promotion"),
        "catalog.promotion_held": _("held the promotion: material is missing"),
    }
)


def _lines(rows: Sequence[ContentTask]) -> list[CardLine]:
    return [
        CardLine(
            title=row.title,
            number=row.number,
            href=reverse("catalog:content_task", args=[row.pk]),
            detail=row.channel.name,
            state=TaskStep(row.step),
        )
        for row in rows
    ]


def _mine(actor: Actor, _at: datetime) -> CardData:
    found = selectors.tasks(actor=actor).filter(person=actor.person_id or 0)
    waiting = found.exclude(step__in=[*rules.OVER, TaskStep.SUBMITTED])
    return CardData(
        lines=_lines(list(waiting.order_by("step_due_at", "pk")[:6])),
        href=reverse("catalog:content_tasks"),
    )


def _to_lead(actor: Actor, _at: datetime) -> CardData:
    steps = [TaskStep.WANTED, TaskStep.SUBMITTED]
    found = selectors.tasks(actor=actor).filter(step__in=steps)
    return CardData(
        lines=_lines(list(found.order_by("step_due_at", "pk")[:6])),
        href=f"{reverse('catalog:content_tasks')}?tab=lead",
    )


card(
    Card(
        key="content_mine", title=_("My content tasks"), query=_mine, policy=VIEW,
        roles=_WORKERS, place=Place.MINE,
    )
)  # fmt: skip
card(
    Card(
        key="content_lead", title=_("Content to assign and review"), query=_to_lead, policy=LEAD,
        roles=(rules.SUPERVISOR,), place=Place.MINE,
    )
)  # fmt: skip


def _find(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    found = selectors.tasks(actor=actor).filter(
        Q(number__istartswith=text) | Q(title__icontains=text)
    )
    return [
        Hit(
            title=f"{row.number} {row.title}",
            href=reverse("catalog:content_task", args=[row.pk]),
            note=row.channel.name,
            is_exact=row.number.casefold() == text.casefold(),
        )
        for row in found[:most]
    ]


search_kind(SearchKind(key="content_task", title=_("Content tasks"), find=_find, policy=VIEW,
                       order=27))  # fmt: skip
declare_holder("catalog.contenttask", policy=VIEW, visible=selectors.is_visible)
