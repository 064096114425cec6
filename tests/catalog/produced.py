"""Content tasks for tests: the supervisor, an editor, a designer, and tasks given to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.choices.content_tasks import ContentKind, TaskStep
from catalog.models import ContentTask
from catalog.rules import content_tasks as rules
from catalog.services import content_log as log
from catalog.services import content_tasks as services
from catalog.types.content_tasks import Brief, ContentTaskInfo
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor, ActorKind
from tests.catalog.shop import Shop, actor
from tests.engines.identity.factories import AT, SYSTEM, account

DUE = AT + timedelta(days=3)
SIZE = (900, 900)


def brief(**changes: Any) -> Brief:
    """Return the brief of copy; a design adds its size."""
    given: dict[str, Any] = {"title": "羊绒衫文案", "purpose": "秋冬上新", "due_at": DUE, **changes}
    return Brief(**given)


@dataclass
class Desk:
    """The people of content production in one channel."""

    channel_id: int
    lead: User
    editor: User
    designer: User

    def worker(self, kind: str) -> User:
        """Return who does such work here."""
        return self.designer if kind == ContentKind.DESIGN else self.editor

    def give(
        self, kind: str, about: str, about_id: int, *, at: datetime = AT, **changes: Any
    ) -> ContentTaskInfo:
        """Plan a task and name its worker, as the supervisor."""
        size = {"width": SIZE[0], "height": SIZE[1]} if kind == ContentKind.DESIGN else {}
        made = services.plan(
            kind=kind,
            about=about,
            about_id=about_id,
            brief=brief(**{"due_at": at + timedelta(days=3), **size, **changes}),
            actor=actor(self.lead, at=at),
            at=at,
        )
        return self.assign(made, at=at)

    def assign(
        self, made: ContentTaskInfo, *, at: datetime = AT, with_brief: Brief | None = None
    ) -> ContentTaskInfo:
        """Name the worker of a task; a design is accepted at once."""
        user = self.worker(made.kind)
        services.assign(
            task_id=made.id,
            person_id=user.person_id or 0,
            brief=with_brief,
            actor=actor(self.lead, at=at),
            at=at,
        )
        if made.kind == ContentKind.DESIGN:
            services.accept(task_id=made.id, actor=actor(user, at=at), at=at)
        return log.info(ContentTask.objects.get(pk=made.id))

    def submit(self, made: ContentTaskInfo, *, at: datetime = AT, **version: Any) -> None:
        """Hand a version in for review, as the worker."""
        who = actor(self.worker(made.kind), at=at)
        services.hand_version(task_id=made.id, **version, actor=who, at=at)
        services.submit(task_id=made.id, actor=who, at=at)

    def approve(self, made: ContentTaskInfo, *, at: datetime = AT) -> None:
        """Approve it as the supervisor."""
        services.approve(task_id=made.id, actor=actor(self.lead, at=at), at=at)


def desk(shop: Shop) -> Desk:
    """Make the people, each let into the channel."""
    return desk_of(shop.channel_id)


def desk_of(channel_id: int) -> Desk:
    """Make the people of a channel."""
    made = Desk(
        channel_id=channel_id,
        lead=account("content-lead", Role.WEB_EDITING_SUPERVISOR),
        editor=account("content-editor", Role.EDITOR),
        designer=account("content-designer", Role.DESIGNER),
    )
    for user in (made.editor, made.designer):
        identity.grant_scope(
            user_id=user.pk, kind="channel", object_id=channel_id, actor=SYSTEM, at=AT
        )
    return made


def granted(
    user_id: int, kind: str, about: str, about_id: int, channel_id: int, *, at: datetime = AT
) -> int:
    """Let an account work on something at once, whatever its position; returns the task."""
    person_id = User.objects.get(pk=user_id).person_id or 0
    size = {"width": SIZE[0], "height": SIZE[1]} if kind == ContentKind.DESIGN else {}
    before = ContentTask.objects.count()
    task = ContentTask.objects.create(
        number=f"CT-TEST-{before}",
        kind=kind,
        channel_id=channel_id,
        about=about,
        title="试",
        purpose="试",
        due_at=at + timedelta(days=3),
        opened_at=at,
        step_at=at,
        **{f"{about}_id": about_id},
        **size,
    )
    log.move(task, rules.given_step(kind), actor=SYSTEM, at=at, person_id=person_id)
    if kind == ContentKind.DESIGN:
        worker = Actor(kind=ActorKind.PERSON, name="worker", person_id=person_id)
        log.move(task, TaskStep.ACCEPTED, actor=worker, at=at)
    return task.pk
