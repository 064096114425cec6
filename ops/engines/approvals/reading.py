"""From a request row to its plain form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.engines.approvals.models import Request
from ops.engines.approvals.types import FrozenStep, RequestInfo


def step_of(stored: Mapping[str, Any]) -> FrozenStep:
    """Return one stored step; steps handed in before a field existed have its default."""
    people = stored.get("people")
    return FrozenStep(
        **{
            **stored,
            "also": tuple(stored.get("also", ())),
            "people": None if people is None else tuple(people),
        }
    )


def info(request: Request) -> RequestInfo:
    """Return the plain form of a request row."""
    return RequestInfo(
        id=request.pk,
        flow=request.flow,
        kind=request.kind,
        state=request.state,
        subject_type=request.subject_type,
        subject_id=request.subject_id,
        number=request.number,
        title=request.title,
        content=request.content,
        figures=request.figures,
        content_hash=request.content_hash,
        scope_ids=request.scope_ids,
        department_id=request.department_id,
        requester_person_id=request.requester_person_id,
        requester_name=request.requester_name,
        submitted_at=request.submitted_at,
        steps=tuple(step_of(step) for step in request.steps),
        step=request.step,
        due_at=request.due_at,
        closed_at=request.closed_at,
        paused_at=request.paused_at,
        barred_person_ids=tuple(request.barred_person_ids),
        replaces_id=request.replaces_id,
    )
