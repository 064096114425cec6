"""Hand a version in, take it back, and what the flow's decision does to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from ops.engines.approvals import services as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict
from ops.engines.revisions import errors, rules, selectors
from ops.engines.revisions.choices import How, Level, RevisionState
from ops.engines.revisions.declarations import Check, Revised, kind_named
from ops.engines.revisions.models import Revision
from ops.engines.revisions.reading import info, stored
from ops.engines.revisions.services.living import go_live
from ops.engines.revisions.services.locking import lock_piece, lock_revision, record, require
from ops.engines.revisions.types import Finding, RevisionInfo, Subject, Wish

# A request shows at most this many changed values; the version itself holds them all.
MOST_CHANGES: Final = 200


def submit(*, revision_id: int, actor: Actor, at: datetime) -> RevisionInfo:
    """Hand a draft in: the checks run, their findings are kept, deciders see what changes.

    Raises Forbidden, RevisionMissing, RevisionClosed, FindingsStop, and what the approvals engine
    refuses.
    """
    with approvals.handing_in(_flow_of(revision_id), actor=actor, at=at):
        declared, about, row = lock_revision(revision_id, actor)
        require(declared, declared.policy, about, actor)
        if row.state != RevisionState.DRAFT:
            raise errors.RevisionClosed(row.state)
        found = checked(declared.checks, row.content, about, at)
        request = approvals.submit(
            flow=declared.flow,
            subject=(selectors.SUBJECT, row.piece_id),
            number=f"{declared.prefix}{row.piece_id}-{row.no}",
            title=about.title[:200],
            content=_asked(declared, about, row),
            figures=_figures(declared, about, row, found),
            scope_ids=_scope(declared, about),
            actor=actor,
            at=at,
        )
        row.state, row.findings = RevisionState.SUBMITTED, stored(found)
        row.approval_id, row.submitted_at = request.id, at
        row.save(update_fields=["state", "findings", "approval", "submitted_at"])
        record("submitted", row, actor=actor, at=at, request=request.id, findings=row.findings)
        return info(row)


def _flow_of(revision_id: int) -> str:
    kind = Revision.objects.filter(pk=revision_id).values_list("piece__kind_id", flat=True).first()
    return kind_named(kind).flow if kind else ""


def withdraw(*, revision_id: int, actor: Actor, at: datetime) -> RevisionInfo:
    """Take a version back that is in review; possible for its requester until the first decision.

    Raises RevisionMissing, RevisionClosed, and what the approvals engine refuses.
    """
    with transaction.atomic():
        # The request is locked before its version, as everywhere.
        found = selectors.revision(revision_id=revision_id, actor=actor)
        if found.state != RevisionState.SUBMITTED or found.approval_id is None:
            raise errors.RevisionClosed(found.state)
        approvals.withdraw(request_id=found.approval_id, actor=actor, at=at)
        return selectors.info_of(revision_id=revision_id)


def publish(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Let an approved version live from its day; the effect of every flow of revisions.

    The checks run once more: what was fine when it was handed in may have become forbidden.
    Raises RevisionClosed, FindingsStop, and Conflict where the app's SQL function says no.
    """
    row, declared, about = _of(request)
    if row.state != RevisionState.SUBMITTED or row.approval_id != request.id:
        raise errors.RevisionClosed(row.state)
    checked(declared.checks, row.content, about, at)
    row.state = RevisionState.APPROVED
    row.save(update_fields=["state"])
    since = max(row.publish_at or at, at)
    go_live(declared, row, how=How.PUBLISHED, since=since, why="", actor=actor, at=at)
    record("published", row, actor=actor, at=at, request=request.id, live_from=since)


def take_back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Note that a version was returned or withdrawn; `on_return` of every flow of revisions."""
    row, _declared, _about = _of(request)
    if row.state != RevisionState.SUBMITTED or row.approval_id != request.id:
        return
    is_withdrawn = request.state == RequestState.WITHDRAWN
    row.state = RevisionState.WITHDRAWN if is_withdrawn else RevisionState.RETURNED
    row.save(update_fields=["state"])
    record(row.state, row, actor=actor, at=at, request=request.id)


def give_way(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Refuse to change the request of an approved version; one in review counts as withdrawn.

    `on_void` of every flow of revisions: what is handed in is changed by the next version. Raises
    InEffect.
    """
    row, _declared, _about = _of(request)
    if row.state == RevisionState.APPROVED:
        raise errors.InEffect
    if row.state == RevisionState.SUBMITTED:
        row.state = RevisionState.WITHDRAWN
        row.save(update_fields=["state"])
        record("withdrawn", row, actor=actor, at=at, request=request.id)


def checked(
    checks: Sequence[Check], content: Mapping[str, Any], about: Subject, at: datetime
) -> list[Finding]:
    """Return what checks find in content; raises FindingsStop when something must be mended."""
    found = [each for check in checks for each in check(content, about, at)]
    stops = [each for each in found if each.level == Level.STOP]
    if stops:
        raise errors.FindingsStop(stops)
    return found


def _of(request: RequestInfo) -> tuple[Revision, Revised, Subject]:
    """Return the version a request speaks of, its piece locked first."""
    if request.subject_type != selectors.SUBJECT:
        raise Conflict("revisions.not_ours", str(errors.RevisionMissing().message))
    kind, subject_id = selectors.piece(piece_id=request.subject_id)
    piece = lock_piece(kind=kind, subject_id=subject_id)
    locked = Revision.objects.select_for_update(of=("self",), no_key=True)
    row = locked.filter(pk=request.content["revision"], piece=piece).first()
    if row is None:
        raise errors.RevisionMissing
    row.piece = piece
    return row, kind_named(kind), selectors.subject(kind=kind, subject_id=subject_id)


def _asked(declared: Revised, about: Subject, row: Revision) -> dict[str, Any]:
    """Return what is asked for: the version by its hash, and what it would change."""
    old = row.based_on.content if row.based_on is not None else None
    changes = rules.compare(old, row.content)
    return {
        "kind": declared.key,
        "about": about.title,
        "subject_id": about.id,
        "revision": row.pk,
        "version": row.no,
        "former_version": row.based_on.no if row.based_on is not None else None,
        "content_hash": row.content_hash,
        "publish_at": row.publish_at,
        "reason": row.why,
        "parts": list(row.parts),
        "changes": [
            {"field": each.path, "old": each.old, "new": each.new}
            for each in changes[:MOST_CHANGES]
        ],
        "changes_total": len(changes),
    }


def _figures(
    declared: Revised, about: Subject, row: Revision, found: Sequence[Finding]
) -> dict[str, Any]:
    wish = Wish(kind=declared.key, subject=about, content=row.content, parts=tuple(row.parts))
    return {
        "findings": len(found),
        "routed": sorted({each.code for each in found if each.level == Level.ROUTE}),
        **(declared.figures(wish) if declared.figures is not None else {}),
    }


def _scope(declared: Revised, about: Subject) -> dict[str, int]:
    if not declared.scope or about.scope_id is None:
        return {}
    return {declared.scope: about.scope_id}
