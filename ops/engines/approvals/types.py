"""What approvals hand out: plain, frozen, free of querysets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ops.engines.approvals.choices import RequestKind
from ops.engines.clocks import limits
from ops.engines.clocks.limits import Limit


@dataclass(frozen=True, slots=True)
class FrozenStep:
    """One step of a request as fixed on the day of submission.

    `needed` is how many different persons must decide it; `people` whom it was narrowed to, None
    when every holder of `role` or of `also` may. `limit` is its time limit as stored; requests from
    before it have whole `hours` instead.
    """

    role: str
    area: str
    opinion: bool
    hours: int = 0
    also: tuple[str, ...] = ()
    needed: int = 1
    people: tuple[int, ...] | None = None
    in_department: bool = False
    step_up: bool = False
    limit: str = ""

    @property
    def within(self) -> Limit:
        """Return the time limit."""
        return limits.limit_of(self.limit) if self.limit else limits.hours(self.hours)

    @property
    def roles(self) -> tuple[str, ...]:
        """Return every position that may decide it."""
        return (self.role, *self.also)


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """One request: who asked for what, with which figures, and where it stands.

    Money in `content` and `figures` is text, moments are ISO 8601 in UTC.
    """

    id: int
    flow: str
    kind: str
    state: str
    subject_type: str
    subject_id: int
    number: str
    title: str
    content: Mapping[str, Any]
    figures: Mapping[str, Any]
    content_hash: str
    scope_ids: Mapping[str, int]
    department_id: int | None
    requester_person_id: int | None
    requester_name: str
    submitted_at: datetime
    steps: tuple[FrozenStep, ...]
    step: int
    due_at: datetime | None
    closed_at: datetime | None
    paused_at: datetime | None = None
    barred_person_ids: tuple[int, ...] = ()
    replaces_id: int | None = None

    @property
    def is_taken_over(self) -> bool:
        """Tell whether it was approved before go-live: its content has a shape of its own."""
        return self.kind == RequestKind.OPENING

    @property
    def current(self) -> FrozenStep | None:
        """Return the step that is waited for, or None when the request is closed."""
        return self.steps[self.step] if self.closed_at is None else None


@dataclass(frozen=True, slots=True)
class DecisionInfo:
    """One decision with the figures that were shown."""

    step: int
    verdict: str
    person_id: int
    person_name: str
    role: str
    at: datetime
    opinion: str
    figures: Mapping[str, Any]
    content_hash: str
    deputy_for: str = ""
    figures_now: Mapping[str, Any] | None = None
    is_proved: bool = False
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class CommentInfo:
    """One word in the thread of a request."""

    person_name: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class MovedFigure:
    """One figure that is no longer what was handed in."""

    key: str
    before: Any
    now: Any


@dataclass(frozen=True, slots=True)
class QuestionInfo:
    """A question an approver put to the requester, and the answer."""

    id: int
    asked_by: str
    asked_at: datetime
    question: str
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApproverInfo:
    """A person who may decide a step, and since which level (0 = the step's own role).

    `deputies` are the names of those who stand in for the person in that position today.
    """

    step: int
    person_id: int
    person_name: str
    role: str
    level: int
    deputies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """Everything the decision page needs.

    `why_not` is empty when this actor may decide now, else a code: `closed`, `own_request`,
    `barred`, `decided_before`, `not_approver`. `now` are the figures of this moment, `moved` those
    that differ from the ones handed in, and `shown` the hash a decision on this page cites.
    `deputy_for` names whose place the actor would take.
    """

    request: RequestInfo
    flow_title: str
    sentence: str
    decisions: tuple[DecisionInfo, ...]
    questions: tuple[QuestionInfo, ...]
    approvers: tuple[ApproverInfo, ...]
    may_withdraw: bool
    why_not: str
    comments: tuple[CommentInfo, ...] = ()
    now: Mapping[str, Any] = field(default_factory=dict)
    moved: tuple[MovedFigure, ...] = ()
    shown: str = ""
    may_comment: bool = False
    needs_step_up: bool = False
    needs_passkey: bool = False
    deputy_for: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One request this actor may decide now."""

    id: int
    flow: str
    flow_title: str
    number: str
    title: str
    subject_type: str
    subject_id: int
    requester_name: str
    submitted_at: datetime
    due_at: datetime | None
    is_overdue: bool
    is_opinion: bool
    role: str
    figures: Mapping[str, Any]
    content_hash: str
    in_bulk: bool = True
    adds: Decimal | None = None
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One request on a subject or decided by a person, in a line."""

    id: int
    flow: str
    flow_title: str
    number: str
    title: str
    state: str
    requester_name: str
    submitted_at: datetime
    closed_at: datetime | None
    figures: Mapping[str, Any]
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class AtHand:
    """What waits for a person, most urgent first, and what that person waits for, newest first."""

    waiting: Sequence[InboxItem]
    mine: Sequence[HistoryItem]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of one request of a bulk approval; `code` is empty on success."""

    request_id: int
    code: str = ""
    message: str = ""
