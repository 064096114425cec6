"""Closing a month of the general ledger, and opening it again by two approvals (FIN-7.4-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from finance import errors
from finance.choices import CloseState, ItemState
from finance.models import CloseItem, MonthClose
from finance.selectors import ledger
from finance.selectors.closing import info, named
from finance.services import journal
from finance.services.close_list import ITEM_NAMED, ITEMS
from finance.types import CloseInfo
from inventory.services import closing as stock
from ops.engines.approvals import services as approvals
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.clocks import selectors as clocks
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.periods import services as periods
from ops.engines.periods.selectors import next_month

FLOW: Final = "period_reopen"
SUBJECT: Final = "finance.monthclose"
_CHECK: Final = may("finance", "P")
_CLOSE: Final = may("finance", "M")
_ASK: Final = may("finance", "C")
_DAY: Final = dt.timedelta(days=1)
# A month is to be closed by the third working day after it.
_DUE_AFTER: Final = 3


def check(*, month: dt.date, actor: Actor, at: dt.datetime) -> CloseInfo:
    """Look at every item of a month's close list and keep what was seen.

    Changes nothing else; a closed month keeps the list it was closed with. Raises Forbidden.
    """
    _CHECK.require(actor)
    with transaction.atomic():
        close = _close_of(month, at=at)
        if close.state != CloseState.CLOSED:
            _look(close, actor=actor, at=at)
            audit.record(
                actor=actor,
                at=at,
                action="finance.close_checked",
                obj=(SUBJECT, close.pk),
                body={"month": close.month, "items": _states(close)},
            )
        return info(close)


def _states(close: MonthClose) -> dict[str, str]:
    return dict(CloseItem.objects.filter(close=close).values_list("key", "state"))


def accept(*, month: dt.date, key: str, note: str, actor: Actor, at: dt.datetime) -> CloseInfo:
    """Accept what an item leaves open, with a note that stays with the close.

    Raises Forbidden, MonthClosed, BadInput for items that must be done and not accepted.
    """
    _CLOSE.require(actor)
    note = parse.text(note.strip(), most=400, least=1)
    if key not in ITEM_NAMED or not ITEM_NAMED[key].may_accept:
        raise BadInput("finance.item_not_acceptable", _("This item must be done, not accepted."))
    with transaction.atomic():
        close = _close_of(month, at=at)
        _require_open(close)
        _look(close, actor=actor, at=at)
        item = CloseItem.objects.get(close=close, key=key)
        item.note, item.accepted_by, item.accepted_at = note, actor.person_id or 0, at
        item.state, item.done_at = ItemState.DONE, at
        item.save(update_fields=["note", "accepted_by", "accepted_at", "state", "done_at"])
        audit.record(
            actor=actor,
            at=at,
            action="finance.close_item_accepted",
            obj=(SUBJECT, close.pk),
            body={"month": close.month, "item": key, "note": note, "figures": item.figures},
        )
        return info(close)


def close_month(*, month: dt.date, actor: Actor, at: dt.datetime) -> CloseInfo:
    """Close the stock month, then the ledger month, when every item of the list is done.

    Afterwards the database refuses any posting dated in it. Closing a closed month changes
    nothing. Raises Forbidden, MonthNotOver, CloseBlocked (nothing was closed).
    """
    _CLOSE.require(actor)
    first, last = _days(month)
    if last >= business_day(at):
        raise errors.MonthNotOver(
            "finance.month_not_over", _("%(month)s is not over yet.") % {"month": f"{first:%Y-%m}"}
        )
    with transaction.atomic():
        close = _close_of(first, at=at)
        if close.state == CloseState.CLOSED:
            return info(close)
        stock.close_month(month=first, actor=actor, at=at)
        _look(close, actor=actor, at=at)
        waiting = [item for item in close.items.all() if item.state != ItemState.DONE]
        if waiting:
            raise errors.CloseBlocked(
                "finance.close_blocked",
                _("%(month)s stays open. Not done: %(items)s.")
                % {"month": f"{first:%Y-%m}", "items": named(waiting)},
                items=[item.key for item in waiting],
            )
        periods.close(module=journal.MODULE, first=first, last=last, actor=actor, at=at)
        figures = {
            currency: [
                [row.account, row.closing_debit, row.closing_credit]
                for row in ledger.trial_balance(first=first, last=last, currency=currency)
            ]
            for currency in ledger.currencies()
        }
        close.state, close.revision = CloseState.CLOSED, close.revision + 1
        close.closed_at, close.closed_by = at, actor.person_id
        close.content_hash = content_hash(figures)
        close.save()
        audit.record(
            actor=actor,
            at=at,
            action="finance.month_closed",
            obj=(SUBJECT, close.pk),
            body={
                "month": first,
                "revision": close.revision,
                "content_hash": close.content_hash,
                "items": {item.key: item.figures for item in close.items.all()},
            },
        )
        return info(close)


def ask_to_reopen(
    *,
    month: dt.date,
    reason: str,
    documents: Sequence[str] = (),
    code: str = "",
    actor: Actor,
    at: dt.datetime,
) -> RequestInfo:
    """Ask finance manager and operations director to open a closed month again.

    `documents` names what shall be posted in it, `code` is the asker's one-time code. Raises
    Forbidden, MonthClosed (it is open) and what the approvals engine refuses.
    """
    _ASK.require(actor)
    first, last = _days(month)
    reason = parse.text(reason.strip(), most=400, least=1)
    with approvals.handing_in(FLOW, actor=actor, at=at):
        close = _close_of(first, at=at)
        if close.state != CloseState.CLOSED:
            raise errors.MonthClosed(
                "finance.month_open", _("%(month)s is open.") % {"month": f"{first:%Y-%m}"}
            )
        return approvals.submit(
            flow=FLOW,
            subject=(SUBJECT, close.pk),
            number=f"{first:%Y-%m}",
            title=_("Reopen %(month)s") % {"month": f"{first:%Y-%m}"},
            content={
                "first": first,
                "last": last,
                "month": f"{first:%Y-%m}",
                "reason": reason,
                "documents": list(documents),
            },
            figures={"revision": close.revision, "documents": len(documents)},
            code=code,
            actor=actor,
            at=at,
        )


def reopen_approved(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Open the month; runs inside the transaction of the second approval."""
    close = MonthClose.objects.select_for_update(of=("self",), no_key=True).get(
        pk=request.subject_id
    )
    first, last = _days(close.month)
    periods.reopen(
        module=journal.MODULE,
        first=first,
        last=last,
        reason=str(request.content["reason"]),
        actor=actor,
        at=at,
    )
    close.state, close.reopening_id = CloseState.REOPENED, request.id
    close.save(update_fields=["state", "reopening"])
    audit.record(
        actor=actor,
        at=at,
        action="finance.month_reopened",
        obj=(SUBJECT, close.pk),
        body={
            "month": close.month,
            "reason": request.content["reason"],
            "documents": request.content["documents"],
            "request": request.id,
        },
    )


def _look(close: MonthClose, *, actor: Actor, at: dt.datetime) -> None:
    first, last = _days(close.month)
    officers = sorted(h.person_id for h in identity.holders(role=Role.FINANCE_OFFICER, at=at))
    known = {item.key: item for item in close.items.all()}
    for place, item in enumerate(ITEMS, start=1):
        # The machine looks: what a person may see must not decide whether a month is whole.
        found = item.check(first, last, Actor.system("finance.closing"))
        row = known.get(item.key) or CloseItem(close=close, key=item.key)
        if row.accepted_at is not None and row.figures != dict(found.figures):
            # What was accepted is not what is open now.
            row.accepted_at = row.accepted_by = None
            row.note = ""
        row.place, row.figures = place, dict(found.figures)
        row.state = ItemState.DONE if row.accepted_at is not None else found.state
        row.done_at = (row.done_at or at) if row.state == ItemState.DONE else None
        row.owner_person_id = row.owner_person_id or (officers[0] if officers else None)
        row.due_on = row.due_on or close.due_on
        row.save()
    close.checked_at = at
    close.save(update_fields=["checked_at"])


def _close_of(month: dt.date, *, at: dt.datetime) -> MonthClose:
    first, last = _days(month)
    if first > business_day(at):
        raise errors.MonthNotOver(
            "finance.month_ahead", _("%(month)s lies ahead.") % {"month": f"{first:%Y-%m}"}
        )
    due_on = clocks.calendar().add(last, _DUE_AFTER)
    MonthClose.objects.get_or_create(month=first, defaults={"due_on": due_on})
    return MonthClose.objects.select_for_update(of=("self",), no_key=True).get(month=first)


def _require_open(close: MonthClose) -> None:
    if close.state == CloseState.CLOSED:
        raise errors.MonthClosed(
            "finance.month_closed", _("%(month)s is closed.") % {"month": f"{close.month:%Y-%m}"}
        )


def _days(month: dt.date) -> tuple[dt.date, dt.date]:
    first = month.replace(day=1)
    return first, next_month(first) - _DAY
