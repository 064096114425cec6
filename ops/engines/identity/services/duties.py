"""Duties two persons do: entered where they are done, and exceptions that two others approve."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg2.extras import DateRange

from ops.engines.audit import services as audit
from ops.engines.identity.errors import PersonMissing, translated
from ops.engines.identity.models import DutyException, DutyRule, Person
from ops.engines.identity.policies import APPROVE_EXCEPTIONS, ASK_EXCEPTIONS
from ops.engines.identity.types import ExceptionInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Conflict

_DAY = timedelta(days=1)
_ACT = """
INSERT INTO identity_dutyact (duty_id, object_type, object_id, person_id, at)
SELECT d.id, %(type)s, o.id, %(person)s, %(at)s
FROM identity_duty d, unnest(%(ids)s::text[]) o(id)
WHERE d.key = %(duty)s
  AND NOT EXISTS (SELECT FROM identity_dutyact a
                  WHERE a.duty_id = d.id AND a.person_id = %(person)s
                    AND a.object_type = %(type)s AND a.object_id = o.id)
ORDER BY o.id
ON CONFLICT DO NOTHING
"""


def act(*, duty: str, obj: tuple[str, object], actor: Actor, at: datetime) -> None:
    """Enter that the actor does a duty on a matter, or refuse: the one line of a service.

    Call it inside the transaction that does the work. The database refuses when the same person
    did the opposite duty on the same matter, whatever account or session it was. Machines are no
    persons and pass. Raises DutiesConflict.
    """
    act_on(duty=duty, object_type=obj[0], object_ids=(obj[1],), actor=actor, at=at)


def act_on(
    *, duty: str, object_type: str, object_ids: Iterable[object], actor: Actor, at: datetime
) -> None:
    """Enter a duty on many matters of one type. One statement. Raises DutiesConflict."""
    if actor.person_id is None:
        return
    with translated(), connection.cursor() as cursor:
        cursor.execute(
            _ACT,
            {
                "duty": duty,
                "type": object_type,
                "ids": sorted({str(each) for each in object_ids}),
                "person": actor.person_id,
                "at": at,
            },
        )


def ask_exception(
    *,
    person_id: int,
    rule: str,
    first: date,
    last: date,
    reason: str,
    actor: Actor,
    at: datetime,
) -> ExceptionInfo:
    """Ask that a person may hold both sides of a pair for some days, at most 92.

    It counts only after two other persons approved it. Raises BadInput, Forbidden, NotYourself,
    PersonMissing.
    """
    ASK_EXCEPTIONS.require(actor)
    if last < first or last < parse.business_day(at):
        raise BadInput(
            "identity.days_reversed", _("The last day lies before the first."), field="last"
        )
    with transaction.atomic(), translated():
        pair = DutyRule.objects.filter(key=rule).first()
        if pair is None or not Person.objects.filter(pk=person_id).exists():
            raise PersonMissing("identity.rule_missing", _("There is no such person or pair."))
        made = DutyException.objects.create(
            person_id=person_id,
            rule=pair,
            valid=DateRange(first, last + _DAY, "[)"),
            reason=parse.text(reason, most=400, least=1),
            asked_by_id=_person(actor),
            asked_at=at,
        )
        _record(made, "asked", actor=actor, at=at)
    return _info(made)


def approve_exception(*, exception_id: int, actor: Actor, at: datetime) -> ExceptionInfo:
    """Give the first or the second approval; the second makes it count.

    Raises Conflict (approved twice or withdrawn), Forbidden, NotYourself, PersonMissing.
    """
    APPROVE_EXCEPTIONS.require(actor)
    with transaction.atomic(), translated():
        held = _locked(exception_id)
        if held.second_by_id is not None or held.revoked_at is not None:
            raise Conflict("identity.exception_decided", _("This exception is decided already."))
        which = "first" if held.first_by_id is None else "second"
        setattr(held, f"{which}_by_id", _person(actor))
        setattr(held, f"{which}_at", at)
        held.save(update_fields=[f"{which}_by", f"{which}_at"])
        _record(held, f"approved_{which}", actor=actor, at=at)
    return _info(held)


def revoke_exception(*, exception_id: int, actor: Actor, at: datetime) -> ExceptionInfo:
    """Take an exception back; what it allowed is refused from now on.

    Raises Forbidden, PersonMissing.
    """
    APPROVE_EXCEPTIONS.require(actor)
    with transaction.atomic():
        held = _locked(exception_id)
        if held.revoked_at is None:
            held.revoked_at = at
            held.save(update_fields=["revoked_at"])
            _record(held, "revoked", actor=actor, at=at)
    return _info(held)


def _person(actor: Actor) -> int:
    """Return the person behind the actor: a machine neither asks nor approves."""
    if actor.person_id is None:
        raise BadInput("identity.person_needed", _("A person must do this."))
    return actor.person_id


def _locked(exception_id: int) -> DutyException:
    found = (
        DutyException.objects.select_related("rule")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=exception_id)
        .first()
    )
    if found is None:
        raise PersonMissing("identity.exception_missing", _("There is no such exception."))
    return found


def _record(held: DutyException, what: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"identity.exception_{what}",
        obj=("identity.person", held.person_id),
        body={
            "exception": held.pk,
            "rule": held.rule.key,
            "first": _days(held)[0],
            "last": _days(held)[1],
            "reason": held.reason,
        },
    )


def _days(held: DutyException) -> tuple[date, date]:
    """Return the first and the last day; the database lets neither be open."""
    first, end = held.valid.lower, held.valid.upper
    if first is None or end is None:
        raise ValueError("an exception has a first and a last day")
    return first, end - _DAY


def _info(held: DutyException) -> ExceptionInfo:
    first, last = _days(held)
    return ExceptionInfo(
        exception_id=held.pk,
        person_id=held.person_id,
        rule=held.rule.key,
        first=first,
        last=last,
        is_effective=held.second_by_id is not None and held.revoked_at is None,
    )
