"""Name the people of a step and start its clock; shared by submitting, deciding, escalating."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_noop

from ops.engines.approvals import approvers, clock, errors
from ops.engines.approvals.approvers import Named
from ops.engines.approvals.flows import Flow
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.approvals.reading import step_of
from ops.engines.approvals.types import FrozenStep
from ops.engines.clocks.limits import Limit
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices


def lock(request_id: int) -> Request:
    """Lock one request, first of all locks; raises RequestMissing."""
    locked = (
        Request.objects.select_for_update(of=("self",), no_key=True).filter(pk=request_id).first()
    )
    if locked is None:
        raise errors.RequestMissing(request_id)
    return locked


def name_approvers(
    *, request_id: int, step: int, named: Iterable[Named], level: int, at: datetime
) -> None:
    """Store who may decide a step; persons named already stay as they are."""
    Approver.objects.bulk_create(
        [
            Approver(
                request_id=request_id,
                step=step,
                person_id=each.person_id,
                role=each.role,
                level=level,
                named_at=at,
            )
            for each in named
        ],
        ignore_conflicts=True,
    )


def step_is_done(request: Request, step: FrozenStep) -> bool:
    """Say whether the step that is waited for has the decisions it needs."""
    given = Decision.objects.filter(request=request, step=request.step)
    return given.count() >= step.needed


def open_next(flow: Flow, request: Request, *, actor: Actor, at: datetime) -> None:
    """Move to the next step; whoever decided before is not asked again.

    The caller holds the request's lock and has stored the decision. Raises NobodyMayDecide.
    """
    request.step += 1
    request.level = 0
    step = step_of(request.steps[request.step])
    decided = frozenset(
        Decision.objects.filter(request=request).values_list("decider_person_id", flat=True)
    )
    named = set(
        Approver.objects.filter(request=request, step=request.step).values_list(
            "person_id", flat=True
        )
    )
    if len(named - decided) < step.needed:
        asked = approvers.Asked.of(request, at=at)
        _above, found = approvers.climb(flow, step, asked, excluded=decided | asked.excluded)
        name_approvers(request_id=request.pk, step=request.step, named=found, level=1, at=at)
        named |= {each.person_id for each in found}
    start_clock(request, limit=step.within, at=at)
    request.save(update_fields=["step", "level", "due_at", "escalate_at", "paused_at"])
    tell_approvers(request, sorted(named - decided), actor=actor, at=at)


def start_clock(request: Request, *, limit: Limit, at: datetime) -> None:
    """Set when the current step is due and escalates (not saved)."""
    request.due_at = request.escalate_at = clock.due(at, limit)
    request.paused_at = None


def stop_clock(request: Request, *, at: datetime) -> None:
    """Let the step's clock stand still; stopping twice keeps the first moment."""
    if request.paused_at is None and request.due_at is not None:
        request.paused_at, request.escalate_at = at, None
        request.save(update_fields=["paused_at", "escalate_at"])


def resume_clock(request: Request, *, at: datetime) -> None:
    """Let the clock run on with what was left of it."""
    if request.paused_at is not None and request.due_at is not None:
        request.due_at = clock.resumed(
            due_at=request.due_at,
            paused_at=request.paused_at,
            at=at,
            limit=step_of(request.steps[request.step]).within,
        )
        request.escalate_at, request.paused_at = request.due_at, None
        request.save(update_fields=["due_at", "escalate_at", "paused_at"])


def tell_approvers(
    request: Request, person_ids: Sequence[int], *, actor: Actor, at: datetime
) -> None:
    """Put the request into the inbox of those who may decide it."""
    notices.notify(
        person_ids=person_ids,
        kind="act",
        title=gettext_noop("A request waits for your decision: %(number)s"),
        params={"number": request.number},
        link=f"/approvals/{request.pk}/",
        subject=f"approvals.request:{request.pk}",
        actor=actor,
        at=at,
    )


def tell_requester(
    request: Request, title: str, *, kind: str = "fyi", actor: Actor, at: datetime
) -> None:
    """Tell the requester what became of the request."""
    if request.requester_person_id is None:
        return
    notices.notify(
        person_ids=[request.requester_person_id],
        kind=kind,
        title=title,
        params={"number": request.number},
        link=f"/approvals/{request.pk}/",
        subject=f"approvals.request:{request.pk}",
        actor=actor,
        at=at,
    )


def close(request: Request, *, state: str, at: datetime) -> None:
    """Close a request and take it out of every inbox."""
    request.state, request.closed_at = state, at
    request.due_at = request.escalate_at = request.paused_at = None
    request.save(update_fields=["state", "closed_at", "due_at", "escalate_at", "paused_at"])
    notices.settle(subject=f"approvals.request:{request.pk}", at=at)
