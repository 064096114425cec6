"""The quarterly review of rights: opened, reminded, answered with a signature, lapsed."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as access
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.errors import BadInput
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.organisation.choices import ReviewState, RightKind, Verdict
from ops.organisation.errors import NotYourReview, ReviewAnswered, ReviewMissing
from ops.organisation.models import AccessReview, AccessReviewLine

DUE, LAPSE = dt.timedelta(days=14), dt.timedelta(days=21)
REMINDERS: Final = (dt.timedelta(days=7), dt.timedelta(days=12))
_ASK = gettext_noop("Confirm or take away the rights of your people: %(period)s")
_REMIND = gettext_noop("Reminder %(number)s: rights still wait for your answer: %(period)s")
_ESCALATE = gettext_noop("%(waiting)s rights were not answered for in time: %(period)s")
_LAPSED = gettext_noop("%(lapsed)s rights lapsed unanswered: %(period)s")
MACHINE: Final = Actor.system("access-review")


def open_review(*, period: str, actor: Actor, at: dt.datetime) -> int:
    """Ask somebody else about every right in force; a period is asked about once.

    The head of the department answers, for company-wide rights the executive; never the person.
    Returns the review's id.
    """
    today = parse.business_day(at)
    with transaction.atomic():
        review, is_new = AccessReview.objects.get_or_create(
            period=period,
            defaults={"opened_at": at, "due_on": today + DUE, "lapses_on": today + LAPSE},
        )
        if not is_new:
            return review.pk
        lines = [
            AccessReviewLine(
                review=review,
                person_id=right.person_id,
                reviewer_id=right.reviewer_id,
                kind=RightKind.POSITION if right.assignment_id else RightKind.SCOPE,
                assignment_id=right.assignment_id,
                user_id=right.user_id,
                scope_kind=right.scope_kind,
                scope_id=right.scope_id,
                right_zh=right.zh[:160],
                right_en=right.en[:160],
                is_protected=right.is_protected,
            )
            for right in identity.rights_in_force(at=at)
        ]
        AccessReviewLine.objects.bulk_create(lines, batch_size=1000)
        audit.record(
            actor=actor,
            at=at,
            action="organisation.review_opened",
            obj=("organisation.accessreview", review.pk),
            body={"period": period, "lines": len(lines), "due_on": review.due_on},
        )
        _tell(review, _ASK, actor=actor, at=at)
    return review.pk


def answer(
    *, line_ids: Sequence[int], verdict: str, reason: str = "", actor: Actor, at: dt.datetime
) -> int:
    """Keep rights or take them away, signed; what is taken away ends at once.

    The named reviewer answers, after the escalation the compliance officer and the executive too;
    nobody for themselves. All or nothing. Returns how many lines were answered.
    Raises BadInput (no reason for taking away), NotYourReview, ReviewAnswered, ReviewMissing.
    """
    if verdict not in {Verdict.KEPT, Verdict.REVOKED}:
        raise BadInput("organisation.verdict", _("Keep the right or take it away."))
    said = parse.text(reason, most=400)
    if verdict == Verdict.REVOKED and not said:
        raise BadInput("organisation.reason", _("Say why the right is taken away."), field="reason")
    with transaction.atomic():
        lines = list(
            AccessReviewLine.objects.select_related("review")
            .select_for_update(of=("self",), no_key=True)
            .filter(pk__in=line_ids)
            .order_by("pk")
        )
        if not lines or len(lines) != len(set(line_ids)):
            raise ReviewMissing("organisation.line_missing", _("There is no such line."))
        for line in lines:
            _require_reviewer(line, actor)
            line.verdict, line.reason = Verdict(verdict), said
            line.decided_by_id, line.decided_at = actor.person_id, at
            line.signature = signature_of(line)
        AccessReviewLine.objects.bulk_update(
            lines,
            ["verdict", "reason", "decided_by", "decided_at", "signature"],
            batch_size=500,
        )
        if verdict == Verdict.REVOKED:
            _take_away(lines, at=at)
        audit.record(
            actor=actor,
            at=at,
            action=f"organisation.rights_{verdict}",
            obj=("organisation.accessreview", lines[0].review_id),
            body={
                "lines": [[line.pk, line.person_id, line.right_zh] for line in lines],
                "reason": said,
                "signatures": [line.signature for line in lines],
            },
        )
        for review_id in {line.review_id for line in lines}:
            _close_when_answered(review_id, at=at)
    return len(lines)


def watch(*, actor: Actor, at: dt.datetime) -> dict[str, int]:
    """Remind twice, escalate when due, and let unanswered rights lapse after that.

    Each step happens once and in this order, however late the watch comes; the rights of the
    administrators and the executive never lapse by themselves: somebody must be left to answer.
    """
    today = parse.business_day(at)
    done = {"reminded": 0, "escalated": 0, "lapsed": 0}
    with transaction.atomic():
        for review in (
            AccessReview.objects.select_for_update(no_key=True)
            .filter(state=ReviewState.OPEN)
            .order_by("pk")
        ):
            opened = parse.business_day(review.opened_at)
            if review.reminders < len(REMINDERS):
                if today >= opened + REMINDERS[review.reminders]:
                    review.reminders += 1
                    review.save(update_fields=["reminders"])
                    done["reminded"] += _tell(review, _REMIND, actor=actor, at=at)
            elif review.escalated_at is None:
                if today >= review.due_on:
                    done["escalated"] += _escalate(review, actor=actor, at=at)
            elif today >= review.lapses_on:
                done["lapsed"] += _lapse(review, actor=actor, at=at)
    return done


def signature_of(line: AccessReviewLine) -> str:
    """Return the hash that binds a person, a right, the answer, who gave it and when."""
    return content_hash(
        {
            "review": line.review_id,
            "line": line.pk,
            "person": line.person_id,
            "right": line.right_zh,
            "assignment": line.assignment_id,
            "scope": [line.user_id, line.scope_kind, line.scope_id],
            "verdict": str(line.verdict),
            "reason": line.reason,
            "decided_by": line.decided_by_id,
            "decided_at": line.decided_at,
        }
    )


def may_answer(line: AccessReviewLine, actor: Actor) -> bool:
    """Say whether the actor answers this line: its reviewer, or those it was escalated to."""
    if actor.person_id is None or actor.person_id == line.person_id:
        return False
    is_escalated = line.review.escalated_at is not None and actor.holds(
        Role.COMPLIANCE_OFFICER, Role.EXECUTIVE
    )
    return line.reviewer_id == actor.person_id or is_escalated


def _require_reviewer(line: AccessReviewLine, actor: Actor) -> None:
    if line.verdict != Verdict.PENDING:
        raise ReviewAnswered("organisation.line_answered", _("This line was answered already."))
    if not may_answer(line, actor):
        raise NotYourReview(
            "organisation.not_your_line", _("Another person answers for this right.")
        )


def _take_away(lines: Sequence[AccessReviewLine], *, at: dt.datetime) -> None:
    access.end_now(
        assignment_ids=[line.assignment_id for line in lines if line.assignment_id],
        actor=MACHINE,
        at=at,
    )
    for line in lines:
        if line.user_id is not None and line.scope_id is not None:
            access.revoke_scope(
                user_id=line.user_id,
                kind=line.scope_kind,
                object_id=line.scope_id,
                actor=MACHINE,
                at=at,
            )


def _escalate(review: AccessReview, *, actor: Actor, at: dt.datetime) -> int:
    waiting = review.lines.filter(verdict=Verdict.PENDING).count()
    review.escalated_at = at
    review.save(update_fields=["escalated_at"])
    for role in (Role.COMPLIANCE_OFFICER, Role.EXECUTIVE):
        _notify(review, _ESCALATE, {"waiting": waiting}, role=role, actor=actor, at=at)
    return waiting


def _lapse(review: AccessReview, *, actor: Actor, at: dt.datetime) -> int:
    lines = list(
        review.lines.select_for_update(of=("self",), no_key=True)
        .filter(verdict=Verdict.PENDING, is_protected=False)
        .order_by("pk")
    )
    for line in lines:
        line.verdict, line.decided_at = Verdict.LAPSED, at
    AccessReviewLine.objects.bulk_update(lines, ["verdict", "decided_at"], batch_size=500)
    if lines:
        _take_away(lines, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="organisation.rights_lapsed",
            obj=("organisation.accessreview", review.pk),
            body={"lines": [[line.pk, line.person_id, line.right_zh] for line in lines]},
        )
        _notify(
            review,
            _LAPSED,
            {"lapsed": len(lines)},
            role=Role.COMPLIANCE_OFFICER,
            actor=actor,
            at=at,
        )
    _close_when_answered(review.pk, at=at)
    return len(lines)


def _close_when_answered(review_id: int, *, at: dt.datetime) -> None:
    if not AccessReviewLine.objects.filter(review=review_id, verdict=Verdict.PENDING).exists():
        AccessReview.objects.filter(pk=review_id, state=ReviewState.OPEN).update(
            state=ReviewState.CLOSED, closed_at=at
        )


def _tell(review: AccessReview, title: str, *, actor: Actor, at: dt.datetime) -> int:
    """Tell everybody who still owes an answer."""
    owing = set(
        review.lines.filter(verdict=Verdict.PENDING, reviewer__isnull=False).values_list(
            "reviewer_id", flat=True
        )
    )
    if not owing:
        return 0
    return _notify(
        review, title, {"number": review.reminders}, person_ids=owing, actor=actor, at=at
    )


def _notify(
    review: AccessReview,
    title: str,
    params: dict[str, int],
    *,
    person_ids: set[int] | None = None,
    role: str | None = None,
    actor: Actor,
    at: dt.datetime,
) -> int:
    return notices.notify(
        kind=NoticeKind.ACT,
        title=title,
        params={"period": review.period, **params},
        link=f"/access-reviews/{review.pk}/",
        subject=f"organisation.accessreview:{review.pk}",
        person_ids=person_ids or (),
        role=role,
        actor=actor,
        at=at,
    )
