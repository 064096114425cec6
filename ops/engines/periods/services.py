"""Opening, holding, closing and reopening business days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.periods import ports, selectors
from ops.engines.periods.choices import PeriodState
from ops.engines.periods.errors import OddRange, PeriodConflict
from ops.engines.periods.models import Period
from ops.engines.periods.types import PeriodInfo

_DAY = timedelta(days=1)
_FILL = """
INSERT INTO periods_period (module, days, state, closed_by, reason)
SELECT %(module)s, gap, 'open', '', '' FROM unnest(
    datemultirange(daterange(%(first)s, %(last)s, '[]')) - coalesce(
        (SELECT range_agg(days) FROM periods_period WHERE module = %(module)s), '{}')) AS gap
ON CONFLICT DO NOTHING RETURNING lower(days), upper(days)
"""
_LOCK = """
SELECT id FROM periods_period
 WHERE module = %(module)s AND days && daterange(%(first)s, %(last)s, '[]')
 ORDER BY days FOR UPDATE
"""
# A row that reaches beyond the range keeps its later days (else its earlier ones), because a
# posting that waits for this row's lock is dated there; the other days get rows of their own.
_SPLIT = """
WITH cut AS (
    SELECT id, module, days, state, closed_at, closed_by, reason,
           (datemultirange(days) - datemultirange(daterange(%(first)s, %(last)s, '[]'))) AS rest
      FROM periods_period
     WHERE module = %(module)s AND days && daterange(%(first)s, %(last)s, '[]')
       AND NOT days <@ daterange(%(first)s, %(last)s, '[]') AND state <> %(state)s
), shrunk AS (
    UPDATE periods_period p
       SET days = (SELECT r FROM unnest(cut.rest) AS r ORDER BY r DESC LIMIT 1)
      FROM cut WHERE cut.id = p.id RETURNING p.id, p.days
)
SELECT cut.module, piece, cut.state, cut.closed_at, cut.closed_by, cut.reason
  FROM cut JOIN shrunk USING (id)
 CROSS JOIN unnest(datemultirange(cut.days) - datemultirange(shrunk.days)
                   - datemultirange(daterange(%(first)s, %(last)s, '[]'))) AS piece
UNION ALL
SELECT cut.module, cut.days * daterange(%(first)s, %(last)s, '[]'), cut.state, cut.closed_at,
       cut.closed_by, cut.reason
  FROM cut
"""
_INSERT = """
INSERT INTO periods_period (module, days, state, closed_at, closed_by, reason)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_SET = """
UPDATE periods_period
   SET state = %(state)s, closed_at = %(closed_at)s, closed_by = %(closed_by)s, reason = %(reason)s
 WHERE module = %(module)s AND days <@ daterange(%(first)s, %(last)s, '[]') AND state <> %(state)s
"""


def ensure_month(*, module: str, day: date, actor: Actor, at: datetime) -> PeriodInfo:
    """Open the days of a business day's month that belong to no period, and describe the month.

    Days that are held or closed stay so. Idempotent; any number may call it at once.
    """
    first, last = day.replace(day=1), selectors.next_month(day) - _DAY
    with transaction.atomic():
        if _fill(module, first, last):
            _record("periods.opened", module, first, last, actor=actor, at=at)
    return selectors.described(module=module, first=first, last=last)


def close(*, module: str, first: date, last: date, actor: Actor, at: datetime) -> PeriodInfo:
    """Close business days, first and last included; days without a period close as well.

    Waits for postings under way. Closing what is closed changes nothing. Raises OddRange, and
    whatever the port `periods.closing` vetoes with.
    """
    with transaction.atomic():
        states = _lock(module, first, last)
        if states == {PeriodState.CLOSED}:
            return selectors.described(module=module, first=first, last=last)
        ports.closing.check(module, first, last)
        _set(module, first, last, PeriodState.CLOSED, at=at, by=actor.name)
        _record("periods.closed", module, first, last, actor=actor, at=at)
    return selectors.described(module=module, first=first, last=last)


def hold(
    *, module: str, first: date, last: date, actor: Actor, at: datetime, reason: str = ""
) -> PeriodInfo:
    """Pause posting of open business days, for a count or a check.

    Raises OddRange; PeriodConflict when one of the days is closed.
    """
    with transaction.atomic():
        if PeriodState.CLOSED in _lock(module, first, last):
            raise PeriodConflict("periods.closed", _("Closed days cannot be put on hold."))
        _set(module, first, last, PeriodState.HOLD, reason=reason)
        _record("periods.held", module, first, last, actor=actor, at=at, reason=reason)
    return selectors.described(module=module, first=first, last=last)


def reopen(
    *, module: str, first: date, last: date, reason: str, actor: Actor, at: datetime
) -> PeriodInfo:
    """Open held or closed business days again, with a reason that the audit trail keeps.

    Raises OddRange; PeriodConflict without a reason or when the days are open already.
    """
    if not reason.strip():
        raise PeriodConflict("periods.reason_missing", _("Reopening needs a reason."))
    with transaction.atomic():
        states = _lock(module, first, last)
        if states == {PeriodState.OPEN}:
            raise PeriodConflict("periods.open", _("These days are open already."))
        _set(module, first, last, PeriodState.OPEN, reason=reason)
        _record("periods.reopened", module, first, last, actor=actor, at=at, reason=reason)
    return selectors.described(module=module, first=first, last=last)


def _fill(module: str, first: date, last: date) -> bool:
    if last < first:
        raise OddRange("periods.range", _("The last day lies before the first."))
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"module": module, "first": first, "last": last})
        return bool(cursor.fetchall())


def _lock(module: str, first: date, last: date) -> set[str]:
    _fill(module, first, last)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"module": module, "first": first, "last": last})
        ids = [row[0] for row in cursor.fetchall()]
    return set(Period.objects.filter(id__in=ids).values_list("state", flat=True))


def _set(
    module: str,
    first: date,
    last: date,
    state: PeriodState,
    *,
    at: datetime | None = None,
    by: str = "",
    reason: str = "",
) -> None:
    values: dict[str, Any] = {"module": module, "first": first, "last": last, "state": state.value}
    with connection.cursor() as cursor:
        cursor.execute(_SPLIT, values)
        for piece in cursor.fetchall():
            cursor.execute(_INSERT, piece)
        cursor.execute(_SET, {**values, "closed_at": at, "closed_by": by, "reason": reason})


def _record(
    action: str,
    module: str,
    first: date,
    last: date,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=("periods.period", f"{module}:{first}:{last}"),
        body={"module": module, "first": first, "last": last, "reason": reason},
    )
