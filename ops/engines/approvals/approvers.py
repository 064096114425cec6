"""Who may decide: positions of the day, rights in the scope, deputies, never the requester."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from ops.engines.approvals import errors
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.flows import Flow
from ops.engines.approvals.models import Approver, Decision, Request
from ops.engines.approvals.reading import step_of
from ops.engines.approvals.types import FrozenStep
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor

# Relations rather than offices: which person it is depends on the requester's department.
OF_DEPARTMENT = frozenset({Role.DEPARTMENT_HEAD})


@dataclass(frozen=True, slots=True)
class Named:
    """A person to be named for a step, and the position in which."""

    person_id: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an actor stands to the step that is waited for.

    `why_not` is empty when the actor may decide now, in `role`, and for `deputy_for` when not in
    the actor's own right.
    """

    why_not: str = ""
    role: str = ""
    deputy_for: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a request decides who may decide it."""

    requester_person_id: int | None
    scope_ids: Mapping[str, int]
    department_id: int | None
    at: datetime
    barred: frozenset[int] = frozenset()

    @classmethod
    def of(cls, request: Request, *, at: datetime) -> Asked:
        """Return it for a stored request at a later moment."""
        return cls(
            requester_person_id=request.requester_person_id,
            scope_ids=request.scope_ids,
            department_id=request.department_id,
            at=at,
            barred=frozenset(request.barred_person_ids),
        )

    @property
    def excluded(self) -> frozenset[int]:
        """Return whom nothing can make an approver of this request."""
        person_id = self.requester_person_id
        return self.barred if person_id is None else self.barred | {person_id}


def scope_of(flow: Flow, scope_ids: Mapping[str, int]) -> tuple[str, int] | None:
    """Return the scope in which an approver needs the right, if the flow names one."""
    if flow.scope is None or flow.scope not in scope_ids:
        return None
    return flow.scope, scope_ids[flow.scope]


def candidates(
    flow: Flow, step: FrozenStep, role: str, asked: Asked, *, excluded: frozenset[int]
) -> list[Named]:
    """Return the persons who may decide a step in a position on the day, by person id.

    A deputy of an excluded person is no other person in this matter. Two queries.
    """
    near = step.in_department or role in OF_DEPARTMENT
    wanted = step.people if role in step.roles else None
    department_id = asked.department_id if near and wanted is None else None
    found = {
        person.person_id
        for person in identity.holders(role=role, at=asked.at, department_id=department_id)
        if person.person_id not in excluded
        and person.deputy_for not in excluded
        and (wanted is None or person.person_id in wanted or person.deputy_for in wanted)
    }
    if not found:
        return []
    reached = identity.reaching(
        person_ids=found,
        area=step.area,
        right="A",
        scope=scope_of(flow, asked.scope_ids),
        at=asked.at,
    )
    return [Named(person_id, role) for person_id in sorted(reached)]


def climb(
    flow: Flow, step: FrozenStep, asked: Asked, *, excluded: frozenset[int]
) -> tuple[FrozenStep, Sequence[Named]]:
    """Find who decides a step, one level up each time too few but excluded persons could.

    The step comes back with the position reached and the number of persons it needs. Raises
    NobodyMayDecide when even the top of the ladder leaves too few.
    """
    found: dict[int, Named] = {}
    for role in step.roles:
        for named in candidates(flow, step, role, asked, excluded=excluded):
            found.setdefault(named.person_id, named)
    needed = step.needed or max(1, _persons(found, asked.at))
    reached = step.role
    is_empty = not found
    while len(found) < needed:
        above = flow.level_above(reached)
        if above is None:
            raise errors.NobodyMayDecide(step.role)
        reached = above
        for named in candidates(flow, step, reached, asked, excluded=excluded):
            found.setdefault(named.person_id, named)
    settled = replace(step, needed=needed)
    if is_empty and reached != step.role:
        settled = replace(settled, role=reached, also=(), people=None)
    return settled, [found[person_id] for person_id in sorted(found)]


def _persons(found: Mapping[int, Named], at: datetime) -> int:
    """Count the places among candidates: a deputy shares the place of the person replaced."""
    shared = {
        deputy.person_id
        for deputy in identity.deputies(person_ids=list(found), at=at)
        if deputy.person_id in found and found[deputy.person_id].role == deputy.role
    }
    return len(found) - len(shared)


def may_approve(flow: Flow, area: str, scope_ids: Mapping[str, int], actor: Actor) -> bool:
    """Say whether the account's rights of this moment reach the request's scope."""
    if not actor.may(area, "A"):
        return False
    scope = scope_of(flow, scope_ids)
    if scope is None:
        return True
    allowed = actor.scope_ids(scope[0], area, "A")
    return allowed is None or scope[1] in allowed


def standing(flow: Flow, request: Request, actor: Actor, *, at: datetime) -> Standing:
    """Return how the actor stands to the step that is waited for.

    Reasons against: `closed`, `not_approver`, `own_request`, `barred`, `decided_before`.
    """
    against = _against(request, actor)
    if against:
        return Standing(why_not=against)
    found = _position(request, actor, at=at)
    area = step_of(request.steps[request.step]).area
    if found is None or not may_approve(flow, area, request.scope_ids, actor):
        return Standing(why_not="not_approver")
    # A deputy and the person replaced are one place: it decides once.
    places = Q(decider_person_id=found.deputy_for, deputy_for__isnull=True) | Q(
        deputy_for_id__in=[actor.person_id, found.deputy_for or actor.person_id]
    )
    if Decision.objects.filter(places, request=request).exists():
        return Standing(why_not="decided_before")
    return found


def _against(request: Request, actor: Actor) -> str:
    """Return what keeps the actor from deciding whatever the position; empty when nothing does."""
    decided = Decision.objects.filter(request=request, decider_person_id=actor.person_id)
    if actor.person_id is None or actor.is_machine:
        return "not_approver"
    if request.state != RequestState.SUBMITTED:
        return "closed"
    if actor.person_id == request.requester_person_id:
        return "own_request"
    if actor.person_id in request.barred_person_ids:
        return "barred"
    return "decided_before" if decided.exists() else ""


def takes_part(flow: Flow, request: Request, actor: Actor, *, at: datetime) -> bool:
    """Say whether the actor asked, is named for a step, decided one, or may decide now."""
    if actor.person_id is None or actor.is_machine:
        return False
    if actor.person_id == request.requester_person_id:
        return True
    named = Approver.objects.filter(request=request, person_id=actor.person_id)
    return named.exists() or not standing(flow, request, actor, at=at).why_not


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


def _position(request: Request, actor: Actor, *, at: datetime) -> Standing | None:
    """Return the position in which the actor was named and still stands, or stands in for one."""
    named = list(
        Approver.objects.filter(request=request, step=request.step)
        .order_by("level", "pk")
        .values_list("person_id", "role")
    )
    held = [(person_id, role) for person_id, role in named if actor.holds(role)]
    if not held:
        return None
    excluded = Asked.of(request, at=at).excluded
    replaced = {
        (person_id, role): None
        for person_id, role in identity.stand_ins(person_id=person_of(actor), at=at)
        .order_by("pk")
        .values_list("deputy_for_id", "position__key")
        if person_id not in excluded
    }
    for person_id, role in held:
        if person_id == actor.person_id:
            if identity.holds_itself(person_id=person_id, role=role, at=at):
                return Standing(role=role)
            own = [who for who, position in replaced if position == role]
            if own:
                return Standing(role=role, deputy_for=own[0])
    for person_id, role in held:
        if (person_id, role) in replaced:
            return Standing(role=role, deputy_for=person_id)
    return None
