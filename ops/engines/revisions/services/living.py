"""What is live: begin, bring a former version back, retire."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Conflict
from ops.engines.revisions import errors, selectors
from ops.engines.revisions.choices import How, Level, RevisionState
from ops.engines.revisions.declarations import Revised, kind_named
from ops.engines.revisions.models import Piece, Publication, Revision
from ops.engines.revisions.reading import info
from ops.engines.revisions.services.locking import lock_piece, lock_revision, record, require
from ops.engines.revisions.types import LiveChange, RevisionInfo


def restore(*, revision_id: int, why: str, actor: Actor, at: datetime) -> RevisionInfo:
    """Bring a formerly approved version back in one step; it cites its own approval.

    Only the kind's `restore_checks` are asked: a way back must not be barred by what new versions
    need. Raises Forbidden, RevisionMissing, NeverApproved, LiveAlready, ReasonMissing,
    FindingsStop, and Conflict where the app's SQL function says no.
    """
    with transaction.atomic():
        declared, about, row = lock_revision(revision_id, actor)
        require(declared, declared.keepers, about, actor)
        if row.state != RevisionState.APPROVED:
            raise errors.NeverApproved
        words = _reason(why)
        if Publication.objects.filter(revision=row, during__contains=at).exists():
            raise errors.LiveAlready
        found = [each for ask in declared.restore_checks for each in ask(row.content, about, at)]
        stops = [each for each in found if each.level == Level.STOP]
        if stops:
            raise errors.FindingsStop(stops)
        go_live(declared, row, how=How.RESTORED, since=at, why=words, actor=actor, at=at)
        record("restored", row, actor=actor, at=at, request=row.approval_id, why=words)
        return info(row)


def retire(*, kind: str, subject_id: int, why: str, actor: Actor, at: datetime) -> None:
    """End what is live of a subject, and what was to follow it; nothing takes its place.

    Raises Forbidden, RevisionMissing, NothingLive, ReasonMissing.
    """
    declared = kind_named(kind)
    about = selectors.subject(kind=kind, subject_id=subject_id)
    require(declared, declared.keepers, about, actor)
    with transaction.atomic():
        piece = lock_piece(kind=kind, subject_id=subject_id)
        words = _reason(why)
        ended = end_all(piece, since=at, why=words)
        if not ended:
            raise errors.NothingLive
        for row in ended:
            record("retired", row.revision, actor=actor, at=at, why=words)
        _tell(declared, subject_id, None, how="retired", since=at, actor=actor, at=at)


def go_live(
    declared: Revised,
    row: Revision,
    *,
    how: How,
    since: datetime,
    why: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Put a version in the place of whatever is live from `since` on; the piece is locked."""
    words = _("Version %(no)s followed.") % {"no": row.no}
    end_all(row.piece, since=since, why=words)
    try:
        with transaction.atomic():
            Publication.objects.create(
                piece=row.piece,
                revision=row,
                approval_id=row.approval_id or 0,
                how=how,
                since=since,
                during=(since, None),
                why=why,
            )
    except IntegrityError as error:
        raise _refusal(error) from error
    _tell(
        declared, row.piece.subject_id, row.pk, how=str(how.value), since=since, actor=actor, at=at
    )


def end_all(piece: Piece, *, since: datetime, why: str) -> list[Publication]:
    """End every publication of a piece that reaches beyond a moment, and return them.

    What was to follow later is called off too: the newest decision counts from its moment on.
    """
    rows = Publication.objects.filter(piece=piece, during__overlap=(since, None))
    ended = list(rows.select_related("revision__piece").order_by("pk"))
    for row in ended:
        is_begun = row.since < since
        row.during = (row.since, since) if is_begun else "empty"
        row.ended_why = why
        row.save(update_fields=["during", "ended_why"])
    return ended


def _tell(
    declared: Revised,
    subject_id: int,
    revision_id: int | None,
    *,
    how: str,
    since: datetime,
    actor: Actor,
    at: datetime,
) -> None:
    if declared.on_live is not None:
        change = LiveChange(
            kind=declared.key, subject_id=subject_id, revision_id=revision_id, how=how, at=since
        )
        declared.on_live(change, actor, at)


def _reason(why: str) -> str:
    try:
        return parse.text(why, most=400, least=1)
    except BadInput as error:
        raise errors.ReasonMissing from error


def _refusal(error: IntegrityError) -> Exception:
    """Put the refusal of an app's own SQL function into words; anything else is a defect."""
    cause = error.__cause__
    rule = getattr(getattr(cause, "diag", None), "constraint_name", "")
    if rule != "publication_acceptable":
        return error
    return Conflict(
        "revisions.not_acceptable",
        _("This version may not go live as things stand: %(why)s")
        % {"why": str(cause).splitlines()[0]},
    )
