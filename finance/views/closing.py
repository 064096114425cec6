"""The month close on screen (V14): its list, what is open and why, closing, asking to reopen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance import errors, rules
from finance.choices import CloseState, ItemState
from finance.selectors import closing as closes
from finance.services import closing
from finance.services.close_list import ITEM_NAMED
from finance.types import CloseInfo, CloseItemInfo
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Lines,
    Record,
    RecordScreen,
    Related,
    Screen,
)
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import everywhere, may
from ops.engines.periods import selectors as periods
from ops.engines.periods.choices import PeriodState
from ops.engines.periods.selectors import next_month

VIEW = everywhere("finance", "V")
CHECK, CLOSE, ASK = (may("finance", letter) for letter in "PMC")
_DAY = dt.timedelta(days=1)
_PATHS: Mapping[str, str] = {
    "stock_closed": "inventory:receipts",
    "channel_files": "finance:files",
    "counts_decided": "inventory:counts",
    "books_agree": "finance:agreements",
    "entries_posted": "finance:manual-entries",
    "accruals_posted": "finance:manual-entries",
}


class CloseNow(Screen):
    """The month that is to be closed next."""

    policy = VIEW
    nav = "close"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go to the past month."""
        past = business_day(self.at).replace(day=1) - _DAY
        return HttpResponseRedirect(reverse("finance:close", args=[f"{past:%Y-%m}"]))


class CloseScreen(RecordScreen):
    """One month with its list."""

    policy = VIEW
    nav = "close"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the month as it was last looked at."""
        month = _month(key["month"])
        last = next_month(month) - _DAY
        close = closes.close_of(month=month)
        items = close.items if close else ()
        done = sum(item.state == ItemState.DONE for item in items)
        is_closed = close is not None and close.state == CloseState.CLOSED
        names = identity.person_names(
            {i.owner_person_id for i in items} | {i.accepted_by for i in items}
        )
        return Record(
            number=f"{month:%Y-%m}",
            title=_("Month close"),
            state=CloseState(close.state) if close else CloseState.OPEN,
            actions=_actions(month, last, items, is_closed=is_closed, at=at),
            notices=()
            if close
            else [("info", gettext("Nobody has looked at this month yet. Press “Check now”."))],
            facts=(
                FactGroup(
                    title=_("Month"),
                    facts=(
                        Fact(title=_("Done"), value=f"{done}/{len(ITEM_NAMED)}"),
                        Fact(title=_("Due"), value=close.due_on if close else None, kind="day"),
                        Fact(title=_("Stock"), value=_state("stock", last), kind="badge"),
                        Fact(title=_("Ledger"), value=_state("ledger", last), kind="badge"),
                        Fact(
                            title=_("Closed at"),
                            value=close.closed_at if close else None,
                            kind="moment",
                        ),
                        Fact(title=_("Revision"), value=close.revision if close else 0),
                        Fact(
                            title=_("Hash of the balances"),
                            value=close.content_hash if close else "",
                            kind="code",
                            is_wide=True,
                        ),
                    ),
                ),
            ),
            lines=(
                Lines(
                    _("Close list"),
                    (
                        Column("place", _("No."), "number"),
                        Column(
                            "key",
                            _("Item"),
                            value=lambda i: closes.TITLES[i.key],
                            href=partial(_rows_href, month, last),
                        ),
                        Column("state", _("State"), "badge", value=lambda i: ItemState(i.state)),
                        Column(
                            "words",
                            _("Why, or evidence"),
                            value=_evidence,
                            sub=lambda i: i.note,
                            href=lambda i: _rows_href(month, last, i) if _evidence(i) else "",
                        ),
                        Column(
                            "done_at",
                            _("Done at"),
                            "moment",
                            sub=lambda i: _done_by(i, names),
                        ),
                        Column(
                            "owner",
                            _("Person responsible"),
                            value=lambda i: names.get(i.owner_person_id, ""),
                        ),
                        Column("due_on", _("Due"), "day"),
                    ),
                    items,
                ),
            ),
            related=(
                Related(
                    title=_("Trial balance"),
                    href=reverse("finance:trial-balance-of", args=[f"{month:%Y-%m}"]),
                ),
                Related(title=_("Breaks"), href=reverse("finance:breaks")),
                Related(title=_("Comparisons of the books"), href=reverse("finance:agreements")),
            ),
            clauses=("FIN-7.4-01", "FIN-7.2-02"),
            subject=(closing.SUBJECT, close.id) if close else None,
        )


def _actions(
    month: dt.date, last: dt.date, items: tuple[CloseItemInfo, ...], *, is_closed: bool,
    at: dt.datetime,
) -> list[Action]:  # fmt: skip
    waiting = [item for item in items if item.state != ItemState.DONE]
    blocked = ""
    if is_closed:
        blocked = gettext("%(month)s is closed.") % {"month": f"{month:%Y-%m}"}
    elif last >= business_day(at):
        blocked = gettext("%(month)s is not over yet.") % {"month": f"{month:%Y-%m}"}
    elif waiting or not items:
        # The stock month closes with it, so that item alone keeps nobody from closing.
        rest = [item for item in waiting if item.key != "stock_closed"]
        if not items:
            blocked = gettext("Look at the month first: “Check now”.")
        elif rest:
            blocked = gettext("Open items: %(items)s.") % {"items": closes.named(rest)}
    acceptable = [
        (item.key, closes.TITLES[item.key]) for item in waiting if ITEM_NAMED[item.key].may_accept
    ]
    return [
        Action(
            key="check",
            label=_("Check now"),
            policy=CHECK,
            run=partial(_check, month),
            why_not=gettext("The list of a closed month stays as it was.") if is_closed else "",
        ),
        Action(
            key="accept",
            label=_("Accept an item"),
            policy=CLOSE,
            fields=(
                Field("key", _("Item"), "choice", choices=acceptable),
                Field("note", _("Note"), most=400, least=1),
            ),
            run=partial(_accept, month),
            why_not="" if acceptable else gettext("No open item may be accepted."),
        ),
        Action(
            key="close",
            label=_("Close the month"),
            policy=CLOSE,
            is_primary=True,
            confirm=gettext("Nothing can be posted in %(month)s afterwards.")
            % {"month": f"{month:%Y-%m}"},
            run=partial(_close, month),
            why_not=blocked,
        ),
        Action(
            key="reopen",
            label=_("Ask to reopen"),
            policy=ASK,
            fields=(
                Field("reason", _("Reason"), most=400, least=1),
                Field("documents", _("Documents"), required=False, hint=_("Numbers, with commas")),
                Field("code", _("One-time code"), most=6, least=6, autocomplete="one-time-code"),
            ),
            run=partial(_reopen, month),
            why_not=""
            if is_closed
            else gettext("%(month)s is open.") % {"month": f"{month:%Y-%m}"},
        ),
    ]


def _check(month: dt.date, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    return _done(closing.check(month=month, actor=actor, at=at))


def _accept(month: dt.date, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = closing.accept(month=month, key=values["key"], note=values["note"], actor=actor, at=at)
    return _done(made)


def _close(month: dt.date, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    closing.close_month(month=month, actor=actor, at=at)
    return Done(message=gettext("%(month)s is closed.") % {"month": f"{month:%Y-%m}"})


def _reopen(month: dt.date, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    named = (values["documents"] or "").replace("，", ",").split(",")
    made = closing.ask_to_reopen(
        month=month,
        reason=values["reason"],
        documents=[name.strip() for name in named if name.strip()],
        code=values["code"],
        actor=actor,
        at=at,
    )
    return Done(
        message=gettext("The request to reopen %(month)s was handed in.")
        % {"month": f"{month:%Y-%m}"},
        href=reverse("desk:approval", args=[made.id]),
    )


def _done(made: CloseInfo) -> Done:
    say = {"done": made.done, "all": len(made.items)}
    return Done(message=gettext("%(done)s of %(all)s items are done.") % say)


def _done_by(item: CloseItemInfo, names: Mapping[int, str]) -> str:
    """Return who says that an item is done: a person who accepted it, or the look at the books."""
    if item.done_at is None:
        return ""
    if item.accepted_by is not None:
        return names.get(item.accepted_by, "")
    return gettext("found by the check")


def _evidence(item: CloseItemInfo) -> str:
    """Return what an item saw; one that is done and saw nothing open says just that."""
    if item.words or item.state != ItemState.DONE:
        return item.words
    return gettext("nothing open")


def _rows_href(month: dt.date, last: dt.date, item: CloseItemInfo) -> str:
    """Lead to the very rows that block an item, or that prove it."""
    days = f"{month.isoformat()}..{last.isoformat()}"
    if item.key == "reconciled":
        if item.figures.get("fresh"):
            return reverse("finance:files") + f"?tab=fresh&day={days}"
        return reverse("finance:breaks") + f"?tab=open&day={days}"
    if item.key == "suspense_empty":
        return reverse("finance:lines") + f"?account={rules.SUSPENSE}&day={days}"
    if item.key == "trial_balanced":
        return reverse("finance:trial-balance-of", args=[f"{month:%Y-%m}"])
    if item.key not in _PATHS:
        return ""
    query = {
        "channel_files": f"?day={days}",
        "entries_posted": "?state=submitted",
    }.get(item.key, "")
    return reverse(_PATHS[item.key]) + query


def _state(module: str, day: dt.date) -> PeriodState | None:
    return periods.state_on(module=module, day=day)


def _month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise errors.MonthMissing(
            "finance.month_missing", gettext("There is no such month.")
        ) from None
