"""Hand a request in, take it back, bring in one from before go-live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from ops.engines.approvals import approvers, errors
from ops.engines.approvals.choices import RequestKind, RequestState
from ops.engines.approvals.flows import Flow, flow_named
from ops.engines.approvals.models import Decision, Request
from ops.engines.approvals.reading import info
from ops.engines.approvals.services import steps as course
from ops.engines.approvals.types import FrozenStep, RequestInfo
from ops.engines.audit import services as audit
from ops.engines.identity.types import PersonInfo
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.canonical import canonical_json, content_hash

_NOWHERE: Mapping[str, int] = MappingProxyType({})
_NO_FIGURES: Mapping[str, Any] = MappingProxyType({})


def submit(
    *,
    flow: str,
    subject: tuple[str, int],
    number: str,
    title: str,
    content: Mapping[str, Any],
    figures: Mapping[str, Any],
    scope_ids: Mapping[str, int] = _NOWHERE,
    department_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> RequestInfo:
    """Hand content and figures in; both are fixed under one hash, the steps too.

    Every step gets its approvers by the positions of this day; where only the requester could
    decide, the next level up does. `content` and `figures` hold whatever canonical JSON can say
    (money as Decimal); `content["lines"]` is what a guard with lines compares rows with.
    Raises RequesterMayNotAsk, AlreadySubmitted, NobodyMayDecide.
    """
    declared = flow_named(flow)
    person_id = _require_requester(declared, actor, scope_ids)
    with transaction.atomic():
        if Request.objects.filter(
            flow=flow,
            subject_type=subject[0],
            subject_id=subject[1],
            state=RequestState.SUBMITTED,
        ).exists():
            raise errors.AlreadySubmitted
        asked = approvers.Asked(
            requester_person_id=person_id,
            scope_ids=scope_ids,
            department_id=department_id,
            at=at,
        )
        planned = _resolve(declared, declared.frozen_steps(content, figures), asked)
        document = {"content": content, "figures": figures}
        request = Request(
            flow=flow,
            subject_type=subject[0],
            subject_id=subject[1],
            number=number,
            title=title,
            document=canonical_json(document),
            content_hash=content_hash(document),
            scope_ids=dict(scope_ids),
            department_id=department_id,
            requester_person_id=person_id,
            requester_user_id=actor.user_id,
            requester_name=actor.name,
            submitted_at=at,
            steps=[asdict(step) for step, _persons in planned],
        )
        course.start_clock(request, hours=planned[0][0].hours, at=at)
        request.save(force_insert=True)
        for place, (step, persons) in enumerate(planned):
            course.name_approvers(
                request_id=request.pk,
                step=place,
                role=step.role,
                persons=persons,
                level=0,
                at=at,
            )
        audit.record(
            actor=actor,
            at=at,
            action="approvals.submitted",
            obj=subject,
            body={
                "request": request.pk,
                "flow": flow,
                "number": number,
                "content_hash": request.content_hash,
                "figures": figures,
                "steps": [asdict(step) for step, _persons in planned],
                "approvers": [[p.person_id for p in persons] for _step, persons in planned],
            },
        )
        course.tell_approvers(request, [p.person_id for p in planned[0][1]], actor=actor, at=at)
        return info(request)


def withdraw(*, request_id: int, actor: Actor, at: datetime) -> RequestInfo:
    """Take a request back; possible for its requester until the first decision.

    Raises RequestMissing (also for other people's requests), RequestClosed, WithdrawTooLate.
    """
    with transaction.atomic():
        request = course.lock(request_id)
        if actor.person_id is None or actor.person_id != request.requester_person_id:
            raise errors.RequestMissing(request_id)
        if request.state != RequestState.SUBMITTED:
            raise errors.RequestClosed(request.state)
        if Decision.objects.filter(request=request).exists():
            raise errors.WithdrawTooLate
        course.close(request, state=RequestState.WITHDRAWN, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="approvals.withdrawn",
            obj=(request.subject_type, request.subject_id),
            body={"request": request.pk, "flow": request.flow, "number": request.number},
        )
        plain = info(request)
        back = flow_named(request.flow).on_return
        if back is not None:
            back(plain, actor, at)
        return plain


def open_as_history(
    *,
    flow: str,
    subject: tuple[str, int],
    number: str = "",
    title: str = "",
    content: Mapping[str, Any],
    actor: Actor,
    at: datetime,
) -> RequestInfo:
    """Bring in what was approved before go-live: kind "opening", approved as it comes.

    Guards accept it only for rows that call themselves opening. Runs no effect. Raises
    RequesterMayNotAsk for anybody but the import account.
    """
    flow_named(flow)
    if actor.kind is not ActorKind.IMPORT:
        raise errors.RequesterMayNotAsk(flow)
    document = {"content": content, "figures": _NO_FIGURES}
    with transaction.atomic():
        request = Request.objects.create(
            flow=flow,
            kind=RequestKind.OPENING,
            subject_type=subject[0],
            subject_id=subject[1],
            number=number or f"{subject[0]}:{subject[1]}",
            title=title or f"{flow}: {actor.name}",
            document=canonical_json(document),
            content_hash=content_hash(document),
            requester_name=actor.name,
            submitted_at=at,
            closed_at=at,
            state=RequestState.APPROVED,
            steps=[],
        )
        audit.record(
            actor=actor,
            at=at,
            action="approvals.opened_as_history",
            obj=subject,
            body={"request": request.pk, "flow": flow, "content_hash": request.content_hash},
        )
        return info(request)


def _require_requester(flow: Flow, actor: Actor, scope_ids: Mapping[str, int]) -> int:
    """Return the requester's person, or refuse machines, other positions, other scopes."""
    if actor.person_id is None or actor.is_machine or not actor.holds(*flow.requester):
        raise errors.RequesterMayNotAsk(flow.key)
    if not actor.may(flow.area, "C"):
        raise errors.RequesterMayNotAsk(flow.key)
    if flow.scope is not None and flow.scope in scope_ids:
        allowed = actor.scope_ids(flow.scope, flow.area, "C")
        if allowed is not None and scope_ids[flow.scope] not in allowed:
            raise errors.RequesterMayNotAsk(flow.key)
    return actor.person_id


def _resolve(
    flow: Flow, frozen: list[FrozenStep], asked: approvers.Asked
) -> list[tuple[FrozenStep, list[PersonInfo]]]:
    """Pair each step with its people; a step that climbed onto a later one is merged into it."""
    planned = []
    for step in frozen:
        settled, persons = course.climb(flow, step, request=asked, excluded=asked.excluded)
        planned.append((settled, sorted(persons, key=lambda person: person.person_id)))
    later: set[str] = set()
    kept = []
    for step, persons in reversed(planned):
        if step.opinion or step.role not in later:
            kept.append((step, persons))
            later.add(step.role)
    return kept[::-1]
