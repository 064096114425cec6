"""Leave to post into held or closed days: given with a reason and an end, and taken back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, may
from ops.engines.periods import selectors
from ops.engines.periods.choices import Module, PeriodState
from ops.engines.periods.errors import (
    ExceptionMissing,
    ExceptionRefused,
    OddRange,
    OwnException,
    PeriodConflict,
)
from ops.engines.periods.models import PeriodException
from ops.engines.periods.types import ExceptionInfo

GIVERS: Final[dict[str, Policy]] = {
    Module.STOCK.value: may("inventory", "A"),
    Module.LEDGER.value: may("finance", "A"),
}
LONGEST: Final = timedelta(days=31)


def grant(
    *,
    module: str,
    first: date,
    last: date,
    until: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
) -> ExceptionInfo:
    """Give leave to post into held days until a moment at most 31 days on.

    Over closed days it waits for another person's confirmation; a closed ledger is reopened by its
    flow instead. Raises Forbidden, OddRange, ExceptionRefused, PeriodConflict when all is open.
    """
    _policy(module).require(actor)
    if last < first:
        raise OddRange("periods.range", _("The last day lies before the first."))
    if not reason.strip():
        raise ExceptionRefused("periods.reason_missing", _("Give a reason; the record keeps it."))
    if not at < until <= at + LONGEST:
        raise ExceptionRefused(
            "periods.exception_end", _("It must end after now, and within 31 days.")
        )
    with transaction.atomic():
        states = selectors.states_within(module=module, first=first, last=last)
        if not states - {PeriodState.OPEN}:
            raise PeriodConflict("periods.open", _("These days are open already."))
        over_closed = PeriodState.CLOSED in states
        if over_closed and module == Module.LEDGER:
            raise ExceptionRefused(
                "periods.ledger_closed",
                _("A closed month of the ledger is reopened by request, never by exception."),
            )
        made = PeriodException.objects.create(
            module=module,
            days=(first, last + timedelta(days=1)),
            until=until,
            over_closed=over_closed,
            reason=reason.strip(),
            granted_at=at,
            granted_by=actor.name,
            granted_person_id=actor.person_id,
        )
        _record("periods.exception_granted", made, actor=actor, at=at)
    return selectors.exception(exception_id=made.pk)


def confirm(*, exception_id: int, actor: Actor, at: datetime) -> ExceptionInfo:
    """Confirm, as a second person, leave to post into closed days.

    Raises ExceptionMissing, Forbidden, OwnException, PeriodConflict when it is over, needs no
    confirmation or has one.
    """
    with transaction.atomic():
        found = _lock(exception_id)
        _policy(found.module).require(actor)
        if actor.person_id is None or actor.person_id == found.granted_person_id:
            raise OwnException(
                "periods.own_exception", _("You gave this leave, so another person confirms it.")
            )
        is_over = found.ended_at is not None or found.until <= at
        if is_over or not found.over_closed or found.confirmed_at is not None:
            raise PeriodConflict("periods.exception_settled", _("There is nothing to confirm."))
        found.confirmed_at, found.confirmed_by = at, actor.name
        found.confirmed_person_id = actor.person_id
        found.save(update_fields=["confirmed_at", "confirmed_by", "confirmed_person_id"])
        _record("periods.exception_confirmed", found, actor=actor, at=at)
    return selectors.exception(exception_id=exception_id)


def end(*, exception_id: int, actor: Actor, at: datetime) -> ExceptionInfo:
    """Take a leave to post back; waits for postings under way. Ending twice changes nothing.

    Raises ExceptionMissing, Forbidden.
    """
    with transaction.atomic():
        found = _lock(exception_id)
        _policy(found.module).require(actor)
        if found.ended_at is None:
            found.ended_at, found.ended_by = at, actor.name
            found.save(update_fields=["ended_at", "ended_by"])
            _record("periods.exception_ended", found, actor=actor, at=at)
    return selectors.exception(exception_id=exception_id)


def _policy(module: str) -> Policy:
    if module not in GIVERS:
        raise ExceptionRefused("periods.module", _("There are no such books."), module=module)
    return GIVERS[module]


def _lock(exception_id: int) -> PeriodException:
    # FOR UPDATE, because the posting guard holds FOR SHARE while it posts under this leave.
    found = PeriodException.objects.select_for_update(of=("self",)).filter(pk=exception_id).first()
    if found is None:
        raise ExceptionMissing("periods.exception_missing", _("There is no such exception."))
    return found


def _record(action: str, found: PeriodException, *, actor: Actor, at: datetime) -> None:
    info = selectors.exception(exception_id=found.pk)
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=("periods.exception", found.pk),
        body={
            "module": info.module,
            "first": info.first,
            "last": info.last,
            "until": info.until,
            "reason": info.reason,
            "over_closed": info.over_closed,
        },
    )
