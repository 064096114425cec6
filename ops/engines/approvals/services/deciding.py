"""Decide: approve a step, send back, approve many of one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.approvals import approvers, errors, showing, signatures
from ops.engines.approvals.approvers import Standing
from ops.engines.approvals.choices import RequestState, Verdict
from ops.engines.approvals.flows import Flow, flow_named
from ops.engines.approvals.models import Decision, Request
from ops.engines.approvals.reading import info, step_of
from ops.engines.approvals.services import proving
from ops.engines.approvals.services import steps as course
from ops.engines.approvals.services.refusing import refusals
from ops.engines.approvals.types import BulkResult, FrozenStep, RequestInfo
from ops.engines.audit import services as audit
from ops.engines.identity import services as identity
from ops.engines.identity.types import Answer, Ceremony
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.notices import services as notices

MOST_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """A locked request at the step this actor may decide now, and the figures of this moment."""

    flow: Flow
    request: Request
    step: FrozenStep
    standing: Standing
    now: Mapping[str, Any]


def approve(
    *,
    request_id: int,
    content_hash: str,
    actor: Actor,
    at: datetime,
    opinion: str = "",
    shown: str | None = None,
    code: str = "",
    passkey: Answer | None = None,
    assertion_id: int | None = None,
) -> RequestInfo:
    """Approve the current step, or give the opinion it asks for; the last step runs the effect.

    `content_hash` is that of the content and figures handed in, `shown` (from the detail) that of
    what the decider saw, with the figures of that moment; without it figures may not have moved at
    all. Where the step asks for a fresh second factor, `passkey` is the answer to `challenge`, and
    `code` a one-time code of somebody without a passkey (or `assertion_id` a proof made before).
    Raises RequestMissing, RequestClosed, OwnRequest, Barred, NotApprover, DecidedBefore,
    ContentMoved, FiguresMoved, ReasonMissing (an opinion step without words), StepUpNeeded,
    StepUpSpent, StepUpRefused, PasskeyNeeded, PasskeyRefused, NobodyMayDecide and whatever the
    effect refuses.
    """
    kept = refusals("approve", actor=actor, at=at, request_id=request_id)
    with kept, transaction.atomic():
        turn = _turn(request_id, content_hash, actor, at)
        _require_unmoved(turn, shown)
        request, step = turn.request, turn.step
        if step.opinion and not opinion.strip():
            raise errors.ReasonMissing
        verdict = _verdict_of(step)
        assertion = None
        if proving.wanted_of_decider(request.flow, declared=step.step_up):
            assertion = proving.of_decider(
                payload_hash=request.content_hash,
                matter=_matter_of(request, verdict),
                given=proving.Given(code=code, passkey=passkey, assertion_id=assertion_id),
                actor=actor,
                at=at,
            )
        _decide(turn, verdict, opinion=opinion, assertion_id=assertion, actor=actor, at=at)
        return _go_on(turn, actor=actor, at=at)


def challenge(*, request_id: int, content_hash: str, actor: Actor, at: datetime) -> Ceremony:
    """Return what the actor's passkey is asked to sign to approve the current step; writes nothing.

    The signature is over content hash, request, step and verdict. Raises as `approve` does, and
    PasskeyRefused when the account has no passkey.
    """
    kept = refusals("challenge", actor=actor, at=at, request_id=request_id)
    with kept, transaction.atomic():
        turn = _turn(request_id, content_hash, actor, at)
        return identity.ask_to_sign(
            purpose=proving.TO_DECIDE,
            payload_hash=turn.request.content_hash,
            matter=_matter_of(turn.request, _verdict_of(turn.step)),
            actor=actor,
            at=at,
        )


def send_back(
    *, request_id: int, reason: str, content_hash: str, actor: Actor, at: datetime
) -> RequestInfo:
    """Return a request to its requester with a reason; it is closed, a new one may follow.

    Raises RequestMissing, RequestClosed, OwnRequest, Barred, NotApprover, DecidedBefore,
    ContentMoved, ReasonMissing and whatever `on_return` refuses.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    kept = refusals("return", actor=actor, at=at, request_id=request_id)
    with kept, transaction.atomic():
        turn = _turn(request_id, content_hash, actor, at)
        request = turn.request
        _decide(turn, Verdict.RETURN, opinion=reason, assertion_id=None, actor=actor, at=at)
        course.close(request, state=RequestState.RETURNED, at=at)
        course.tell_requester(
            request,
            gettext_noop("Your request was returned: %(number)s"),
            kind="act",
            actor=actor,
            at=at,
        )
        plain = info(request)
        if turn.flow.on_return is not None:
            turn.flow.on_return(plain, actor, at)
        return plain


def approve_many(
    *, items: Sequence[tuple[int, str]], actor: Actor, at: datetime, opinion: str = ""
) -> list[BulkResult]:
    """Approve up to 50 requests of one flow, each (request id, content hash) on its own.

    Only requests within the flow's band; a step that asks for a second factor takes one request at
    a time. What one refuses leaves the others standing; results come in the order given. Raises
    BulkTooLarge when there are too many or several flows among them.
    """
    ids = [request_id for request_id, _hash in items]
    with transaction.atomic():
        kinds = set(Request.objects.filter(pk__in=ids).values_list("flow", flat=True))
        if not ids or len(ids) > MOST_AT_ONCE or len(set(ids)) < len(ids) or len(kinds) > 1:
            raise errors.BulkTooLarge(MOST_AT_ONCE)
        results: dict[int, BulkResult] = {}
        for request_id, shown in sorted(items):
            try:
                _approve_one(request_id, shown, opinion=opinion, actor=actor, at=at)
            except OpsError as refusal:
                results[request_id] = BulkResult(request_id, refusal.code, str(refusal))
            else:
                results[request_id] = BulkResult(request_id)
    return [results[request_id] for request_id in ids]


def _approve_one(
    request_id: int, content_hash: str, *, opinion: str, actor: Actor, at: datetime
) -> None:
    row = Request.objects.filter(pk=request_id).first()
    if row is None:
        raise errors.RequestMissing(request_id)
    if row.state != RequestState.SUBMITTED:
        raise errors.RequestClosed(row.state)
    if not flow_named(row.flow).allows_bulk(step_of(row.steps[row.step]), row.figures):
        raise errors.NotInBulk
    approve(request_id=request_id, content_hash=content_hash, actor=actor, at=at, opinion=opinion)


def _turn(request_id: int, content_hash: str, actor: Actor, at: datetime) -> _Turn:
    """Lock the request and return it with its step and the position in which this actor decides.

    A second tap of the same person finds the request closed or decided; a stranger finds nothing.
    """
    request = course.lock(request_id)
    flow = flow_named(request.flow)
    if request.state != RequestState.SUBMITTED:
        raise errors.RequestClosed(request.state)
    step = step_of(request.steps[request.step])
    standing = approvers.standing(flow, request, actor, at=at)
    match standing.why_not:
        case "own_request":
            raise errors.OwnRequest(due_at=request.due_at)
        case "barred":
            raise errors.Barred
        case "decided_before":
            raise errors.DecidedBefore
        case why_not if why_not:
            raise errors.NotApprover(step.role)
    if content_hash != request.content_hash:
        raise errors.ContentMoved
    now = showing.figures_now(flow, info(request))
    return _Turn(flow=flow, request=request, step=step, standing=standing, now=now)


def _verdict_of(step: FrozenStep) -> Verdict:
    return Verdict.OPINION if step.opinion else Verdict.APPROVE


def _matter_of(request: Request, verdict: Verdict) -> Mapping[str, Any]:
    return proving.matter_of(request_id=request.pk, step=request.step, verdict=verdict.value)


def _require_unmoved(turn: _Turn, shown: str | None) -> None:
    """Refuse a decision on figures that are no longer those the decider saw."""
    plain = info(turn.request)
    moved = showing.moved(plain.figures, turn.now)
    seen = shown == showing.shown_hash(plain, turn.now)
    if not seen and (moved or shown is not None):
        raise errors.FiguresMoved(moved)


def _go_on(turn: _Turn, *, actor: Actor, at: datetime) -> RequestInfo:
    """Wait for further persons of the step, open the next one, or close and run the effect."""
    request, flow = turn.request, turn.flow
    if not course.step_is_done(request, turn.step):
        person_id = approvers.person_of(actor)
        subject = f"approvals.request:{request.pk}"
        notices.settle(subject=subject, at=at, person_ids=[person_id])
        return info(request)
    if request.step + 1 < len(request.steps):
        notices.settle(subject=f"approvals.request:{request.pk}", at=at)
        course.open_next(flow, request, actor=actor, at=at)
        return info(request)
    course.close(request, state=RequestState.APPROVED, at=at)
    course.tell_requester(
        request, gettext_noop("Your request was approved: %(number)s"), actor=actor, at=at
    )
    plain = info(request)
    if flow.effect is not None:
        flow.effect(plain, actor, at)
    return plain


def _decide(
    turn: _Turn,
    verdict: Verdict,
    *,
    opinion: str,
    assertion_id: int | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Write the decision with the figures shown, and its audit fact."""
    request, role = turn.request, turn.standing.role
    has_moved = dict(turn.now) != request.figures
    approvers.name_deputy(request, actor, role=role, at=at)
    with errors.spent_proofs():
        Decision.objects.create(
            request=request,
            step=request.step,
            verdict=verdict,
            # An open request has a requester: only `opening` ones, born closed, have none.
            requester_person_id=request.requester_person_id or 0,
            decider_person_id=approvers.person_of(actor),
            decider_user_id=actor.user_id,
            decider_name=actor.name,
            role=role,
            content_hash=request.content_hash,
            figures=request.figures,
            figures_now=dict(turn.now) if has_moved else None,
            opinion=opinion.strip(),
            at=at,
            deputy_for_id=turn.standing.deputy_for,
            assertion_id=assertion_id,
        )
    audit.record(
        actor=actor,
        at=at,
        action=f"approvals.step_{verdict.value}",
        obj=(request.subject_type, request.subject_id),
        body={
            "request": request.pk,
            "flow": request.flow,
            "number": request.number,
            "step": request.step,
            "position": role,
            "deputy_for": turn.standing.deputy_for,
            "requester_person": request.requester_person_id,
            "content_hash": request.content_hash,
            "figures": request.figures,
            "figures_now": dict(turn.now) if has_moved else None,
            "assertion": assertion_id,
            "signature": signatures.as_kept(assertion_id),
            "opinion": opinion.strip(),
        },
    )
