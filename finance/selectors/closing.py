"""Month closes as screens and the API show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import rules
from finance.models import CloseItem, MonthClose
from finance.types import CloseInfo, CloseItemInfo

TITLES: Final[Mapping[str, Any]] = {
    "stock_closed": gettext_lazy("Stock month closed"),
    "facts_delivered": gettext_lazy("All events booked"),
    "channel_files": gettext_lazy("Statements of all channels are there"),
    "reconciled": gettext_lazy("Payments reconciled"),
    "counts_decided": gettext_lazy("Stock counts decided"),
    "books_agree": gettext_lazy("Stock agrees with the ledger"),
    "suspense_empty": gettext_lazy("Suspense account empty"),
    "entries_posted": gettext_lazy("Manual entries posted"),
    "accruals_posted": gettext_lazy("Accruals and deferrals posted"),
    "trial_balanced": gettext_lazy("Trial balance balances"),
}


def info(row: MonthClose) -> CloseInfo:
    """Return a month's close with its list."""
    items = CloseItem.objects.filter(close_id=row.pk).order_by("place")
    return CloseInfo(
        id=row.pk,
        month=row.month,
        state=row.state,
        due_on=row.due_on,
        closed_at=row.closed_at,
        revision=row.revision,
        content_hash=row.content_hash,
        items=tuple(_item(item) for item in items),
    )


def close_of(*, month: dt.date) -> CloseInfo | None:
    """Return the close of a month as it was last looked at; None when nobody has looked yet."""
    row = MonthClose.objects.filter(month=month.replace(day=1)).first()
    return info(row) if row is not None else None


def named(items: Iterable[CloseItem | CloseItemInfo]) -> str:
    """Name items in a row: place and title."""
    return _(", ").join(f"{item.place} {TITLES[item.key]}" for item in items)


def words(key: str, figures: Mapping[str, Any]) -> str:
    """Say in a sentence what an item saw, empty when there is nothing to say."""
    say = _WORDS.get(key)
    return say(figures) if say is not None and figures else ""


def _item(row: CloseItem) -> CloseItemInfo:
    return CloseItemInfo(
        key=row.key,
        place=row.place,
        state=row.state,
        words=words(row.key, row.figures),
        figures=row.figures,
        owner_person_id=row.owner_person_id,
        due_on=row.due_on,
        note=row.note,
        accepted_by=row.accepted_by,
        done_at=row.done_at,
    )


def _named(figures: Mapping[str, Any], key: str) -> str:
    found = figures.get(key) or {}
    return ", ".join(f"{name} {value}" for name, value in dict(found).items())


_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "stock_closed": lambda f: (
        _("%(count)s documents are not posted: %(numbers)s.")
        % {"count": f["unposted"], "numbers": ", ".join(f["numbers"])}
        if f["unposted"]
        else ""
    ),
    "facts_delivered": lambda f: (
        _("%(count)s events wait to be booked.") % {"count": f["waiting"]} if f["waiting"] else ""
    ),
    "channel_files": lambda f: (
        _("%(days)s days have no statement: %(channels)s.")
        % {"days": f["days"], "channels": _named(f, "channels")}
        if f["days"]
        else ""
    ),
    "reconciled": lambda f: (
        _(
            "%(fresh)s files not reconciled; %(open)s breaks open, %(amount)s in sum,"
            " %(unowned)s without owner or day; unexplained %(unexplained)s, at most %(most)s."
        )
        % (
            {key: f[key] for key in ("fresh", "open", "amount", "unowned")}
            | {"unexplained": f.get("unexplained", f["amount"]), "most": rules.UNEXPLAINED_MOST}
        )
        if f["fresh"] or f["open"]
        else ""
    ),
    "counts_decided": lambda f: (
        _("%(count)s counts are not decided: %(numbers)s.")
        % {"count": f["counts"], "numbers": ", ".join(f["numbers"])}
        if f["counts"]
        else ""
    ),
    "books_agree": lambda f: (
        _("Stock %(stock)s, ledger %(ledger)s, difference %(difference)s.")
        % {key: f[key] for key in ("stock", "ledger", "difference")}
    ),
    "suspense_empty": lambda f: (
        _("Left on suspense: %(left)s.") % {"left": _named(f, "left")} if f["left"] else ""
    ),
    "entries_posted": lambda f: (
        _("%(count)s entries wait: %(numbers)s.")
        % {"count": f["waiting"], "numbers": ", ".join(f["numbers"])}
        if f["waiting"]
        else ""
    ),
    "accruals_posted": lambda f: (
        _("%(count)s entries by hand in the month.") % {"count": f["posted"]}
    ),
    "trial_balanced": lambda f: (
        _("Debit and credit differ: %(off)s.") % {"off": _named(f, "off")} if f["off"] else ""
    ),
}
