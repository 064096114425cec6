"""Reports of finance: trial balance, journal, reconciliation, agreement of the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from finance.selectors import report_sql
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.policy import may
from ops.engines.reports.declarations import report
from ops.engines.reports.types import Difference, ReportQuery, Rows
from ops.engines.tables.writer import Column

_READ = may("finance", "E")
_AUDIENCE = (Role.FINANCE_OFFICER, Role.FINANCE_MANAGER)


def _window(query: ReportQuery) -> dict[str, Any]:
    ids = query.scopes.get("channel")
    return {
        "first": query.period.first,
        "last": query.period.last,
        "scopes": None if ids is None else sorted(ids),
        "account": query.params.get("account"),
        "at": query.at,
    }


def _days(query: ReportQuery) -> str:
    return f"{query.period.first.isoformat()}..{query.period.last.isoformat()}"


def _account_lines(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from an account's turnover to the lines that sum to it."""
    return reverse("finance:lines") + f"?account={row['account']}&day={_days(query)}"


def _voucher(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead to a voucher by its number; nothing is booked, nowhere to go."""
    if not row["voucher"]:
        return ""
    return reverse("finance:entries") + f"?voucher={row['voucher']}"


def _breaks(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a difference to its break."""
    order = f"&order={row['order_no']}" if row["order_no"] else ""
    return reverse("finance:breaks") + f"?tab=all&day={_days(query)}{order}"


def _lines_before(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from an opening figure to every line of the account before the period."""
    last = query.period.first - dt.timedelta(days=1)
    return (
        reverse("finance:lines") + f"?account={row['account']}&day=1900-01-01..{last.isoformat()}"
    )


def _lines_until(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a closing figure to every line of the account until the period ended."""
    days = f"1900-01-01..{query.period.last.isoformat()}"
    return reverse("finance:lines") + f"?account={row['account']}&day={days}"


def _causes(query: ReportQuery, since: dt.datetime, rows: Sequence[Difference]) -> list[list[str]]:
    """Name the vouchers posted since the version before, account by account."""
    accounts = sorted({str(row.key[-1]) for row in rows})
    asked = {**_window(query), "since": since, "accounts": accounts}
    found = {
        str(account): list(said) for account, said in query.sql(report_sql.POSTED_SINCE, asked)
    }
    return [found.get(str(row.key[-1]), []) for row in rows]


@report(
    "trial_balance",
    title=_("Trial balance"),
    columns=(
        Column("currency", _("Currency")),
        Column("account", _("Account")),
        Column("name", _("Name")),
        Column("opening_debit", _("Opening debit"), "money"),
        Column("opening_credit", _("Opening credit"), "money"),
        Column("debit", _("Debit"), "money"),
        Column("credit", _("Credit"), "money"),
        Column("closing_debit", _("Closing debit"), "money"),
        Column("closing_credit", _("Closing credit"), "money"),
    ),
    policy=_READ,
    period_kinds={"month", "quarter", "half", "year"},
    key=("currency", "account"),
    drill={
        **dict.fromkeys(("account", "debit", "credit"), _account_lines),
        **dict.fromkeys(("opening_debit", "opening_credit"), _lines_before),
        **dict.fromkeys(("closing_debit", "closing_credit"), _lines_until),
    },
    causes=_causes,
    authors=(Role.FINANCE_OFFICER,),
    approvers=(Role.FINANCE_MANAGER,),
    closes="ledger",
    cadence="monthly",
    audience=_AUDIENCE,
    clauses=("FIN-7.1-02", "FIN-7.4-01"),
    about=_("Opening, turnover and closing of every account, from balances the database keeps."),
)
def trial_balance(query: ReportQuery) -> Rows:
    """Yield every account that moved until the end of the period, by currency."""
    return query.sql(report_sql.TRIAL_BALANCE, _window(query))


@report(
    "journal",
    title=_("Journal"),
    columns=(
        Column("voucher", _("Voucher")),
        Column("business_day", _("Day"), "date"),
        Column("kind", _("Kind")),
        Column("source", _("Document")),
        Column("memo", _("Memo")),
        Column("currency", _("Currency")),
        Column("account", _("Account")),
        Column("name", _("Name")),
        Column("debit", _("Debit"), "money"),
        Column("credit", _("Credit"), "money"),
    ),
    policy=_READ,
    params={"account": parse.code},
    drill={"voucher": _voucher, "debit": _account_lines, "credit": _account_lines},
    closes="ledger",
    audience=_AUDIENCE,
    clauses=("FIN-7.1-02",),
    about=_("Every line of every voucher of the period, with the document it stands on."),
)
def journal(query: ReportQuery) -> Rows:
    """Yield the lines of the period in the order of their vouchers."""
    return query.sql(report_sql.JOURNAL, _window(query))


@report(
    "payment_reconciliation",
    title=_("Payment reconciliation"),
    columns=(
        Column("channel", _("Channel")),
        Column("type", _("Type")),
        Column("source", _("Source")),
        Column("order_no", _("Order number")),
        Column("refund_no", _("Refund")),
        Column("statement_amount", _("Statement"), "money"),
        Column("our_amount", _("Ours"), "money"),
        Column("difference", _("Difference"), "money"),
        Column("occurred_on", _("Day"), "date"),
        Column("age_days", _("Age in days"), "integer"),
        Column("owner", _("Owner")),
        Column("due_on", _("Due"), "date"),
        Column("state", _("State")),
        Column("resolution", _("Resolution")),
        Column("reason", _("Reason")),
        Column("voucher", _("Voucher")),
    ),
    policy=_READ,
    scopes=("channel",),
    drill={
        "voucher": _voucher,
        **dict.fromkeys(("statement_amount", "our_amount", "difference", "age_days"), _breaks),
    },
    closes="ledger",
    cadence="daily",
    audience=(Role.FINANCE_MANAGER, Role.AUDITOR),
    clauses=("FIN-7.1-04", "FIN-7.3-01"),
    about=_("Every difference between statements and our side, with age, owner and how it ended."),
)
def payment_reconciliation(query: ReportQuery) -> Rows:
    """Yield the breaks that occurred in the period, open ones first."""
    return query.sql(report_sql.BREAKS, _window(query))


@report(
    "three_way_agreement",
    title=_("Three-way agreement"),
    columns=(
        Column("day", _("Day"), "date"),
        Column("compared_at", _("Compared at"), "datetime"),
        Column("stock_value", _("Stock value"), "money"),
        Column("ledger_value", _("Ledger value"), "money"),
        Column("difference", _("Difference"), "money"),
        Column("differences", _("Differences within the books"), "integer"),
        Column("details", _("Details")),
    ),
    policy=_READ,
    drill=dict.fromkeys(
        ("stock_value", "ledger_value", "difference", "differences"),
        lambda row, query: reverse("finance:agreements"),
    ),
    cadence="daily",
    audience=(Role.FINANCE_OFFICER, Role.STORE_MANAGER),
    clauses=("SCM-2.3-03", "FIN-7.2-02"),
    about=_("Value of stock against its ledger account, and each ledger against its replay."),
)
def three_way_agreement(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield the comparisons of the period."""
    return query.sql(report_sql.AGREEMENT, _window(query))
