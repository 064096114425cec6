"""One request as the decision page needs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ops.engines.approvals import approvers, errors, showing
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.flows import Flow, flow_named
from ops.engines.approvals.models import (
    Approver,
    Comment,
    Decision,
    Question,
    Request,
    StepUpRule,
)
from ops.engines.approvals.reading import info
from ops.engines.approvals.types import (
    ApproverInfo,
    CommentInfo,
    DecisionInfo,
    QuestionInfo,
    RequestDetail,
    RequestInfo,
)
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor


def detail_of(request_id: int, *, actor: Actor, at: datetime) -> RequestDetail:
    """Return a request with decisions, questions, thread and approvers; raises RequestMissing.

    Who takes part is asked of any number: what is not there costs as much as what is not theirs.
    """
    row = Request.objects.filter(pk=request_id).first()
    named = list(
        Approver.objects.filter(request_id=request_id)
        .select_related("person")
        .order_by("step", "level", "pk")
    )
    decisions = list(shown_decisions().filter(request_id=request_id).order_by("pk"))
    replaced = _stands_in_for(actor, at=at)
    if row is None:
        raise errors.RequestMissing(request_id)
    people = {row.requester_person_id, *(approver.person_id for approver in named)}
    if people.isdisjoint({actor.person_id, *replaced}) and not may_view(row, actor):
        raise errors.RequestMissing(row.pk)
    flow = flow_named(row.flow)
    standing = approvers.standing(flow, row, actor, at=at)
    takes_part = actor.person_id is not None and (not standing.why_not or actor.person_id in people)
    if not takes_part and not may_view(row, actor):
        raise errors.RequestMissing(row.pk)
    plain = info(row)
    now = showing.figures_now(flow, plain)
    is_mine = actor.person_id is not None and actor.person_id == row.requester_person_id
    needs_step_up = not standing.why_not and _needs_step_up(flow, plain)
    return RequestDetail(
        request=plain,
        flow_title=str(flow.title),
        sentence=_sentence(flow, plain),
        decisions=tuple(decision_info(decision) for decision in decisions),
        questions=_questions(row),
        approvers=_approvers(row, named, at=at),
        may_withdraw=row.state == RequestState.SUBMITTED and is_mine and not decisions,
        why_not=standing.why_not,
        comments=tuple(
            CommentInfo(person_name=said.person_name, at=said.at, text=said.text)
            for said in Comment.objects.filter(request=row).order_by("pk")
        ),
        now=now,
        moved=showing.moved(plain.figures, now),
        shown=showing.shown_hash(plain, now),
        may_comment=takes_part and not actor.is_machine,
        needs_step_up=needs_step_up,
        needs_passkey=needs_step_up and identity.has_passkey(actor.user_id),
        deputy_for=identity.person_name(standing.deputy_for),
        reasons=tuple(str(reason) for reason in flow.reasons),
    )


def shown_decisions() -> QuerySet[Decision]:
    """Return decisions with what `decision_info` reads, and none of the binary parts of proofs."""
    return Decision.objects.select_related("deputy_for", "assertion").defer(
        "assertion__signed",
        "assertion__client_data",
        "assertion__authenticator_data",
        "assertion__signature",
    )


def decision_info(decision: Decision) -> DecisionInfo:
    """Return the plain form of a decision row read by `shown_decisions`."""
    replaced, proof = decision.deputy_for, decision.assertion
    return DecisionInfo(
        step=decision.step,
        verdict=decision.verdict,
        person_id=decision.decider_person_id,
        person_name=decision.decider_name,
        role=decision.role,
        at=decision.at,
        opinion=decision.opinion,
        figures=decision.figures,
        content_hash=decision.content_hash,
        deputy_for=replaced.name if replaced is not None else "",
        figures_now=decision.figures_now,
        is_proved=proof is not None,
        is_signed=proof is not None and proof.method == "passkey",
    )


def may_view(row: Request, actor: Actor) -> bool:
    """Say whether the actor may view the request's area in its scope."""
    flow = flow_named(row.flow)
    scope = approvers.scope_of(flow, row.scope_ids)
    if scope is None:
        return actor.is_machine or "V" in actor.rights.get(flow.area, frozenset())
    allowed = actor.scope_ids(scope[0], flow.area, "V")
    return allowed is None or scope[1] in allowed


def _stands_in_for(actor: Actor, *, at: datetime) -> Sequence[int | None]:
    """Return the persons an actor stands in for on the day."""
    rows = identity.stand_ins(person_id=actor.person_id or 0, at=at)
    return list(rows.values_list("deputy_for_id", flat=True))


def _questions(row: Request) -> tuple[QuestionInfo, ...]:
    return tuple(
        QuestionInfo(
            id=question.pk,
            asked_by=question.asked_by_name,
            asked_at=question.asked_at,
            question=question.question,
            answer=question.answer,
            answered_at=question.answered_at,
        )
        for question in Question.objects.filter(request=row).order_by("pk")
    )


def _approvers(
    row: Request, named: Sequence[Approver], *, at: datetime
) -> tuple[ApproverInfo, ...]:
    """Return who may decide, with today's deputies where the request still waits."""
    waiting = row.state == RequestState.SUBMITTED
    persons = {approver.person_id for approver in named} if waiting else set()
    excluded = approvers.Asked.of(row, at=at).excluded
    deputies = identity.deputies(person_ids=persons, at=at) if persons else []
    return tuple(
        ApproverInfo(
            step=approver.step,
            person_id=approver.person_id,
            person_name=approver.person.name,
            role=approver.role,
            level=approver.level,
            deputies=tuple(
                deputy.name
                for deputy in deputies
                if (deputy.deputy_for, deputy.role) == (approver.person_id, approver.role)
                and deputy.person_id not in excluded
            ),
        )
        for approver in named
    )


def _needs_step_up(flow: Flow, plain: RequestInfo) -> bool:
    current = plain.current
    return current is not None and (
        current.step_up or StepUpRule.objects.filter(flow=flow.key, on_decision=True).exists()
    )


def _sentence(flow: Flow, plain: RequestInfo) -> str:
    """Say what is asked for; the flow's own words do not fit what was taken over."""
    if plain.is_taken_over:
        return _("Taken over from before go-live: %(source)s") % {"source": plain.title}
    return flow.describe(plain.content) if flow.describe else plain.title
