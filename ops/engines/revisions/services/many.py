"""Write versions of many pieces at once: set-based, whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json, content_hash, plain
from ops.engines.revisions import errors, rules, selectors
from ops.engines.revisions.choices import OPEN, RevisionState
from ops.engines.revisions.declarations import Revised, kind_named
from ops.engines.revisions.models import Piece, Publication, Revision
from ops.engines.revisions.services.drafting import reason
from ops.engines.revisions.services.locking import require
from ops.engines.revisions.types import DraftedEach, Subject, Wish


def draft_each(
    *, kind: str, contents: Mapping[int, Mapping[str, Any]], why: str, actor: Actor, at: datetime
) -> DraftedEach:
    """Draft the next version of many subjects, or replace the drafts there are, by subject id.

    As `draft` and `edit`, in a fixed number of statements: what is live stays live, what says
    nothing new is left alone. Raises Forbidden, RevisionMissing (any subject unknown or outside the
    actor's scope), RevisionClosed (any in review), ReasonMissing, and BadInput.
    """
    declared = kind_named(kind)
    said = reason(why)
    subjects = _subjects(declared, contents, actor)
    read = {key: plain(declared.read(contents[key])) for key in sorted(contents)}
    with transaction.atomic():
        pieces = _locked(declared, read)
        ids = list(pieces)
        live, opened = _live(ids, at), _open(ids)
        last = dict(
            Revision.objects.filter(piece_id__in=ids)
            .order_by("piece_id")
            .values_list("piece_id")
            .annotate(Max("no"))
        )
        made: list[Revision] = []
        edited: list[Revision] = []
        wishes: list[Wish] = []
        for pk, piece in pieces.items():
            content, before, draft = read[piece.subject_id], live.get(pk), opened.get(pk)
            newest = draft or before
            if newest is not None and newest.content == content:
                continue
            row = draft or Revision(
                piece=piece,
                no=last.get(pk, 0) + 1,
                based_on=before,
                drafted_by=actor.person_id or 0,
                drafted_at=at,
            )
            row.why = said
            wishes.append(_write(row, content, declared, subjects[piece.subject_id]))
            (made if draft is None else edited).append(row)
        if declared.may_edit is not None:
            declared.may_edit(wishes, actor, at)
        Revision.objects.bulk_create(made, batch_size=1000)
        Revision.objects.bulk_update(
            edited, ["parts", "why", "document", "content_hash"], batch_size=500
        )
        _record("drafted", made, pieces, actor=actor, at=at)
        _record("edited", edited, pieces, actor=actor, at=at)
    return DraftedEach(
        drafted=frozenset(pieces[row.piece_id].subject_id for row in made),
        edited=frozenset(pieces[row.piece_id].subject_id for row in edited),
    )


def _subjects(declared: Revised, ids: Collection[int], actor: Actor) -> Mapping[int, Subject]:
    found = declared.subjects(ids)
    if any(pk not in found for pk in ids):
        raise errors.RevisionMissing
    for about in {one.scope_id: one for one in found.values()}.values():
        require(declared, declared.policy, about, actor)
    return found


def _locked(declared: Revised, ids: Collection[int]) -> dict[int, Piece]:
    """Return the locked pieces by id, ascending, made where they are first needed."""
    Piece.objects.bulk_create(
        [Piece(kind_id=declared.key, subject_type=declared.subject_type, subject_id=pk)
         for pk in ids],
        ignore_conflicts=True,
    )  # fmt: skip
    rows = Piece.objects.filter(kind=declared.key, subject_id__in=ids)
    rows = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    return {piece.pk: piece for piece in rows}


def _live(piece_ids: Collection[int], at: datetime) -> dict[int, Revision]:
    rows = Publication.objects.filter(piece_id__in=piece_ids, during__contains=at)
    return {row.piece_id: row.revision for row in rows.select_related("revision")}


def _open(piece_ids: Collection[int]) -> dict[int, Revision]:
    """Return the drafts by piece; raises RevisionClosed where one is in review."""
    rows = Revision.objects.filter(piece_id__in=piece_ids, state__in=OPEN)
    rows = rows.select_related("based_on").select_for_update(of=("self",), no_key=True)
    found = {row.piece_id: row for row in rows.order_by("pk")}
    for row in found.values():
        if row.state != RevisionState.DRAFT:
            raise errors.RevisionClosed(row.state)
    return found


def _write(
    row: Revision,
    content: Mapping[str, Any],
    declared: Revised,
    about: Subject,
) -> Wish:
    """Put content into a version; return what is wished, for who may say no to it."""
    old = None if row.based_on is None else row.based_on.content
    if old == content:
        raise errors.NothingChanged
    row.parts = rules.changed_parts(declared.parts, old, content)
    row.document, row.content_hash = canonical_json(content), content_hash(content)
    return Wish(kind=declared.key, subject=about, content=content, parts=tuple(row.parts))


def _record(
    what: str,
    rows: Collection[Revision],
    pieces: Mapping[int, Piece],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    if not rows:
        return
    audit.record_each(
        actor=actor,
        at=at,
        action=f"revisions.{what}",
        object_type=selectors.SUBJECT,
        bodies={
            row.piece_id: {
                "kind": pieces[row.piece_id].kind_id,
                "subject": pieces[row.piece_id].subject_id,
                "version": row.no,
                "content_hash": row.content_hash,
                "parts": row.parts,
                "why": row.why,
            }
            for row in rows
        },
    )
