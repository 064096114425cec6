"""Positions given and ended, by day."""

from datetime import date, datetime, timedelta

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

_DAY = timedelta(days=1)


def assign(
    *,
    person_id: int,
    role: str,
    first: date,
    last: date | None = None,
    department_id: int | None = None,
    deputy_for: int | None = None,
    actor: Actor,
    at: datetime,
) -> AssignmentInfo:
    """Give a person a position from a first to a last day, both held (FIN-7.3-07).

    `deputy_for` names the person whose place is taken; a deputy needs a last day. Sessions of the
    person end. Raises BadInput, DutiesConflict, Forbidden,
    NameTaken, NotYourself, PersonMissing, PositionsExclude.
    """
    GIVE_RIGHTS.require(actor)
    require_another(actor, person_id)
    if last is not None and last < first:
        raise BadInput("identity.days_reversed", _("The last day lies before the first."))
    with transaction.atomic(), translated():
        position = Position.objects.filter(key=str(role)).first()
        if position is None:
            raise PersonMissing("identity.position_missing", _("There is no such position."))
        if not Person.objects.select_for_update(no_key=True).filter(pk=person_id).exists():
            raise PersonMissing("identity.person_missing", _("There is no such person."))
        made = Assignment.objects.create(
            person_id=person_id,
            position=position,
            department_id=department_id,
            valid=DateRange(first, last + _DAY if last else None, "[)"),
            deputy_for_id=deputy_for,
        )
        act(duty="role_grant", obj=("identity.person", person_id), actor=actor, at=at)
        end_sessions(person_id=person_id)
        audit.record(
            actor=actor,
            at=at,
            action="identity.position_given",
            obj=("identity.person", person_id),
            body={
                "assignment": made.pk,
                "role": position.key,
                "department": department_id,
                "first": first,
                "last": last,
                "deputy_for": deputy_for,
            },
        )
    return AssignmentInfo(
        assignment_id=made.pk,
        person_id=person_id,
        role=position.key,
        department_id=department_id,
        first=first,
        last=last,
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
