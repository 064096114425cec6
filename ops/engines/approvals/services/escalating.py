"""Move overdue steps one level up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from ops.engines.approvals import approvers
from ops.engines.approvals.approvers import Named
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.flows import flow_named
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.approvals.reading import step_of
from ops.engines.approvals.services import steps as course
from ops.engines.approvals.types import FrozenStep
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor


def escalate_due(
    *,
    actor: Actor,
    at: datetime,
    limit: int = 1000,
    progress: Callable[[int, int, str], None] | None = None,
) -> dict[str, int]:
    """Name the next level for every step whose time limit has passed, once per limit.

    Whoever could decide before still may. Each request is a transaction of its own; one that is
    being decided at this moment is left for the next run. Returns counts.
    """
    due = list(
        Request.objects.filter(state=RequestState.SUBMITTED, escalate_at__lte=at)
        .order_by("id")
        .values_list("pk", flat=True)[:limit]
    )
    moved = ended = 0
    for done, request_id in enumerate(due, start=1):
        with transaction.atomic():
            request = (
                Request.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
                .filter(pk=request_id, state=RequestState.SUBMITTED, escalate_at__lte=at)
                .first()
            )
            if request is not None:
                found = _escalate(request, actor=actor, at=at)
                moved += found
                ended += not found
        if progress is not None:
            progress(done, len(due), "escalate")
    return {"due": len(due), "escalated": moved, "at_the_top": ended}


def _escalate(request: Request, *, actor: Actor, at: datetime) -> bool:
    """Name the next level that has people in it; say whether there was one."""
    flow = flow_named(request.flow)
    step = step_of(request.steps[request.step])
    asked = approvers.Asked.of(request, at=at)
    named = Approver.objects.filter(request=request, step=request.step)
    excluded = asked.excluded | frozenset(
        Decision.objects.filter(request=request).values_list("decider_person_id", flat=True)
    )
    known = frozenset(named.values_list("person_id", flat=True))
    reached, above = "", list[Named]()
    role = flow.level_above(_highest(request, step))
    while role is not None and not above:
        found = approvers.candidates(flow, step, role, asked, excluded=excluded)
        above = [each for each in found if each.person_id not in known]
        reached, role = role, flow.level_above(role)
    if not above:
        request.escalate_at = None
        request.save(update_fields=["escalate_at"])
        return False
    request.level += 1
    course.name_approvers(
        request_id=request.pk,
        step=request.step,
        named=above,
        level=request.level,
        at=at,
    )
    course.start_clock(request, limit=step.within, at=at)
    request.save(update_fields=["level", "due_at", "escalate_at"])
    audit.record(
        actor=actor,
        at=at,
        action="approvals.escalated",
        obj=(request.subject_type, request.subject_id),
        body={
            "request": request.pk,
            "number": request.number,
            "step": request.step,
            "position": reached,
            "approvers": [each.person_id for each in above],
        },
    )
    course.tell_approvers(request, [each.person_id for each in above], actor=actor, at=at)
    return True


def _highest(request: Request, step: FrozenStep) -> str:
    """Return the position named last for the current step; its own while nobody else was."""
    if request.level == 0:
        return step.role
    last = (
        Approver.objects.filter(request=request, step=request.step)
        .order_by("-level", "-id")
        .values_list("role", flat=True)
        .first()
    )
    return last or step.role
