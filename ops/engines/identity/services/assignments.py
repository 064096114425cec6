"""Positions given and ended, by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from psycopg2.extras import DateRange

from ops.engines.audit import services as audit
from ops.engines.identity.errors import PersonMissing, translated
from ops.engines.identity.models import Assignment, Person, Position
from ops.engines.identity.policies import GIVE_RIGHTS, require_another
from ops.engines.identity.types import AssignmentInfo
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput

from .accounts import end_sessions
from .duties import act
from .step_up import step_up

TO_GIVE: Final = "identity.give"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One position to be held: its key and its department, None company-wide."""

    role: str
    department_id: int | None = None


def assign(
    *,
    person_id: int,
    role: str,
    first: date,
    last: date | None = None,
    department_id: int | None = None,
    deputy_for: int | None = None,
    code: str = "",
    actor: Actor,
    at: datetime,
) -> AssignmentInfo:
    """Give a person a position from a first to a last day, both held (FIN-7.3-07).

    `deputy_for` names the person whose place is taken; a deputy needs a last day. Sessions of the
    person end. A person gives positions by a fresh one-time code (S13). Raises BadInput,
    DutiesConflict, Forbidden, NameTaken, NotYourself, PersonMissing, PositionsExclude,
    StepUpRefused, TooManyTries.
    """
    seat = Seat(role=role, department_id=department_id)
    (made,) = give(
        person_id=person_id,
        seats=[seat],
        first=first,
        last=last,
        deputy_for=deputy_for,
        code=code,
        actor=actor,
        at=at,
    )
    return made


def give(
    *,
    person_id: int,
    seats: Sequence[Seat],
    first: date,
    last: date | None = None,
    deputy_for: int | None = None,
    code: str = "",
    actor: Actor,
    at: datetime,
) -> list[AssignmentInfo]:
    """Give a person several positions for the same days, proved by one code. Raises as `assign`."""
    GIVE_RIGHTS.require(actor)
    require_another(actor, person_id)
    if last is not None and last < first:
        raise BadInput("identity.days_reversed", _("The last day lies before the first."))
    days = DateRange(first, last + _DAY if last else None, "[)")
    with transaction.atomic(), translated():
        audit.acting(actor)
        if not Person.objects.select_for_update(no_key=True).filter(pk=person_id).exists():
            raise PersonMissing("identity.person_missing", _("There is no such person."))
        rows = [
            Assignment(
                person_id=person_id,
                position=_position(seat.role),
                department_id=seat.department_id,
                valid=days,
                deputy_for_id=deputy_for,
            )
            for seat in seats
        ]
        act(duty="role_grant", obj=("identity.person", person_id), actor=actor, at=at)
        proof = _prove(rows, code=code, actor=actor, at=at)
        for row in rows:
            row.assertion_id = proof
            row.save(force_insert=True)
            _record_given(row, first, last, actor=actor, at=at)
        end_sessions(person_id=person_id)
    return [
        AssignmentInfo(
            assignment_id=row.pk,
            person_id=person_id,
            role=row.position.key,
            department_id=row.department_id,
            first=first,
            last=last,
        )
        for row in rows
    ]


def _position(role: str) -> Position:
    found = Position.objects.filter(key=str(role)).first()
    if found is None:
        raise PersonMissing("identity.position_missing", _("There is no such position."))
    return found


def _prove(rows: Sequence[Assignment], *, code: str, actor: Actor, at: datetime) -> int | None:
    """Return the proof that a person gives exactly these positions; machines need none.

    The database works the same text out of the rows that cite the proof, at the end of the
    transaction: not one position more, fewer or other can stand on it.
    """
    if actor.is_machine or not rows:
        return None
    given = ",".join(
        f"{row.person_id}:{row.position_id}:{row.department_id or ''}:"
        f"{row.valid.lower}:{row.valid.upper or ''}:{row.deputy_for_id or ''}"
        for row in rows
    )
    payload = sha256(given.encode()).hexdigest()
    return step_up(purpose=TO_GIVE, payload_hash=payload, code=code, actor=actor, at=at)


def _record_given(
    row: Assignment, first: date, last: date | None, *, actor: Actor, at: datetime
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action="identity.position_given",
        obj=("identity.person", row.person_id),
        body={
            "assignment": row.pk,
            "role": row.position.key,
            "department": row.department_id,
            "first": first,
            "last": last,
            "deputy_for": row.deputy_for_id,
            "proof": row.assertion_id,
        },
    )


def end_assignment(*, assignment_id: int, last: date, actor: Actor, at: datetime) -> AssignmentInfo:
    """Let a position end after its last day; sessions of the person end.

    Raises BadInput (before its first day or after its present end), Forbidden, NotYourself,
    PersonMissing.
    """
    GIVE_RIGHTS.require(actor)
    with transaction.atomic():
        audit.acting(actor)
        held = (
            Assignment.objects.select_related("position")
            .select_for_update(of=("self",), no_key=True)
            .filter(pk=assignment_id)
            .first()
        )
        if held is None:
            raise PersonMissing("identity.assignment_missing", _("There is no such assignment."))
        require_another(actor, held.person_id)
        first, end = held.valid.lower, held.valid.upper
        if first is None or last < first or (end is not None and last >= end):
            raise BadInput(
                "identity.last_day_outside", _("The last day lies outside the assignment.")
            )
        held.valid = DateRange(first, last + _DAY, "[)")
        held.save(update_fields=["valid"])
        end_sessions(person_id=held.person_id)
        audit.record(
            actor=actor,
            at=at,
            action="identity.position_ended",
            obj=("identity.person", held.person_id),
            body={"assignment": held.pk, "role": held.position.key, "last": last},
        )
    return AssignmentInfo(
        assignment_id=held.pk,
        person_id=held.person_id,
        role=held.position.key,
        department_id=held.department_id,
        first=first,
        last=last,
    )
