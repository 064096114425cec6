"""Who may decide: positions of the day, rights in the scope, deputies, never the requester."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ops.engines.approvals import errors
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.flows import Flow
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.types import PersonInfo
from ops.engines.kernel.actor import Actor

# Relations rather than offices: which person it is depends on the requester's department.
OF_DEPARTMENT = frozenset({Role.DEPARTMENT_HEAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a request decides who may decide it."""

    requester_person_id: int | None
    scope_ids: Mapping[str, int]
    department_id: int | None
    at: datetime

    @classmethod
    def of(cls, request: Request, *, at: datetime) -> Asked:
        """Return it for a stored request at a later moment."""
        return cls(
            requester_person_id=request.requester_person_id,
            scope_ids=request.scope_ids,
            department_id=request.department_id,
            at=at,
        )

    @property
    def excluded(self) -> frozenset[int]:
        """Return whom nothing can make an approver of this request."""
        person_id = self.requester_person_id
        return frozenset() if person_id is None else frozenset({person_id})


def scope_of(flow: Flow, scope_ids: Mapping[str, int]) -> tuple[str, int] | None:
    """Return the scope in which an approver needs the right, if the flow names one."""
    if flow.scope is None or flow.scope not in scope_ids:
        return None
    return flow.scope, scope_ids[flow.scope]


def candidates(
    flow: Flow, role: str, asked: Asked, *, area: str, excluded: frozenset[int]
) -> list[PersonInfo]:
    """Return the persons who may decide in a position on the day, by person id.

    A deputy of an excluded person is no other person in this matter. Two queries.
    """
    department_id = asked.department_id if role in OF_DEPARTMENT else None
    found = {
        person.person_id: person
        for person in identity.holders(role=role, at=asked.at, department_id=department_id)
        if person.person_id not in excluded and person.deputy_for not in excluded
    }
    if not found:
        return []
    reached = identity.reaching(
        person_ids=found,
        area=area,
        right="A",
        scope=scope_of(flow, asked.scope_ids),
        at=asked.at,
    )
    return [found[person_id] for person_id in sorted(reached)]


def may_approve(flow: Flow, area: str, scope_ids: Mapping[str, int], actor: Actor) -> bool:
    """Say whether the account's rights of this moment reach the request's scope."""
    if not actor.may(area, "A"):
        return False
    scope = scope_of(flow, scope_ids)
    if scope is None:
        return True
    allowed = actor.scope_ids(scope[0], area, "A")
    return allowed is None or scope[1] in allowed


def standing(flow: Flow, request: Request, actor: Actor, *, at: datetime) -> tuple[str, str | None]:
    """Return ("", position) when the actor may decide now, else the reason why not.

    Reasons: `closed`, `not_approver`, `own_request`, `decided_before`.
    """
    if actor.person_id is None or actor.is_machine:
        return "not_approver", None
    if actor.person_id == request.requester_person_id:
        return "own_request", None
    if request.state != RequestState.SUBMITTED:
        return "closed", None
    if Decision.objects.filter(request=request, decider_person_id=actor.person_id).exists():
        return "decided_before", None
    role = _position(request, actor, at=at)
    area = request.steps[request.step]["area"]
    if role is None or not may_approve(flow, area, request.scope_ids, actor):
        return "not_approver", None
    return "", role


def person_of(actor: Actor) -> int:
    """Return the person behind an actor; raises NotApprover for machines."""
    if actor.person_id is None:
        raise errors.NotApprover("")
    return actor.person_id


def name_deputy(request: Request, actor: Actor, *, role: str, at: datetime) -> None:
    """Store a deputy who is about to decide among the approvers of the step."""
    Approver.objects.bulk_create(
        [
            Approver(
                request=request,
                step=request.step,
                person_id=person_of(actor),
                role=role,
                level=request.level,
                named_at=at,
            )
        ],
        ignore_conflicts=True,
    )


def _position(request: Request, actor: Actor, *, at: datetime) -> str | None:
    """Return the position in which the actor was named and still stands, or stands in for one."""
    named = list(
        Approver.objects.filter(request=request, step=request.step)
        .order_by("level")
        .values_list("person_id", "role")
    )
    for person_id, role in named:
        if person_id == actor.person_id and actor.holds(role):
            return role
    held = [(person_id, role) for person_id, role in named if actor.holds(role)]
    if not held:
        return None
    replaced = set(
        identity.stand_ins(person_id=person_of(actor), at=at).values_list(
            "deputy_for_id", "position__key"
        )
    )
    return next((role for person_id, role in held if (person_id, role) in replaced), None)
