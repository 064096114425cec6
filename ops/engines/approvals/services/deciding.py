"""Decide: approve a step, send back, approve many of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.approvals import approvers, errors
from ops.engines.approvals.choices import RequestState, Verdict
from ops.engines.approvals.flows import flow_named
from ops.engines.approvals.models import Decision, Request
from ops.engines.approvals.reading import info
from ops.engines.approvals.services import steps as course
from ops.engines.approvals.types import BulkResult, FrozenStep, RequestInfo
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.notices import services as notices

MOST_AT_ONCE: Final = 50


def approve(
    *, request_id: int, content_hash: str, actor: Actor, at: datetime, opinion: str = ""
) -> RequestInfo:
    """Approve the current step, or give the opinion it asks for; the last step runs the effect.

    `content_hash` is that of the content and figures the decider was shown. Raises
    RequestMissing, RequestClosed, OwnRequest, NotApprover, DecidedBefore, ContentMoved,
    ReasonMissing (an opinion step without words), NobodyMayDecide and whatever the effect refuses.
    """
    with transaction.atomic():
        request, step, role = _decidable(request_id, content_hash, actor, at)
        if step.opinion and not opinion.strip():
            raise errors.ReasonMissing
        verdict = Verdict.OPINION if step.opinion else Verdict.APPROVE
        _decide(request, verdict, role=role, opinion=opinion, actor=actor, at=at)
        flow = flow_named(request.flow)
        if request.step + 1 < len(request.steps):
            notices.settle(subject=f"approvals.request:{request.pk}", at=at)
            course.open_next(flow, request, actor=actor, at=at)
            return info(request)
        course.close(request, state=RequestState.APPROVED, at=at)
        course.tell_requester(
            request,
            gettext_noop("Your request was approved: %(number)s"),
            actor=actor,
            at=at,
        )
        plain = info(request)
        if flow.effect is not None:
            flow.effect(plain, actor, at)
        return plain


def send_back(
    *, request_id: int, reason: str, content_hash: str, actor: Actor, at: datetime
) -> RequestInfo:
    """Return a request to its requester with a reason; it is closed, a new one may follow.

    Raises RequestMissing, RequestClosed, OwnRequest, NotApprover, DecidedBefore, ContentMoved,
    ReasonMissing and whatever `on_return` refuses.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    with transaction.atomic():
        request, _step, role = _decidable(request_id, content_hash, actor, at)
        _decide(request, Verdict.RETURN, role=role, opinion=reason, actor=actor, at=at)
        course.close(request, state=RequestState.RETURNED, at=at)
        course.tell_requester(
            request,
            gettext_noop("Your request was returned: %(number)s"),
            kind="act",
            actor=actor,
            at=at,
        )
        plain = info(request)
        back = flow_named(request.flow).on_return
        if back is not None:
            back(plain, actor, at)
        return plain


def approve_many(
    *, items: Sequence[tuple[int, str]], actor: Actor, at: datetime, opinion: str = ""
) -> list[BulkResult]:
    """Approve up to 50 requests of one flow, each (request id, content hash) on its own.

    What one refuses leaves the others standing; results come in the order given. Raises
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
                approve(
                    request_id=request_id,
                    content_hash=shown,
                    actor=actor,
                    at=at,
                    opinion=opinion,
                )
            except OpsError as refusal:
                results[request_id] = BulkResult(request_id, refusal.code, str(refusal))
            else:
                results[request_id] = BulkResult(request_id)
    return [results[request_id] for request_id in ids]


def _decidable(
    request_id: int, content_hash: str, actor: Actor, at: datetime
) -> tuple[Request, FrozenStep, str]:
    """Lock the request and return it with its step and the position in which this actor decides.

    A second tap of the same person finds the request closed or decided; a stranger finds nothing.
    """
    request = course.lock(request_id)
    flow = flow_named(request.flow)
    if request.state != RequestState.SUBMITTED:
        raise errors.RequestClosed(request.state)
    step = FrozenStep(**request.steps[request.step])
    why_not, role = approvers.standing(flow, request, actor, at=at)
    if why_not == "own_request":
        raise errors.OwnRequest(due_at=request.due_at)
    if why_not == "decided_before":
        raise errors.DecidedBefore
    if why_not or role is None:
        raise errors.NotApprover(step.role)
    if content_hash != request.content_hash:
        raise errors.ContentMoved
    return request, step, role


def _decide(
    request: Request, verdict: Verdict, *, role: str, opinion: str, actor: Actor, at: datetime
) -> None:
    """Write the decision with the figures shown, and its audit fact."""
    approvers.name_deputy(request, actor, role=role, at=at)
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
        opinion=opinion.strip(),
        at=at,
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
            "requester_person": request.requester_person_id,
            "content_hash": request.content_hash,
            "figures": request.figures,
            "opinion": opinion.strip(),
        },
    )
