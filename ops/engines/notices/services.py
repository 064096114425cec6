"""Put notices into inboxes and take them out again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.notices import errors
from ops.engines.notices.choices import NoticeKind
from ops.engines.notices.models import Notice

_NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


def notify(
    *,
    kind: str,
    title: str,
    body: str = "",
    params: Mapping[str, Any] = _NO_PARAMS,
    link: str = "",
    subject: str = "",
    person_ids: Collection[int] = (),
    role: str | None = None,
    department_id: int | None = None,
    area: str = "",
    scope: tuple[str, int] | None = None,
    actor: Actor,
    at: datetime,
) -> int:
    """Tell persons, or the holders of a role, something; return how many were told.

    `title` and `body` are message ids (mark them with `gettext_noop`) whose named placeholders
    `params` fills; nothing personal belongs in them. `subject` ("inventory.receipt:12") groups
    notices. With `area` and `scope` only those holders are told who may view that scope. The
    actor is not told of the actor's own doing, unless it is something to act on.
    """
    with transaction.atomic():
        told = set(person_ids)
        if role is not None:
            told |= _holders(role, department_id=department_id, area=area, scope=scope, at=at)
        if kind == NoticeKind.FYI:
            told.discard(actor.person_id or 0)
        Notice.objects.bulk_create(
            [
                Notice(
                    person_id=person_id,
                    kind=NoticeKind(kind),
                    title=title,
                    body=body,
                    params=plain(params),
                    link=link,
                    subject=subject,
                    created_at=at,
                )
                for person_id in sorted(told)
            ],
            batch_size=1000,
        )
    return len(told)


def read(*, notice_id: int, actor: Actor, at: datetime) -> None:
    """Mark one's own notice as read; reading twice keeps the first time. Raises NoticeMissing."""
    _touch(notice_id, actor, read_at=Coalesce(F("read_at"), at))


def acknowledge(*, notice_id: int, actor: Actor, at: datetime) -> None:
    """Acknowledge one's own notice, which also reads it. Raises NoticeMissing."""
    _touch(
        notice_id,
        actor,
        read_at=Coalesce(F("read_at"), at),
        acknowledged_at=Coalesce(F("acknowledged_at"), at),
    )


def settle(*, subject: str, at: datetime, person_ids: Collection[int] | None = None) -> int:
    """Take what was to be done about a subject out of inboxes because it is done.

    Returns how many notices it closed; information and runs stay until they are read.
    """
    open_ones = Notice.objects.filter(
        subject=subject, kind=NoticeKind.ACT, acknowledged_at__isnull=True
    )
    if person_ids is not None:
        open_ones = open_ones.filter(person_id__in=person_ids)
    with transaction.atomic():
        return open_ones.update(acknowledged_at=at)


def settle_all(*, subjects: Collection[str], at: datetime) -> int:
    """Take what was to be done about many subjects out of inboxes, in one statement."""
    open_ones = Notice.objects.filter(
        subject__in=list(subjects), kind=NoticeKind.ACT, acknowledged_at__isnull=True
    )
    with transaction.atomic():
        return open_ones.update(acknowledged_at=at) if subjects else 0


def _touch(notice_id: int, actor: Actor, **changes: Any) -> None:
    with transaction.atomic():
        mine = Notice.objects.filter(pk=notice_id, person_id=actor.person_id or 0)
        if not mine.update(**changes):
            raise errors.NoticeMissing(notice_id)


def _holders(
    role: str,
    *,
    department_id: int | None,
    area: str,
    scope: tuple[str, int] | None,
    at: datetime,
) -> set[int]:
    """Return the holders of a role, narrowed to those who may view the scope in the area."""
    found = {
        person.person_id
        for person in identity.holders(role=role, at=at, department_id=department_id)
    }
    if not area or not found:
        return found
    return identity.reaching(person_ids=found, area=area, right="V", scope=scope, at=at)
