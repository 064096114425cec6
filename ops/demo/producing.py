"""Content tasks in several stages: a page being drawn, copy in review, copy sent back (4.3)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from catalog.choices.content_tasks import About, ContentKind
from catalog.models import Promotion
from catalog.services import content_tasks as services
from catalog.types.content_tasks import Brief
from ops.demo.scene import Scene

_LEAD: Final = "web_supervisor"
_COPY: Final = "暖冬满减：满 150 减 8，满 300 减 20；羊绒与保暖内搭同享。"
_BANNER: Final = (900, 450)


def brief_home(scene: Scene, page_id: int) -> None:
    """Brief the designer for the new home page, and let her take it on."""
    at, designer = scene.plan.at, scene.actor("designer")
    made = services.plan(
        kind=ContentKind.DESIGN,
        about=About.PAGE,
        about_id=page_id,
        brief=Brief(
            title="首页冬季横幅",
            purpose="换季：首页换冬季主题",
            words="暖灰底，一处点缀色，文案不超过 14 字。",
            width=_BANNER[0],
            height=_BANNER[1],
            due_at=at + dt.timedelta(days=3),
        ),
        person_id=designer.person_id,
        actor=scene.actor(_LEAD),
        at=at,
    )
    services.accept(task_id=made.id, actor=designer, at=at)


def produce(scene: Scene) -> int:
    """Ask for copy and posts of what runs: one waits for review, one came back; return how many."""
    at, lead, editor = scene.plan.at, scene.actor(_LEAD), scene.actor("editor")
    running = Promotion.objects.filter(state="running").order_by("pk")[:2]
    for place, promotion in enumerate(running):
        made = services.plan(
            kind=ContentKind.POST if place else ContentKind.COPY,
            about=About.PROMOTION,
            about_id=promotion.pk,
            brief=Brief(
                title=f"{promotion.title} · 店铺文案",
                purpose=promotion.aim,
                due_at=at + dt.timedelta(days=2),
            ),
            person_id=editor.person_id,
            actor=lead,
            at=at,
        )
        services.hand_version(task_id=made.id, text=_COPY, actor=editor, at=at)
        services.submit(task_id=made.id, actor=editor, at=at)
        if place:
            services.send_back(task_id=made.id, reason="请写明活动起止时间", actor=lead, at=at)
    return len(running)
