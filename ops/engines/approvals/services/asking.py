"""Ask the requester something before deciding, answer, and say a word in the thread."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.approvals import approvers, errors
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.flows import flow_named
from ops.engines.approvals.models import Comment, Question, Request
from ops.engines.approvals.services import steps as course
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices


def ask(*, request_id: int, question: str, actor: Actor, at: datetime) -> int:
    """Put a question to the requester and return its id.

    The step's clock stands still until every question is answered, unless the flow lets it run.
    Raises RequestMissing, RequestClosed, NotApprover, ReasonMissing.
    """
    if not question.strip():
        raise errors.ReasonMissing
    with transaction.atomic():
        request = course.lock(request_id)
        if request.state != RequestState.SUBMITTED:
            raise errors.RequestClosed(request.state)
        flow = flow_named(request.flow)
        if approvers.standing(flow, request, actor, at=at).why_not:
            raise errors.NotApprover(request.steps[request.step]["role"])
        asked = Question.objects.create(
            request=request,
            asked_by_id=approvers.person_of(actor),
            asked_by_name=actor.name,
            asked_at=at,
            question=question.strip(),
        )
        if flow.pauses:
            course.stop_clock(request, at=at)
        _record(request, "approvals.asked", {"question": asked.question}, actor, at)
        course.tell_requester(
            request,
            gettext_noop("Someone asks about your request: %(number)s"),
            kind="act",
            actor=actor,
            at=at,
        )
        return asked.pk


def answer(*, question_id: int, text: str, actor: Actor, at: datetime) -> None:
    """Answer a question; only the requester may, once.

    Raises RequestMissing (also for other people's requests), RequestClosed, ReasonMissing.
    """
    if not text.strip():
        raise errors.ReasonMissing
    with transaction.atomic():
        asked = Question.objects.filter(pk=question_id).first()
        if asked is None:
            raise errors.RequestMissing(question_id)
        request = course.lock(asked.request_id)
        if actor.person_id is None or actor.person_id != request.requester_person_id:
            raise errors.RequestMissing(request.pk)
        written = Question.objects.filter(pk=question_id, answered_at__isnull=True).update(
            answer=text.strip(), answered_at=at
        )
        if not written or request.state != RequestState.SUBMITTED:
            raise errors.RequestClosed(request.state)
        if not Question.objects.filter(request=request, answered_at__isnull=True).exists():
            course.resume_clock(request, at=at)
        _record(request, "approvals.answered", {"answer": text.strip()}, actor, at)
        notices.notify(
            person_ids=[asked.asked_by_id],
            kind="fyi",
            title=gettext_noop("Your question was answered: %(number)s"),
            params={"number": request.number},
            link=f"/approvals/{request.pk}/",
            subject=f"approvals.request:{request.pk}",
            actor=actor,
            at=at,
        )


def comment(*, request_id: int, text: str, actor: Actor, at: datetime) -> int:
    """Say a word in the thread of a request and return its id; it decides nothing.

    The requester, those named for a step, whoever decided one, and their deputies may. Raises
    RequestMissing (also for strangers), ReasonMissing.
    """
    if not text.strip():
        raise errors.ReasonMissing
    with transaction.atomic():
        request = course.lock(request_id)
        if not approvers.takes_part(flow_named(request.flow), request, actor, at=at):
            raise errors.RequestMissing(request_id)
        said = Comment.objects.create(
            request=request,
            person_id=approvers.person_of(actor),
            person_name=actor.name,
            at=at,
            text=text.strip(),
        )
        _record(request, "approvals.commented", {"text": said.text}, actor, at)
        if request.state == RequestState.SUBMITTED:
            course.tell_requester(
                request, gettext_noop("A word about your request: %(number)s"), actor=actor, at=at
            )
        return said.pk


def _record(
    request: Request, action: str, words: dict[str, str], actor: Actor, at: datetime
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(request.subject_type, request.subject_id),
        body={"request": request.pk, "number": request.number, **words},
    )
