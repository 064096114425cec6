"""Reading approvals: my inbox, one request, a subject's history, what I decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from ops.engines.approvals import approvers, errors
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.details import decision_info, detail_of, shown_decisions
from ops.engines.approvals.flows import flow_named
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.approvals.reading import info, step_of
from ops.engines.approvals.types import (
    AtHand,
    DecisionInfo,
    HistoryItem,
    InboxItem,
    RequestDetail,
    RequestInfo,
)
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor

_LIGHT = (
    "flow", "number", "title", "subject_type", "subject_id", "state", "requester_name",
    "submitted_at", "closed_at", "due_at", "figures", "content_hash", "steps", "step", "scope_ids",
    "paused_at", "requester_person_id",
)  # fmt: skip


MOST_WAITING: Final = 200
MOST_OWN: Final = 20


def inbox(*, actor: Actor, at: datetime, limit: int = MOST_WAITING) -> list[InboxItem]:
    """Return the requests this actor may decide now, the most urgent first. One query.

    Named persons and their deputies of the day; never one's own request, nor one in which the
    actor decided an earlier step; only with the right to approve in the request's scope.
    """
    return _inbox(_waiting(actor, at=at)[:limit], actor=actor, at=at)


def at_hand(*, actor: Actor, at: datetime) -> AtHand:
    """Return what `inbox` returns together with the actor's own open requests. One query.

    At most 200 and 20; who approves nothing anywhere is asked about own requests only.
    """
    own = Request.objects.filter(
        requester_person_id=actor.person_id or 0, state=RequestState.SUBMITTED
    )
    found = own.order_by("-pk").only(*_LIGHT)[:MOST_OWN]
    if approves(actor):
        found = _waiting(actor, at=at)[:MOST_WAITING].union(found, all=True)
    rows = list(found)
    # A union promises no order, and nobody's own request waits for that person.
    mine = [row for row in rows if row.requester_person_id == actor.person_id]
    waiting = [row for row in rows if row.requester_person_id != actor.person_id]
    return AtHand(
        waiting=_inbox(sorted(waiting, key=_urgency), actor=actor, at=at),
        mine=_history(sorted(mine, key=lambda row: -row.pk)),
    )


def approves(actor: Actor) -> bool:
    """Say whether the actor may approve anything anywhere; asks nothing."""
    return any({"A", "a"} & letters for letters in actor.rights.values())


def waiting_count(*, actor: Actor, at: datetime) -> int:
    """Return how many requests wait for this actor (at most 200 are counted)."""
    return len(inbox(actor=actor, at=at))


def request(*, request_id: int, actor: Actor, at: datetime) -> RequestDetail:
    """Return one request with all the decision page needs; raises RequestMissing.

    Visible to its requester, its approvers of any step, whoever decided it, and to those who may
    view its area in its scope; to anybody else it does not exist.
    """
    return detail_of(request_id, actor=actor, at=at)


def info_of(*, request_id: int) -> RequestInfo:
    """Return one request for another service, without asking who looks; raises RequestMissing."""
    row = Request.objects.filter(pk=request_id).first()
    if row is None:
        raise errors.RequestMissing(request_id)
    return info(row)


def for_subject(subject_type: str, subject_id: int, *, limit: int = 50) -> list[HistoryItem]:
    """Return the requests made on one subject, newest first."""
    rows = Request.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return _history(rows.order_by("-pk").only(*_LIGHT)[:limit])


def decisions_of(*, request_ids: Iterable[int]) -> dict[int, list[DecisionInfo]]:
    """Return the decisions of requests by request id, in order. One query."""
    found: dict[int, list[DecisionInfo]] = {}
    made = shown_decisions().filter(request_id__in=list(request_ids))
    for decision in made.order_by("pk"):
        found.setdefault(decision.request_id, []).append(decision_info(decision))
    return found


def newest_decision(*, flow: str) -> datetime | None:
    """Return when a request of the flow was last decided: the evidence of its clauses."""
    found = Decision.objects.filter(request__flow=flow).order_by("-pk").values_list("at", flat=True)
    return found.first()


def decided_by(*, actor: Actor, limit: int = 50) -> list[HistoryItem]:
    """Return the requests this person decided, newest first, whichever account was used."""
    rows = Request.objects.filter(decisions__decider_person_id=actor.person_id or 0)
    return _history(rows.order_by("-decisions__pk").only(*_LIGHT)[:limit])


def asked_by(*, actor: Actor, limit: int = 50) -> list[HistoryItem]:
    """Return the requests this person handed in, newest first."""
    rows = Request.objects.filter(requester_person_id=actor.person_id or 0)
    return _history(rows.order_by("-pk").only(*_LIGHT)[:limit])


def _waiting(actor: Actor, *, at: datetime) -> QuerySet[Request]:
    if actor.person_id is None or actor.is_machine:
        return Request.objects.none()
    decided = Decision.objects.filter(
        Q(decider_person_id=actor.person_id) | Q(deputy_for_id=actor.person_id),
        request=OuterRef("pk"),
    )
    return (
        Request.objects.filter(state=RequestState.SUBMITTED)
        .exclude(requester_person_id=actor.person_id)
        .exclude(barred_person_ids__contains=[actor.person_id])
        .filter(_named(actor, at=at))
        .exclude(Exists(decided))
        .order_by("due_at", "pk")
        .only(*_LIGHT)
    )


def _urgency(row: Request) -> tuple[bool, float, int]:
    """Order as the database does: by time limit, those without one last, then by age."""
    due = row.due_at
    return due is None, due.timestamp() if due else 0, row.pk


def _inbox(rows: Iterable[Request], *, actor: Actor, at: datetime) -> list[InboxItem]:
    return [
        _inbox_item(row, at=at)
        for row in rows
        if approvers.may_approve(flow_named(row.flow), _area(row), row.scope_ids, actor)
    ]


def _named(actor: Actor, *, at: datetime) -> Q:
    """Say of a request that the actor, or somebody the actor stands in for, is named for now."""
    person_id = approvers.person_of(actor)
    here = Approver.objects.filter(
        request=OuterRef("pk"), step=OuterRef("step"), role__in=sorted(actor.roles)
    )
    replaced = identity.stand_ins(person_id=person_id, at=at).filter(
        deputy_for_id=OuterRef("person_id"), position__key=OuterRef("role")
    )
    return Q(Exists(here.filter(Q(person_id=person_id) | Exists(replaced))))


def _area(row: Request) -> str:
    return str(row.steps[row.step]["area"])


def _inbox_item(row: Request, *, at: datetime) -> InboxItem:
    step = step_of(row.steps[row.step])
    flow = flow_named(row.flow)
    return InboxItem(
        id=row.pk,
        flow=row.flow,
        flow_title=str(flow.title),
        number=row.number,
        title=row.title,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        requester_name=row.requester_name,
        submitted_at=row.submitted_at,
        due_at=row.due_at,
        is_overdue=row.due_at is not None and row.paused_at is None and row.due_at <= at,
        is_opinion=step.opinion,
        role=step.role,
        figures=row.figures,
        content_hash=row.content_hash,
        in_bulk=flow.allows_bulk(step, row.figures),
        adds=flow.sum_of(row.figures),
        is_paused=row.paused_at is not None,
    )


def _history(found: Iterable[Request]) -> list[HistoryItem]:
    """Return lines of requests, each with what came of it where its flow knows."""
    rows = list(found)
    by_flow: dict[str, list[int]] = {}
    for row in rows:
        by_flow.setdefault(row.flow, []).append(row.pk)
    outcomes: dict[int, Any] = {}
    for key, ids in by_flow.items():
        tell = flow_named(key).outcome
        outcomes |= tell(ids) if tell is not None else {}
    return [
        HistoryItem(
            id=row.pk,
            flow=row.flow,
            flow_title=str(flow_named(row.flow).title),
            number=row.number,
            title=row.title,
            state=row.state,
            requester_name=row.requester_name,
            submitted_at=row.submitted_at,
            closed_at=row.closed_at,
            figures=row.figures,
            outcome=str(outcomes.get(row.pk, "")),
        )
        for row in rows
    ]
