"""Write a version down: draft, edit, discard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json, content_hash, plain
from ops.engines.kernel.errors import BadInput
from ops.engines.revisions import errors, rules, selectors
from ops.engines.revisions.choices import OPEN, RevisionState
from ops.engines.revisions.declarations import Revised, kind_named
from ops.engines.revisions.models import Piece, Publication, Revision
from ops.engines.revisions.reading import info
from ops.engines.revisions.services.locking import (
    lock_piece,
    lock_revision,
    record,
    require,
)
from ops.engines.revisions.types import RevisionInfo, Subject, Wish


def draft(
    *,
    kind: str,
    subject_id: int,
    content: Mapping[str, Any],
    why: str,
    publish_at: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> RevisionInfo:
    """Write the next version of a subject's content; what is live stays live.

    `publish_at` is when it shall be live once approved, None: at once. Raises Forbidden,
    RevisionMissing (subject unknown or outside the actor's scope), AlreadyOpen, NothingChanged,
    ReasonMissing, and BadInput naming the field the kind cannot read.
    """
    declared = kind_named(kind)
    about = selectors.subject(kind=kind, subject_id=subject_id)
    require(declared, declared.policy, about, actor)
    read = plain(declared.read(content))
    with transaction.atomic():
        piece = lock_piece(kind=kind, subject_id=subject_id)
        _refuse_second(piece)
        before = _live(piece, at)
        parts = _allowed(declared, about, before, read, actor=actor, at=at)
        row = Revision(
            piece=piece,
            no=_next_number(piece),
            why=reason(why),
            parts=parts,
            based_on=before,
            publish_at=publish_at,
            drafted_by=actor.person_id or 0,
            drafted_at=at,
        )
        _write(row, read)
        row.save(force_insert=True)
        record("drafted", row, actor=actor, at=at, parts=parts, why=row.why)
        return _fresh(row)


def edit(
    *,
    revision_id: int,
    content: Mapping[str, Any],
    why: str | None = None,
    publish_at: datetime | None = None,
    seen: str = "",
    actor: Actor,
    at: datetime,
) -> RevisionInfo:
    """Replace the content of a draft; `seen` is the content hash that was loaded.

    Raises Forbidden, RevisionMissing, RevisionClosed, DraftMoved, NothingChanged, BadInput.
    """
    with transaction.atomic():
        declared, about, row = lock_revision(revision_id, actor)
        require(declared, declared.policy, about, actor)
        if row.state != RevisionState.DRAFT:
            raise errors.RevisionClosed(row.state)
        if seen and seen != row.content_hash:
            raise errors.DraftMoved
        read = plain(declared.read(content))
        row.parts = _allowed(declared, about, row.based_on, read, actor=actor, at=at)
        row.why = row.why if why is None else reason(why)
        row.publish_at = publish_at
        _write(row, read)
        row.save(update_fields=["parts", "why", "publish_at", "document", "content_hash"])
        record("edited", row, actor=actor, at=at, parts=row.parts)
        return _fresh(row)


def discard(*, revision_id: int, actor: Actor, at: datetime) -> RevisionInfo:
    """Drop a draft that was never handed in; it is kept, and the next one may begin.

    Raises Forbidden, RevisionMissing, RevisionClosed.
    """
    with transaction.atomic():
        declared, about, row = lock_revision(revision_id, actor)
        require(declared, declared.policy, about, actor)
        if row.state != RevisionState.DRAFT:
            raise errors.RevisionClosed(row.state)
        _ask(declared, about, row.content, row.parts, actor=actor, at=at)
        row.state = RevisionState.WITHDRAWN
        row.save(update_fields=["state"])
        record("discarded", row, actor=actor, at=at)
        return info(row)


def _refuse_second(piece: Piece) -> None:
    other = piece.revisions.filter(state__in=OPEN).values_list("pk", flat=True).first()
    if other is not None:
        raise errors.AlreadyOpen(other)


def _live(piece: Piece, at: datetime) -> Revision | None:
    rows = Publication.objects.filter(piece=piece, during__contains=at)
    row = rows.select_related("revision").first()
    return None if row is None else row.revision


def _allowed(
    declared: Revised,
    about: Subject,
    before: Revision | None,
    read: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> list[str]:
    """Return the parts that differ from what is live, once this actor may write them."""
    old = None if before is None else before.content
    if old == read:
        raise errors.NothingChanged
    parts = rules.changed_parts(declared.parts, old, read)
    _ask(declared, about, read, parts, actor=actor, at=at)
    return parts


def _ask(
    declared: Revised,
    about: Subject,
    content: Mapping[str, Any],
    parts: Sequence[str],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Ask the kind whether this actor may write, or drop, what is written."""
    if declared.may_edit is not None:
        wish = Wish(kind=declared.key, subject=about, content=content, parts=tuple(parts))
        declared.may_edit([wish], actor, at)


def _write(row: Revision, read: Mapping[str, Any]) -> None:
    row.document, row.content_hash = canonical_json(read), content_hash(read)


def reason(why: str) -> str:
    """Return why a version is written; raises ReasonMissing."""
    try:
        return parse.text(why, most=400, least=1)
    except BadInput as error:
        raise errors.ReasonMissing from error


def _next_number(piece: Piece) -> int:
    last = piece.revisions.order_by("-no").values_list("no", flat=True).first()
    return (last or 0) + 1


def _fresh(row: Revision) -> RevisionInfo:
    """Return a version with the content as the database reads it."""
    row.refresh_from_db(fields=["content"])
    return info(row)
