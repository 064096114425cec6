"""Rows as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ops.engines.revisions.choices import Level, RevisionState, Standing
from ops.engines.revisions.models import Publication, Revision
from ops.engines.revisions.types import Finding, RevisionInfo, Span


def info(row: Revision) -> RevisionInfo:
    """Return one version; its piece is loaded with it."""
    return RevisionInfo(
        id=row.pk,
        piece_id=row.piece_id,
        kind=row.piece.kind_id,
        subject_type=row.piece.subject_type,
        subject_id=row.piece.subject_id,
        no=row.no,
        content=row.content,
        content_hash=row.content_hash,
        why=row.why,
        state=row.state,
        parts=tuple(row.parts),
        findings=None if row.findings is None else findings_of(row.findings),
        publish_at=row.publish_at,
        based_on_id=row.based_on_id,
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        submitted_at=row.submitted_at,
        approval_id=row.approval_id,
    )


def findings_of(stored: Iterable[dict[str, Any]]) -> tuple[Finding, ...]:
    """Return findings as they were stored."""
    return tuple(
        Finding(
            field=each["field"], code=each["code"], words=each["words"], level=Level(each["level"])
        )
        for each in stored
    )


def stored(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings as they are stored: in the words of the moment."""
    return [
        {
            "field": each.field,
            "code": each.code,
            "words": str(each.words),
            "level": str(Level(each.level).value),
        }
        for each in findings
    ]


def span(row: Publication) -> Span:
    """Return one stretch of time; one called off before it began ends where it would begin."""
    return Span(
        revision_id=row.revision_id,
        how=row.how,
        since=row.since,
        until=row.since if row.during.isempty else row.during.upper,
        why=row.why,
        ended_why=row.ended_why,
    )


def standing(state: str, spans: Sequence[Span], *, at: datetime) -> str:
    """Say where a version stands at a moment, by its decision and its stretches of time."""
    if state != RevisionState.APPROVED:
        return Standing(state).value
    left = [each for each in spans if each.until is None or each.until > max(at, each.since)]
    if any(each.since <= at for each in left):
        return Standing.LIVE.value
    return Standing.SCHEDULED.value if left else Standing.REPLACED.value
