"""Locks and rights of revisions: the piece first, then whatever belongs to it."""

from __future__ import annotations

from datetime import datetime

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy
from ops.engines.revisions import errors, selectors
from ops.engines.revisions.declarations import Revised, kind_named
from ops.engines.revisions.models import Piece, Revision
from ops.engines.revisions.types import Subject


def lock_piece(*, kind: str, subject_id: int) -> Piece:
    """Return the locked row of a piece, made when it is first needed."""
    declared = kind_named(kind)
    Piece.objects.bulk_create(
        [Piece(kind_id=kind, subject_type=declared.subject_type, subject_id=subject_id)],
        ignore_conflicts=True,
    )
    locked = Piece.objects.select_for_update(of=("self",), no_key=True)
    return locked.get(kind_id=kind, subject_id=subject_id, subject_type=declared.subject_type)


def lock_revision(revision_id: int, actor: Actor) -> tuple[Revised, Subject, Revision]:
    """Return kind, subject and version of the actor's, with the piece locked before the version.

    Raises RevisionMissing for what the actor may not see.
    """
    found = Revision.objects.select_related("piece").filter(pk=revision_id).first()
    if found is None:
        raise errors.RevisionMissing
    declared = kind_named(found.piece.kind_id)
    about = selectors.subject(kind=declared.key, subject_id=found.piece.subject_id)
    if not selectors.may_see(declared, about, actor):
        raise errors.RevisionMissing
    piece = lock_piece(kind=declared.key, subject_id=about.id)
    row = Revision.objects.select_for_update(of=("self",), no_key=True).get(pk=revision_id)
    row.piece = piece
    return declared, about, row


def require(declared: Revised, policy: Policy, about: Subject, actor: Actor) -> None:
    """Refuse whoever lacks the right, or has it elsewhere only.

    Raises Forbidden, and RevisionMissing for a subject outside the actor's scope.
    """
    policy.require(actor)
    if not selectors.may_see(declared, about, actor):
        raise errors.RevisionMissing
    if declared.scope and about.scope_id is not None:
        allowed = actor.scope_ids(declared.scope, policy.area or declared.area, policy.right)
        if allowed is not None and about.scope_id not in allowed:
            raise errors.RevisionMissing


def record(what: str, row: Revision, *, actor: Actor, at: datetime, **more: object) -> None:
    """Write the audit fact of a version, on its piece."""
    audit.record(
        actor=actor,
        at=at,
        action=f"revisions.{what}",
        obj=(selectors.SUBJECT, row.piece_id),
        body={
            "kind": row.piece.kind_id,
            "subject": row.piece.subject_id,
            "version": row.no,
            "content_hash": row.content_hash,
            **more,
        },
    )
