"""Reading revisions: what is live, how it came about, what differs, what is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from ops.engines.kernel.actor import Actor
from ops.engines.revisions import errors, rules
from ops.engines.revisions.choices import OPEN
from ops.engines.revisions.declarations import Revised, kind_named, kinds
from ops.engines.revisions.models import Piece, Publication, Revision
from ops.engines.revisions.reading import info, span, standing
from ops.engines.revisions.types import (
    Change,
    Finding,
    LiveInfo,
    RevisionInfo,
    Span,
    Stand,
    Subject,
    Version,
)

SUBJECT: Final = "revisions.piece"
MOST_VERSIONS: Final = 200


def live(*, kind: str, subject_ids: Collection[int], at: datetime) -> dict[int, LiveInfo]:
    """Return what is live of subjects at a moment, by subject id. One query."""
    rows = (
        Publication.objects.filter(
            piece__kind=kind, piece__subject_id__in=subject_ids, during__contains=at
        )
        .select_related("piece", "revision")
        .defer("revision__document")
    )
    return {
        row.piece.subject_id: LiveInfo(
            subject_id=row.piece.subject_id,
            revision_id=row.revision_id,
            no=row.revision.no,
            content=row.revision.content,
            content_hash=row.revision.content_hash,
            since=row.since,
            approval_id=row.approval_id,
        )
        for row in rows
    }


def live_numbers(
    *, subjects: Mapping[str, Collection[int]], at: datetime
) -> dict[tuple[str, int], int]:
    """Return the number of the live version by kind and subject id, of several kinds at once."""
    wanted = Q(pk__in=())
    for kind, ids in subjects.items():
        wanted |= Q(piece__kind=kind, piece__subject_id__in=ids)
    rows = Publication.objects.filter(wanted, during__contains=at)
    columns = ("piece__kind_id", "piece__subject_id", "revision__no")
    return {(kind, pk): no for kind, pk, no in rows.values_list(*columns)}


def standings(
    *, kind: str, subject_ids: Collection[int], at: datetime
) -> dict[int, tuple[LiveInfo | None, RevisionInfo | None]]:
    """Return what is live and what is open of subjects, for lists. One query."""
    now = FilteredRelation("publications", condition=Q(publications__during__contains=at))
    rows = (
        Revision.objects.filter(piece__kind=kind, piece__subject_id__in=subject_ids)
        .annotate(now=now)
        .filter(Q(state__in=OPEN) | Q(now__isnull=False))
        .annotate(live_since=F("now__since"))
        .select_related("piece")
        .defer("document")
    )
    found: dict[int, tuple[LiveInfo | None, RevisionInfo | None]] = {}
    for row in rows:
        live, opened = found.get(row.piece.subject_id, (None, None))
        if row.live_since is None:
            opened = info(row)
        else:
            live = LiveInfo(
                subject_id=row.piece.subject_id,
                revision_id=row.pk,
                no=row.no,
                content=row.content,
                content_hash=row.content_hash,
                since=row.live_since,
                approval_id=row.approval_id or 0,
            )
        found[row.piece.subject_id] = (live, opened)
    return found


def courses(
    *, kind: str, subject_ids: Collection[int], fields: Sequence[str], at: datetime
) -> dict[int, list[Stand]]:
    """Return what subjects said up to a moment, oldest first, in some fields only. One query.

    A version that was brought back stands there again; one that was called off never did.
    """
    rows = (
        Publication.objects.filter(
            piece__kind=kind,
            piece__subject_id__in=subject_ids,
            during__isempty=False,
            since__lte=at,
        )
        .order_by("piece_id", "since", "pk")
        .values_list(
            "piece__subject_id",
            "revision__no",
            "since",
            "revision__drafted_by",
            "revision__why",
            *(f"revision__content__{name}" for name in fields),
        )
    )
    found: dict[int, list[Stand]] = {}
    for subject_id, no, since, drafted_by, why, *said in rows:
        stand = Stand(
            subject_id=subject_id,
            no=no,
            since=since,
            drafted_by=drafted_by,
            why=why,
            fields=dict(zip(fields, said, strict=True)),
        )
        found.setdefault(subject_id, []).append(stand)
    return found


def live_rows(*, kind: str, at: datetime) -> QuerySet[Publication]:
    """Return the publications of a kind that are live at a moment, to be joined or counted."""
    return Publication.objects.filter(piece__kind=kind, during__contains=at)


def count_following(*, kind: str, content: Mapping[str, Any]) -> int:
    """Count the pieces of a kind that live on, now or later, with content that contains this."""
    rows = Publication.objects.filter(
        piece__kind=kind, during__upper_inf=True, revision__content__contains=content
    )
    return rows.values("piece").distinct().count()


def revision(*, revision_id: int, actor: Actor) -> RevisionInfo:
    """Return one version the actor may see; raises RevisionMissing."""
    row = revisions(actor=actor).filter(pk=revision_id).first()
    if row is None:
        raise errors.RevisionMissing
    return info(row)


def info_of(*, revision_id: int) -> RevisionInfo:
    """Return one version for another service, without asking who looks."""
    row = Revision.objects.select_related("piece").filter(pk=revision_id).first()
    if row is None:
        raise errors.RevisionMissing
    return info(row)


def revisions(*, actor: Actor, kind: str = "") -> QuerySet[Revision]:
    """Return the versions of the kinds and subjects the actor may see, newest first."""
    seen = [kind_named(kind)] if kind else list(kinds().values())
    allowed = Q(pk__in=())
    for each in seen:
        if each.readers.allows(actor):
            allowed |= Q(piece__kind=each.key) & _visible(each, actor)
    rows = Revision.objects.filter(allowed).select_related("piece").defer("document")
    return rows.order_by("-pk")


def history(*, kind: str, subject_id: int, at: datetime) -> list[Version]:
    """Return the versions of a subject, newest first, each with when it was live. Two queries."""
    rows = list(
        Revision.objects.filter(piece__kind=kind, piece__subject_id=subject_id)
        .select_related("piece")
        .defer("document")
        .order_by("-no")[:MOST_VERSIONS]
    )
    spans: dict[int, list[Span]] = {}
    found = Publication.objects.filter(piece_id=rows[0].piece_id) if rows else ()
    for row in found:
        spans.setdefault(row.revision_id, []).append(span(row))
    return [
        Version(
            info=info(row),
            standing=standing(row.state, spans.get(row.pk, ()), at=at),
            spans=spans.get(row.pk, ()),
        )
        for row in rows
    ]


def spans(*, revision_id: int) -> list[Span]:
    """Return the stretches of time of one version, oldest first."""
    return [span(row) for row in Publication.objects.filter(revision_id=revision_id)]


def pending(*, kind: str, actor: Actor) -> QuerySet[Revision]:
    """Return the versions of a kind that are drafted or in review, where the actor may look."""
    return revisions(actor=actor, kind=kind).filter(state__in=OPEN)


def open_of(*, kind: str, subject_id: int) -> RevisionInfo | None:
    """Return the version of a subject that is drafted or in review, None when there is none."""
    rows = Revision.objects.filter(piece__kind=kind, piece__subject_id=subject_id, state__in=OPEN)
    row = rows.select_related("piece").first()
    return None if row is None else info(row)


def content_of(*, kind: str, subject_id: int, no: int) -> Mapping[str, Any] | None:
    """Return the content of one version by its number, None when there is none."""
    rows = Revision.objects.filter(piece__kind=kind, piece__subject_id=subject_id, no=no)
    return rows.values_list("content", flat=True).first()


def compare(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Change]:
    """Return what differs between two contents, path by path."""
    return rules.compare(old, new)


def findings(*, revision_id: int, at: datetime) -> Sequence[Finding]:
    """Return what the checks find in a version now, whether or not it was handed in."""
    found = info_of(revision_id=revision_id)
    declared = kind_named(found.kind)
    about = subject(kind=found.kind, subject_id=found.subject_id)
    return [each for check in declared.checks for each in check(found.content, about, at)]


def subject(*, kind: str, subject_id: int) -> Subject:
    """Return what a piece is about; raises RevisionMissing when its app does not know it."""
    found = kind_named(kind).subjects([subject_id])
    if subject_id not in found:
        raise errors.RevisionMissing
    return found[subject_id]


def piece_id(*, kind: str, subject_id: int) -> int | None:
    """Return the id of a piece, the object of its timeline; None when nothing was written yet."""
    rows = Piece.objects.filter(kind=kind, subject_id=subject_id)
    return rows.values_list("pk", flat=True).first()


def piece_ids(*, kind: str, subject_ids: Collection[int]) -> dict[int, int]:
    """Return the piece of each subject that has one, by subject; timelines are about pieces."""
    rows = Piece.objects.filter(kind_id=kind, subject_id__in=subject_ids)
    return dict(rows.values_list("subject_id", "pk"))


def piece(*, piece_id: int) -> tuple[str, int]:
    """Return kind and subject id of a piece; raises RevisionMissing."""
    found = Piece.objects.filter(pk=piece_id).values_list("kind_id", "subject_id").first()
    if found is None:
        raise errors.RevisionMissing
    return found


def is_visible(*, kind: str, subject_id: int, actor: Actor) -> bool:
    """Say whether the actor may look at content of this kind about this subject."""
    declared = kind_named(kind)
    about = declared.subjects([subject_id]).get(subject_id)
    return about is not None and may_see(declared, about, actor)


def may_see(declared: Revised, about: Subject, actor: Actor, right: str = "V") -> bool:
    """Say whether a kind's readers include the actor, within the actor's own scope."""
    if not declared.readers.allows(actor):
        return False
    if not declared.scope or about.scope_id is None:
        return True
    allowed = actor.scope_ids(declared.scope, declared.area, right)
    return allowed is None or about.scope_id in allowed


def differences(*, at: datetime) -> list[str]:
    """Name what should not be: a live version whose declaration is gone, or of another flow."""
    known = {each.key: each.flow for each in kinds().values()}
    live_now = Publication.objects.filter(piece=OuterRef("pk"), during__contains=at)
    rows = Piece.objects.filter(Exists(live_now)).values_list("kind_id", "kind__flow").distinct()
    return [f"{key}: {flow}" for key, flow in rows if known.get(key) != flow]


def _visible(declared: Revised, actor: Actor) -> Q:
    ids = declared.visible(actor) if declared.visible is not None else None
    return Q() if ids is None else Q(piece__subject_id__in=ids)
