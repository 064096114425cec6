"""The ledger on screen: the trial balance and the lines of an account."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance import errors
from finance.models import Account, JournalLine
from finance.selectors import ledger
from finance.types import ZERO, TrialBalanceRow
from finance.views.documents import document_href, document_name
from ops.engines.desk.screens import (
    Action,
    Column,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import everywhere, may
from ops.engines.periods.selectors import next_month

VIEW, EXPORT = everywhere("finance", "V"), may("finance", "E")


def account_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the accounts that take postings."""
    rows = Account.objects.filter(is_postable=True).values_list("code", "name")
    return [(code, f"{code} {name}") for code, name in rows]


class TrialBalanceScreen(RecordScreen):
    """Opening, turnover and closing of every account in a month; each opens its lines."""

    policy = VIEW
    nav = "ledger"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the month's trial balance, one table per currency."""
        month = _month(key.get("month", ""), at)
        last = next_month(month) - dt.timedelta(days=1)
        before = (month - dt.timedelta(days=1)).replace(day=1)
        return Record(
            number=f"{month:%Y-%m}",
            title=_("Trial balance"),
            actions=(
                Action(key="before", label=_("Month before"), href=_balance(before), shortcut="["),
                Action(
                    key="after", label=_("Month after"), href=_balance(last + dt.timedelta(1)),
                    shortcut="]",
                ),
                Action(key="close", label=_("Month close"), shortcut="c",
                       href=reverse("finance:close", args=[f"{month:%Y-%m}"])),
            ),
            lines=[
                _balance_lines(month, last, currency) for currency in ledger.currencies() or ["CNY"]
            ],
            related=(
                Related(title=_("Vouchers"), href=reverse("finance:entries")),
                Related(title=_("Entries by hand"), href=reverse("finance:manual-entries")),
            ),
            clauses=("FIN-7.1-02", "FIN-7.4-01"),
        )  # fmt: skip


def _balance_lines(month: dt.date, last: dt.date, currency: str) -> Lines:
    rows = ledger.trial_balance(first=month, last=last, currency=currency)
    keys = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")
    titles = (
        _("Opening debit"), _("Opening credit"), _("Debit"), _("Credit"), _("Closing debit"),
        _("Closing credit"),
    )  # fmt: skip
    return Lines(
        gettext("Trial balance in %(currency)s") % {"currency": currency},
        [
            Column("account", _("Account"), "code", href=partial(_lines_href, month, last)),
            Column("name", _("Name")),
            *(
                Column(key, title, "money", unit=currency)
                for key, title in zip(keys, titles, strict=True)
            ),
        ],
        rows,
        total={key: sum((getattr(row, key) for row in rows), ZERO) for key in keys},
        empty=_("No voucher until the end of this month."),
    )


def _lines_href(month: dt.date, last: dt.date, row: TrialBalanceRow) -> str:
    return (
        reverse("finance:lines")
        + f"?account={row.account}&day={month.isoformat()}..{last.isoformat()}"
    )


def _balance(month: dt.date) -> str:
    return reverse("finance:trial-balance-of", args=[f"{month:%Y-%m}"])


def _month(text: str, at: dt.datetime) -> dt.date:
    if not text:
        return business_day(at).replace(day=1)
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise errors.MonthMissing(
            "finance.month_missing", gettext("There is no such month.")
        ) from None


class LineList(ListScreen):
    """Lines of an account, newest first, each with its voucher and document."""

    policy = VIEW
    title = _("Account lines")
    nav = "ledger"
    columns = (
        Column("voucher", _("Voucher"), "code", name=True, value=lambda r: r.entry.voucher),
        Column("day", _("Day"), "day", value=lambda r: r.entry.business_day),
        Column("account_id", _("Account"), "code", sub=lambda r: r.account.name),
        Column("memo", _("Memo"), value=lambda r: r.entry.memo),
        Column("debit", _("Debit"), "money"),
        Column("credit", _("Credit"), "money"),
        Column("currency", _("Currency"), value=lambda r: r.entry.currency),
        Column(
            "document",
            _("Document"),
            value=lambda r: document_name(r.entry),
            href=lambda r: document_href(r.entry),
        ),
    )
    filters = (
        Filter("account", _("Account"), choices=account_choices),
        Filter("day", _("Day"), "span"),
    )
    order = "-id"
    export_policy = EXPORT

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of lines."""
        rows = JournalLine.objects.select_related("entry", "account")
        if account := query.get("account"):
            rows = rows.filter(account_id=account)
        if span := query.get("day"):
            rows = rows.filter(entry__business_day__range=(span.first, span.last))
        return query.page(rows, orders={"id": "pk"})

    def row_href(self, row: Any) -> str:
        """Open the voucher."""
        return reverse("finance:entry", args=[row.entry_id])
