"""Put notices into inboxes and take them out again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.notices import errors
from ops.engines.notices.choices import NoticeKind
from ops.engines.notices.models import Notice
from ops.engines.notices.services import mailing

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
    effect_key: str = "",
    is_alarm: bool = False,
    actor: Actor,
    at: datetime,
) -> int:
    """Tell persons, or the holders of a role, something; return how many were told.

    `title` and `body` are message ids (mark them with `gettext_noop`) whose named placeholders
    `params` fills; nothing personal belongs in them. `subject` ("inventory.receipt:12") groups
    notices. With `area` and `scope` only those holders are told who may view that scope. The
    actor is not told of the actor's own doing, unless it is something to act on.

    With an `effect_key` a person is told once, however often and from wherever this is called;
    the number counts those who had not been told. An alarm is acknowledged by each reader in
    person: `settle` leaves it, and its mail waits for no quiet hours. Raises ValueError for an
    alarm that is nothing to act on.
    """
    if is_alarm and kind != NoticeKind.ACT:
        raise ValueError("an alarm is something to act on")
    with transaction.atomic():
        told = set(person_ids)
        if role is not None:
            told |= _holders(role, department_id=department_id, area=area, scope=scope, at=at)
        if kind == NoticeKind.FYI:
            told.discard(actor.person_id or 0)
        made = [
            Notice(
                person_id=person_id,
                kind=NoticeKind(kind),
                title=title,
                body=body,
                params=plain(params),
                link=link,
                subject=subject,
                effect_key=effect_key,
                is_alarm=is_alarm,
                created_at=at,
            )
            for person_id in sorted(told)
        ]
        kept = _keep(made, effect_key)
        mailing.enter(kept, at=at)
    return len(kept)


def _keep(made: list[Notice], effect_key: str) -> list[Notice]:
    """Write notices and return those that are new; the database says which of a key are."""
    if not effect_key:
        return Notice.objects.bulk_create(made, batch_size=1000)
    persons = {notice.person_id for notice in made}
    same = Notice.objects.filter(effect_key=effect_key, person_id__in=persons)
    with connection.cursor() as cursor:  # two callers of one key wait for each other
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"notice:{effect_key}"]
        )
    known = set(same.values_list("person_id", flat=True))
    fresh = [notice for notice in made if notice.person_id not in known]
    return Notice.objects.bulk_create(fresh, batch_size=1000)


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

    Returns how many notices it closed; information and runs stay until they are read, alarms until
    each reader acknowledges them.
    """
    open_ones = Notice.objects.filter(
        subject=subject, kind=NoticeKind.ACT, acknowledged_at__isnull=True, is_alarm=False
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
