"""Bring in what was live before go-live: many pieces under one opening request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from ops.engines.approvals import services as approvals
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json, content_hash, plain
from ops.engines.revisions import selectors
from ops.engines.revisions.choices import How, RevisionState
from ops.engines.revisions.declarations import kind_named
from ops.engines.revisions.models import Piece, Publication, Revision


def open_as_history(
    *,
    kind: str,
    contents: Mapping[int, Mapping[str, Any]],
    why: str,
    actor: Actor,
    at: datetime,
) -> int:
    """Take over what is live already, by subject id; set-based, returns how many were new.

    Subjects that have a version keep it. Checks do not run: taken-over content is exempt until its
    first change. Raises RequesterMayNotAsk for anybody but the import account, BadInput.
    """
    declared = kind_named(kind)
    read = {key: plain(declared.read(content)) for key, content in sorted(contents.items())}
    with transaction.atomic():
        Piece.objects.bulk_create(
            [
                Piece(kind_id=kind, subject_type=declared.subject_type, subject_id=key)
                for key in read
            ],
            ignore_conflicts=True,
        )
        unwritten = ~Exists(Revision.objects.filter(piece=OuterRef("pk")))
        fresh = list(
            Piece.objects.filter(unwritten, kind=kind, subject_id__in=read)
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        if not fresh:
            return 0
        digest = content_hash({str(key): content_hash(value) for key, value in read.items()})
        request = approvals.open_as_history(
            flow=declared.flow,
            subject=(selectors.SUBJECT, fresh[0].pk),
            content={"kind": kind, "pieces": len(fresh), "contents_sha256": digest},
            actor=actor,
            at=at,
        )
        made = Revision.objects.bulk_create(
            [
                Revision(
                    piece=piece,
                    no=1,
                    document=canonical_json(read[piece.subject_id]),
                    content_hash=content_hash(read[piece.subject_id]),
                    why=why,
                    parts=list(declared.parts),
                    state=RevisionState.APPROVED,
                    findings=[],
                    drafted_by=0,
                    drafted_at=at,
                    submitted_at=at,
                    approval_id=request.id,
                )
                for piece in fresh
            ],
            batch_size=1000,
        )
        Publication.objects.bulk_create(
            [
                Publication(
                    piece_id=row.piece_id,
                    revision_id=row.pk,
                    approval_id=request.id,
                    how=How.OPENING,
                    since=at,
                    during=(at, None),
                )
                for row in made
            ],
            batch_size=1000,
        )
        audit.record(
            actor=actor,
            at=at,
            action="revisions.taken_over",
            obj=(selectors.SUBJECT, fresh[0].pk),
            body={"kind": kind, "pieces": len(made), "request": request.id, "sha256": digest},
        )
        return len(made)
