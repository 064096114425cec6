"""Versions change places on their days; reviews are asked for, ends of trials announced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.documents import rules
from ops.engines.documents.choices import VersionState
from ops.engines.documents.models import DocumentReading, DocumentVersion
from ops.engines.documents.selectors.library import locked_document
from ops.engines.documents.selectors.readers import audience_ids
from ops.engines.documents.types import Switched
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

READ_IT = gettext_noop("Read and confirm: %(title)s v%(version)s")
REVIEW = gettext_noop("Review due: %(title)s v%(version)s")
TRIAL = gettext_noop("The trial of %(title)s v%(version)s ends on %(day)s")
REMIND_AFTER = dt.timedelta(days=7)


def switch_due(*, actor: Actor, at: dt.datetime) -> Switched:
    """Put versions in force on their days, end trials, open reviews (ANX-8.2-02, GEN-1.3-05).

    Doing it again on the same day changes nothing and tells nobody twice.
    """
    today = business_day(at)
    with transaction.atomic():
        began = _each(
            DocumentVersion.objects.filter(
                state=VersionState.APPROVED, effective_on__lte=today
            ).order_by("document_id"),
            actor,
            at,
        )
        over = DocumentVersion.objects.filter(
            state=VersionState.EFFECTIVE, expires_on__lte=today
        ).order_by("document_id")
        ended = 0
        for version in over.select_related("document"):
            locked_document(version.document.code)
            end(version, VersionState.ABOLISHED, on=today, actor=actor, at=at)
            ended += 1
        in_force = DocumentVersion.objects.filter(state=VersionState.EFFECTIVE).select_related(
            "document"
        )
        reviews = sum(
            _tell(version, REVIEW, f"review:{version.review_on}", actor, at)
            for version in in_force.filter(review_on__lte=today)
        )
        ending = in_force.filter(expires_on__lte=today + rules.TRIAL_NOTICE)
        warned = sum(_tell(version, TRIAL, "trial", actor, at) for version in ending)
    return Switched(effective=began, ended=ended, reviews=reviews, warned=warned)


def make_effective(version: DocumentVersion, *, actor: Actor, at: dt.datetime) -> None:
    """Put a published version in force: the former one ends the same day, readers are asked.

    The caller holds the document's lock.
    """
    former = DocumentVersion.objects.filter(
        document=version.document, state=VersionState.EFFECTIVE
    ).first()
    if former is not None:
        end(former, VersionState.SUPERSEDED, on=version.effective_on, actor=actor, at=at)
    version.state = VersionState.EFFECTIVE
    version.save(update_fields=["state"])
    _record(version, "documents.effective", actor, at)
    _ask_readers(version, audience_ids(version.document.audience, at=at), "read", actor, at)


def end(
    version: DocumentVersion, state: str, *, on: dt.date, actor: Actor, at: dt.datetime
) -> None:
    """End a version that is in force; nobody is asked to read it any more."""
    version.state, version.ended_on = state, on
    version.save(update_fields=["state", "ended_on", "abolition"])
    notices.settle(subject=_subject(version), at=at)
    _record(version, f"documents.{state}", actor, at)


def remind(*, actor: Actor, at: dt.datetime) -> int:
    """Ask again those who have not confirmed a version a week after it was published.

    Returns how many were asked; each is asked again once a week, and never twice in one.
    """
    week = "{:04}-W{:02}".format(*business_day(at).isocalendar())
    asked = 0
    with transaction.atomic():
        waiting = DocumentVersion.objects.filter(
            state=VersionState.EFFECTIVE, published_at__lte=at - REMIND_AFTER
        ).select_related("document")
        for version in waiting:
            said = set(
                DocumentReading.objects.filter(version=version).values_list("person_id", flat=True)
            )
            missing = audience_ids(version.document.audience, at=at) - said
            asked += _ask_readers(version, missing, f"remind:{week}", actor, at)
    return asked


def _each(due: Iterable[Any], actor: Actor, at: dt.datetime) -> int:
    count = 0
    for row in due:
        locked_document(row.document.code)
        make_effective(row, actor=actor, at=at)
        count += 1
    return count


def _ask_readers(
    version: DocumentVersion, persons: Iterable[int], key: str, actor: Actor, at: dt.datetime
) -> int:
    return notices.notify(
        kind=NoticeKind.ACT,
        title=READ_IT,
        params=_params(version),
        link=f"/documents/{version.document.code}/",
        subject=_subject(version),
        effect_key=f"{_subject(version)}:{key}",
        person_ids=sorted(persons),
        actor=actor,
        at=at,
    )


def _tell(version: DocumentVersion, title: str, key: str, actor: Actor, at: dt.datetime) -> int:
    """Tell the owner something to act on; a key is told once."""
    return notices.notify(
        kind=NoticeKind.ACT,
        title=title,
        params=_params(version),
        link=f"/documents/{version.document.code}/",
        subject=f"{_subject(version)}:owner",
        effect_key=f"{_subject(version)}:{key}",
        person_ids=[version.document.owner_id],
        actor=actor,
        at=at,
    )


def _params(version: DocumentVersion) -> dict[str, str]:
    return {
        "title": version.document.title,
        "version": str(version.number),
        "day": str(version.expires_on or ""),
    }


def _subject(version: DocumentVersion) -> str:
    return f"{rules.SUBJECT}:{version.pk}"


def _record(version: DocumentVersion, action: str, actor: Actor, at: dt.datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(rules.SUBJECT, version.pk),
        body={
            "document": version.document.code,
            "version": version.number,
            "digest": version.digest,
            "effective_on": version.effective_on,
            "ended_on": version.ended_on,
        },
    )
