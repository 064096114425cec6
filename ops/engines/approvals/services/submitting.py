"""Hand a request in, change it, take it back, bring in one from before go-live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.approvals import approvers, errors
from ops.engines.approvals.approvers import Named
from ops.engines.approvals.choices import RequestKind, RequestState
from ops.engines.approvals.flows import Flow, flow_named, shown_of
from ops.engines.approvals.models import Decision, Request
from ops.engines.approvals.reading import info
from ops.engines.approvals.services import counting, proving
from ops.engines.approvals.services import steps as course
from ops.engines.approvals.services.refusing import refusals
from ops.engines.approvals.types import FrozenStep, RequestInfo
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.canonical import canonical_json, content_hash, plain

_NOWHERE: Mapping[str, int] = MappingProxyType({})
_NO_FIGURES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """What is handed in, before anything of it is decided."""

    flow: Flow
    subject: tuple[str, int]
    number: str
    title: str
    content: Mapping[str, Any]
    figures: Mapping[str, Any]
    scope_ids: Mapping[str, int]
    department_id: int | None
    code: str
    assertion_id: int | None
    replaces: Request | None = None


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
    code: str = "",
    assertion_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> RequestInfo:
    """Hand content and figures in; both are fixed under one hash, the steps too.

    Every step gets its approvers by the positions of this day; where only the requester could
    decide, the next level up does. `content` and `figures` hold whatever canonical JSON can say
    (money as Decimal); `content["lines"]` is what a guard with lines compares rows with. Amounts
    of a cumulative flow count together before the steps are chosen. `code` is the requester's
    one-time code where the flow asks for one (or `assertion_id` a proof made before). Raises
    RequesterMayNotAsk, AlreadySubmitted, NobodyMayDecide, StepUpNeeded, StepUpSpent, StepUpRefused.
    """
    declared = flow_named(flow)
    with refusals("submit", actor=actor, at=at, flow=flow), transaction.atomic():
        person_id = _require_requester(declared, actor, scope_ids)
        if Request.objects.filter(
            flow=flow,
            subject_type=subject[0],
            subject_id=subject[1],
            state=RequestState.SUBMITTED,
        ).exists():
            raise errors.AlreadySubmitted
        offer = _Offer(
            flow=declared,
            subject=subject,
            number=number,
            title=title,
            content=content,
            figures=figures,
            scope_ids=scope_ids,
            department_id=department_id,
            code=code,
            assertion_id=assertion_id,
        )
        return info(_hand_in(offer, person_id=person_id, actor=actor, at=at))


def amend(
    *,
    request_id: int,
    content: Mapping[str, Any],
    figures: Mapping[str, Any],
    code: str = "",
    assertion_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> RequestInfo:
    """Change what was asked: the request is voided and its content submitted anew, undecided.

    Open requests and approved ones alike; who asked before is barred from deciding the new one.
    What was approved and is in effect is first taken back by the flow's `on_void`. Raises
    RequestMissing, RequestClosed, RequesterMayNotAsk, NothingChanged, InEffect and what `submit`
    raises.
    """
    kept = refusals("amend", actor=actor, at=at, request_id=request_id)
    with kept, transaction.atomic():
        old = course.lock(request_id)
        flow = flow_named(old.flow)
        person_id = _require_requester(flow, actor, old.scope_ids)
        if old.state not in {RequestState.SUBMITTED, RequestState.APPROVED}:
            raise errors.RequestClosed(old.state)
        if plain(content) == old.content and _unchanged(flow, figures, old.figures):
            raise errors.NothingChanged
        _void(flow, old, actor=actor, at=at)
        offer = _Offer(
            flow=flow,
            subject=(old.subject_type, old.subject_id),
            number=old.number,
            title=old.title,
            content=content,
            figures=figures,
            scope_ids=old.scope_ids,
            department_id=old.department_id,
            code=code,
            assertion_id=assertion_id,
            replaces=old,
        )
        return info(_hand_in(offer, person_id=person_id, actor=actor, at=at))


def withdraw(*, request_id: int, actor: Actor, at: datetime) -> RequestInfo:
    """Take a request back; possible for its requester until the first decision.

    Raises RequestMissing (also for other people's requests), RequestClosed, WithdrawTooLate.
    """
    kept = refusals("withdraw", actor=actor, at=at, request_id=request_id)
    with kept, transaction.atomic():
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
        plain_form = info(request)
        back = flow_named(request.flow).on_return
        if back is not None:
            back(plain_form, actor, at)
        return plain_form


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
    document = {"content": content, "figures": _NO_FIGURES}
    with refusals("open", actor=actor, at=at, flow=flow), transaction.atomic():
        if actor.kind is not ActorKind.IMPORT:
            raise errors.RequesterMayNotAsk(flow)
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


def _hand_in(offer: _Offer, *, person_id: int, actor: Actor, at: datetime) -> Request:
    """Write a request with its steps and approvers; the caller checked who hands in."""
    flow, old = offer.flow, offer.replaces
    counts = counting.counted(
        flow, offer.content, offer.figures, at=at, without=old.pk if old else None
    )
    figures, choosing = counting.together(flow, offer.figures, counts)
    barred = _barred(flow, offer, figures) - {person_id}
    asked = approvers.Asked(
        requester_person_id=person_id,
        scope_ids=offer.scope_ids,
        department_id=offer.department_id,
        at=at,
        barred=barred,
    )
    planned = _resolve(flow, flow.frozen_steps(offer.content, choosing), asked)
    document = {"content": offer.content, "figures": figures}
    request = Request(
        flow=flow.key,
        subject_type=offer.subject[0],
        subject_id=offer.subject[1],
        number=offer.number,
        title=offer.title,
        document=canonical_json(document),
        content_hash=content_hash(document),
        scope_ids=dict(offer.scope_ids),
        department_id=offer.department_id,
        requester_person_id=person_id,
        requester_user_id=actor.user_id,
        requester_name=actor.name,
        submitted_at=at,
        steps=[asdict(step) for step, _named in planned],
        barred_person_ids=sorted(barred),
        counted_key=counts.key if counts else "",
        counted_amount=counts.amount if counts else None,
        replaces=old,
    )
    if proving.wanted_of_requester(flow.key, declared=flow.step_up):
        request.assertion_id = proving.of_requester(
            payload_hash=request.content_hash,
            given=proving.Given(code=offer.code, assertion_id=offer.assertion_id),
            actor=actor,
            at=at,
        )
    course.start_clock(request, limit=planned[0][0].within, at=at)
    with errors.spent_proofs():
        request.save(force_insert=True)
    for place, (_step, named) in enumerate(planned):
        course.name_approvers(request_id=request.pk, step=place, named=named, level=0, at=at)
    _record(request, figures, planned, actor=actor, at=at)
    course.tell_approvers(request, [each.person_id for each in planned[0][1]], actor=actor, at=at)
    return request


def _record(
    request: Request,
    figures: Mapping[str, Any],
    planned: list[tuple[FrozenStep, list[Named]]],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action="approvals.submitted",
        obj=(request.subject_type, request.subject_id),
        body={
            "request": request.pk,
            "flow": request.flow,
            "number": request.number,
            "content_hash": request.content_hash,
            "figures": figures,
            "steps": request.steps,
            "approvers": [[each.person_id for each in named] for _step, named in planned],
            "replaces": request.replaces_id,
            "assertion": request.assertion_id,
        },
    )


def _void(flow: Flow, old: Request, *, actor: Actor, at: datetime) -> None:
    """Void a request whose content changes, and take back what its approval did."""
    was_approved = old.state == RequestState.APPROVED
    if was_approved and flow.effect is not None and flow.on_void is None:
        raise errors.InEffect
    course.close(old, state=RequestState.VOIDED, at=old.closed_at or at)
    audit.record(
        actor=actor,
        at=at,
        action="approvals.voided",
        obj=(old.subject_type, old.subject_id),
        body={"request": old.pk, "flow": old.flow, "number": old.number, "was": was_approved},
    )
    course.tell_requester(
        old, gettext_noop("Your request was changed and handed in anew: %(number)s"),
        actor=actor, at=at,
    )  # fmt: skip
    if flow.on_void is not None:
        flow.on_void(info(old), actor, at)


def _unchanged(flow: Flow, figures: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Say whether figures are those handed in, the sum of what counts together aside."""
    aside = flow.cumulative.shown_as if flow.cumulative else ""
    return bool(plain(figures) == {key: each for key, each in before.items() if key != aside})


def _barred(flow: Flow, offer: _Offer, figures: Mapping[str, Any]) -> frozenset[int]:
    """Return who may not decide: whom the flow names, and whoever asked before a change."""
    named = flow.barred(shown_of(offer.content, figures)) if flow.barred else ()
    old = offer.replaces
    before = [] if old is None else [*old.barred_person_ids, old.requester_person_id or 0]
    return frozenset(named) | (frozenset(before) - {0})


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
) -> list[tuple[FrozenStep, list[Named]]]:
    """Pair each step with its people; a step that climbed onto a later one is merged into it."""
    planned = []
    for step in frozen:
        settled, named = approvers.climb(flow, step, asked, excluded=asked.excluded)
        planned.append((settled, step.role, list(named)))
    later: set[str] = set()
    kept = []
    for step, declared, named in reversed(planned):
        has_climbed = step.role != declared
        if step.opinion or not has_climbed or step.role not in later:
            kept.append((step, named))
            later.add(step.role)
    return kept[::-1]
