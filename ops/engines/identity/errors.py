"""What people and access may refuse."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    OpsError,
    RuleViolation,
)


class PersonMissing(NotFound):
    """No such person, account, department, assignment or thing to grant."""


class NameTaken(Conflict):
    """The username, department code or employee number is somebody else's."""


class PositionsExclude(RuleViolation):
    """The positions may not be held by one person, or by no person at all."""


class DutiesConflict(RuleViolation):
    """One person would do both sides of what two persons do."""


class WeakPassword(BadInput):
    """The password is too easy to guess."""


class NotYourself(Forbidden):
    """Nobody gives rights to themselves."""


class StepUpRefused(Forbidden):
    """The second factor was not proved afresh: code wrong, used already, or none enrolled."""


class PasskeyRefused(StepUpRefused):
    """The passkey's answer is for something else, old, used before, or not this key's."""


class SignInRefused(OpsError):
    """Name, password or code is wrong; which of them is never said."""

    status = 401


class TooManyTries(SignInRefused):
    """Too many tries for this name or from this address; the same for names nobody has."""

    status = 429


_BY_CONSTRAINT: dict[str, tuple[type[OpsError], str, object]] = {
    "user_name_once_whatever_its_case": (
        NameTaken,
        "identity.username_taken",
        _("This username is taken."),
    ),
    "identity_user_username_key": (
        NameTaken,
        "identity.username_taken",
        _("This username is taken."),
    ),
    "identity_department_code_key": (
        NameTaken,
        "identity.department_code_taken",
        _("This department code is taken."),
    ),
    "identity_person_employee_no_key": (
        NameTaken,
        "identity.employee_no_taken",
        _("This employee number is taken."),
    ),
    "assignment_positions_separate": (
        PositionsExclude,
        "identity.positions_exclude",
        _("One person may not hold these positions on the same day."),
    ),
    "assignment_administrators_apart": (
        PositionsExclude,
        "identity.administrators_apart",
        _("An administrator of the system, of security or of audit holds no other position."),
    ),
    "assignment_duties_apart": (
        DutiesConflict,
        "identity.duties_conflict",
        _(
            "This person would hold both sides of duties that two persons do. End the other"
            " position, or ask for an exception."
        ),
    ),
    "dutyact_two_persons": (
        DutiesConflict,
        "identity.two_persons",
        _("You did the other side of this matter; another person must do this."),
    ),
    "dutyexception_not_for_oneself": (
        NotYourself,
        "identity.exception_for_oneself",
        _("Nobody asks for an exception for themselves."),
    ),
    "dutyexception_first_by_another": (
        NotYourself,
        "identity.exception_by_another",
        _("The person it is for and the person who asked do not approve it."),
    ),
    "dutyexception_second_by_a_third": (
        NotYourself,
        "identity.exception_by_a_third",
        _("The second approval needs another person than the first."),
    ),
    "dutyexception_is_short": (
        BadInput,
        "identity.exception_too_long",
        _("An exception lasts at most 92 days."),
    ),
    "dutyexception_has_reason": (
        BadInput,
        "identity.exception_reason",
        _("Give the reason for the exception."),
    ),
    "assignment_position_assignable": (
        PositionsExclude,
        "identity.position_not_assignable",
        _("This position is not given to persons."),
    ),
    "assignment_held_once_a_day": (
        NameTaken,
        "identity.position_held",
        _("This person already holds the position on some of these days."),
    ),
    "assignment_not_own_deputy": (
        PositionsExclude,
        "identity.own_deputy",
        _("Nobody deputises for themselves."),
    ),
    "assignment_deputy_ends": (
        PositionsExclude,
        "identity.deputy_without_end",
        _("A deputy needs a last day."),
    ),
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's refusal into ours, by constraint name; unknown ones stay bugs."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name not in _BY_CONSTRAINT:
            raise
        family, code, message = _BY_CONSTRAINT[name]
        raise family(code, str(message), constraint=name) from error
