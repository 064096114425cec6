"""Name the people of a step and start its clock; shared by submitting, deciding, escalating."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from ops.engines.approvals import approvers, errors
from ops.engines.approvals.flows import Flow
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.approvals.types import FrozenStep
from ops.engines.identity.types import PersonInfo
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


def climb(
    flow: Flow, step: FrozenStep, *, request: approvers.Asked, excluded: frozenset[int]
) -> tuple[FrozenStep, Sequence[PersonInfo]]:
    """Find who decides a step, one level up each time nobody but excluded persons could.

    Raises NobodyMayDecide when even the top of the ladder has no second person.
    """
    role: str | None = step.role
    while role is not None:
        found = approvers.candidates(flow, role, request, area=step.area, excluded=excluded)
        if found:
            return replace(step, role=role), found
        role = flow.level_above(role)
    raise errors.NobodyMayDecide(step.role)


def name_approvers(
    *,
    request_id: int,
    step: int,
    role: str,
    persons: Iterable[PersonInfo],
    level: int,
    at: datetime,
) -> None:
    """Store who may decide a step; persons named already stay as they are."""
    Approver.objects.bulk_create(
        [
            Approver(
                request_id=request_id,
                step=step,
                person_id=person.person_id,
                role=role,
                level=level,
                named_at=at,
            )
            for person in persons
        ],
        ignore_conflicts=True,
    )


def open_next(flow: Flow, request: Request, *, actor: Actor, at: datetime) -> None:
    """Move to the next step; whoever decided before is not asked again.

    The caller holds the request's lock and has stored the decision. Raises NobodyMayDecide.
    """
    request.step += 1
    request.level = 0
    step = FrozenStep(**request.steps[request.step])
    decided = frozenset(
        Decision.objects.filter(request=request).values_list("decider_person_id", flat=True)
    )
    named = set(
        Approver.objects.filter(request=request, step=request.step).values_list(
            "person_id", flat=True
        )
    )
    if named <= decided:
        asked = approvers.Asked.of(request, at=at)
        excluded = decided | asked.excluded
        above, persons = climb(flow, step, request=asked, excluded=excluded)
        name_approvers(
            request_id=request.pk,
            step=request.step,
            role=above.role,
            persons=persons,
            level=1,
            at=at,
        )
        named = {person.person_id for person in persons}
    start_clock(request, hours=step.hours, at=at)
    request.save(update_fields=["step", "level", "due_at", "escalate_at"])
    tell_approvers(request, sorted(named - decided), actor=actor, at=at)


def start_clock(request: Request, *, hours: int, at: datetime) -> None:
    """Set when the current step is due and escalates (not saved)."""
    request.due_at = request.escalate_at = at + timedelta(hours=hours)


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
    request.due_at = request.escalate_at = None
    request.save(update_fields=["state", "closed_at", "due_at", "escalate_at"])
    notices.settle(subject=f"approvals.request:{request.pk}", at=at)
