"""Editors and designers write only what a task of theirs is about (HR-1.2-28, HR-1.2-29)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from catalog.choices.content_tasks import About, ContentKind
from catalog.errors.content_tasks import NotAssigned
from catalog.models import ContentTask, Listing
from catalog.rules import content_tasks as rules
from catalog.services import owners
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.types import Wish

_BOUND: Final = (Role.EDITOR, Role.DESIGNER)
# Whoever holds one of these as well writes by that position.
_FREE: Final = (
    Role.OPERATIONS_SPECIALIST,
    Role.OPERATIONS_SUPERVISOR,
    Role.OPERATIONS_MANAGER,
    Role.WEB_EDITING_SUPERVISOR,
)


def needs_task(actor: Actor) -> bool:
    """Say whether the actor writes content only by a task."""
    return not actor.is_machine and actor.holds(*_BOUND) and not actor.holds(*_FREE)


def may_edit(wishes: Sequence[Wish], actor: Actor, at: datetime) -> None:
    """Raise NotAssigned unless every part the actor writes is one a task of theirs is about.

    What belongs to goods is written by the department that owns them: raises NotOfDepartment.
    """
    listed = [one.subject.id for one in wishes if rules.ABOUT_OF[one.kind] == About.LISTING]
    if listed:
        goods = Listing.objects.filter(pk__in=listed).values_list("product_id", flat=True)
        owners.require(product_ids=set(goods), actor=actor, at=at)
    if needs_task(actor):
        for wish in wishes:
            _require_task(wish, actor, at)


def _require_task(wish: Wish, actor: Actor, at: datetime) -> None:
    about = rules.ABOUT_OF[wish.kind]
    mine = _tasks(about, wish.subject.id, actor)
    granted = frozenset().union(*(rules.TOUCHES[kind] for kind in mine))
    written = _written(wish, at) if about == About.LISTING else frozenset(wish.parts)
    if not mine or written - granted:
        raise NotAssigned


def require(about: About, about_id: int, kind: ContentKind | None, actor: Actor) -> None:
    """Raise NotAssigned unless the actor has such a task open; of any kind where None is given."""
    if not needs_task(actor):
        return
    mine = _tasks(about, about_id, actor, is_writing=False)
    if not mine or (kind is not None and kind not in mine):
        raise NotAssigned


def refuse_bound(actor: Actor) -> None:
    """Raise NotAssigned for who works by tasks alone: this is no content of a task."""
    if needs_task(actor):
        raise NotAssigned


def _written(wish: Wish, at: datetime) -> frozenset[str]:
    """Return the parts of a listing that this edit changes, beside what others drafted."""
    subject_id = wish.subject.id
    found = versions.open_of(kind=wish.kind, subject_id=subject_id) or versions.live(
        kind=wish.kind, subject_ids=[subject_id], at=at
    ).get(subject_id)
    return rules.touched_listing_parts(None if found is None else found.content, wish.content)


def _tasks(about: About, about_id: int, actor: Actor, *, is_writing: bool = True) -> set[str]:
    """Return the kinds of the actor's tasks about a thing, those in turn or all that are open."""
    mine = ContentTask.objects.filter(
        person=actor.person_id or 0, **{f"{about.value}_id": about_id}
    )
    mine = mine.filter(step__in=rules.WRITABLE) if is_writing else mine.exclude(step__in=rules.OVER)
    return set(mine.values_list("kind", flat=True))
