"""Telling owners and the next level: one notice per owner, however many clocks they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_noop

from ops.engines.clocks.choices import ClockState
from ops.engines.clocks.kinds import kind_named
from ops.engines.clocks.models import Clock
from ops.engines.clocks.services.running import notice_subject
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind


@dataclass(frozen=True, slots=True)
class Words:
    """What is said about one clock, and about several."""

    one: str
    many: str


REMIND: Final = Words(
    gettext_noop("Time runs out soon: %(label)s"),
    gettext_noop("Time runs out soon for %(count)s items"),
)
BREACH: Final = Words(
    gettext_noop("Time limit passed: %(label)s"),
    gettext_noop("Time limit passed for %(count)s items"),
)
ESCALATE: Final = Words(
    gettext_noop("Not done in time, now with you: %(label)s"),
    gettext_noop("Not done in time, now with you: %(count)s items"),
)


@dataclass(frozen=True, slots=True)
class _Owner:
    kind: str
    person_id: int | None
    role: str
    department_id: int | None
    scope: tuple[str, int] | None


def tell(words: Words, clocks: Sequence[Clock], *, actor: Actor, at: datetime) -> None:
    """Tell those who own these clocks, or whom the level reached names."""
    by_owner: dict[_Owner, list[Clock]] = {}
    for clock in clocks:
        by_owner.setdefault(_owner(clock, is_up=words is ESCALATE), []).append(clock)
    for owner, owned in by_owner.items():
        first = owned[0]
        one = len(owned) == 1
        notices.notify(
            kind=NoticeKind.ACT,
            title=words.one if one else words.many,
            body=kind_named(owner.kind).title,
            params={"label": first.label, "count": len(owned)},
            link=first.link if one and first.link else _list(owner.kind),
            subject=notice_subject(first) if one else f"clocks.kind:{owner.kind}",
            person_ids=[owner.person_id] if owner.person_id is not None else (),
            role=None if owner.person_id is not None else owner.role,
            department_id=owner.department_id,
            area=first.area,
            scope=owner.scope,
            actor=actor,
            at=at,
        )


def _owner(clock: Clock, *, is_up: bool) -> _Owner:
    kind = kind_named(clock.kind)
    role = kind.escalate[clock.level - 1].role if is_up else clock.role
    scope = None if clock.scope_id is None else (clock.scope_kind, clock.scope_id)
    person_id = None if is_up else clock.person_id
    return _Owner(clock.kind, person_id, role, clock.department_id, scope)


def _list(kind: str) -> str:
    return f"{reverse('desk:clocks')}?kind={kind}&state={ClockState.BREACHED}"
