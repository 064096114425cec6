"""Reading one's own notices."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, Max, Q
from django.utils.translation import gettext

from ops.engines.kernel.actor import Actor
from ops.engines.notices.choices import NoticeKind
from ops.engines.notices.models import MailPreference, Notice
from ops.engines.notices.types import AlarmStanding, Counts, NoticeInfo


def inbox(
    *,
    actor: Actor,
    kinds: Collection[str] = NoticeKind.values,
    open_only: bool = True,
    before_id: int | None = None,
    limit: int = 50,
) -> list[NoticeInfo]:
    """Return this person's notices, newest first, in the reader's language. One query.

    An `act` notice is open until acknowledged, the others until read; `before_id` pages on.
    """
    mine = Notice.objects.filter(person_id=actor.person_id or 0, kind__in=kinds)
    if open_only:
        mine = mine.filter(_OPEN)
    if before_id is not None:
        mine = mine.filter(pk__lt=before_id)
    return [_info(notice) for notice in mine.order_by("-pk")[:limit]]


def counts(*, actor: Actor) -> Counts:
    """Return how many notices of each kind are open for this person. One query."""
    found = Notice.objects.filter(person_id=actor.person_id or 0).aggregate(
        newest=Max("pk"),
        **{
            kind.value: Count("pk", filter=Q(kind=kind) & _OPEN)
            for kind in (NoticeKind.ACT, NoticeKind.FYI, NoticeKind.RUN)
        },
    )
    return Counts(act=found["act"], fyi=found["fyi"], run=found["run"], newest=found["newest"] or 0)


def alarm(*, subject: str) -> AlarmStanding:
    """Return who of those told of an alarm acknowledged it, and who did not. One query."""
    rows = Notice.objects.filter(subject=subject, is_alarm=True).order_by("person__name", "pk")
    said = list(rows.values_list("person_id", "person__name", "acknowledged_at"))
    return AlarmStanding(
        told=len(said),
        acknowledged=sum(1 for *_who, moment in said if moment is not None),
        waiting=tuple((person, name) for person, name, moment in said if moment is None),
    )


def preference(*, actor: Actor) -> MailPreference | None:
    """Return what mail this person wants; None means none."""
    return MailPreference.objects.filter(person_id=actor.person_id or 0).first()


_OPEN = Q(kind=NoticeKind.ACT, acknowledged_at__isnull=True) | Q(
    kind__in=(NoticeKind.FYI, NoticeKind.RUN), read_at__isnull=True
)


def _info(notice: Notice) -> NoticeInfo:
    return NoticeInfo(
        id=notice.pk,
        kind=notice.kind,
        title=rendered(notice.title, notice.params),
        body=rendered(notice.body, notice.params),
        link=notice.link,
        subject=notice.subject,
        created_at=notice.created_at,
        read_at=notice.read_at,
        acknowledged_at=notice.acknowledged_at,
        is_alarm=notice.is_alarm,
    )


def rendered(message: str, params: dict[str, str]) -> str:
    """Return a message of a notice in the language in force, its values filled in."""
    # A message without values is shown as it is: it may hold a percent sign.
    translated = gettext(message) if message else ""
    return translated % params if params else translated
