"""What the periods engine refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.utils.translation import gettext as _

from ops.engines.kernel.errors import BadInput, Conflict, Forbidden, NotFound, RuleViolation

GUARD = "period_open"


class PeriodClosed(RuleViolation):
    """The business day lies in no open period."""


class PeriodConflict(Conflict):
    """The days are not in the state this needs."""


class OddRange(BadInput):
    """The last day lies before the first."""


class ExceptionRefused(RuleViolation):
    """Leave to post that cannot be given."""


class ExceptionMissing(NotFound):
    """No such leave to post."""


class OwnException(Forbidden):
    """Who gave the leave may not confirm it."""


@contextmanager
def explained() -> Iterator[None]:
    """Turn the guard's refusal of a posting into PeriodClosed; wrap the insert in it."""
    try:
        yield
    except IntegrityError as error:
        said = getattr(error.__cause__, "diag", None)
        if said is None or said.constraint_name != GUARD:
            raise
        module, day = said.message_primary.removeprefix("period_closed: ").split(" ")
        raise PeriodClosed(
            "periods.closed",
            _("%(day)s cannot be posted: its period is not open.") % {"day": day},
            module=module,
            day=day,
        ) from error
