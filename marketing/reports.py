"""Sales reports: declarations over the facts of the order book (MKT-5.4-04, -05, -07)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from customers.selectors import facts
from customers.selectors.facts import SalesDay, SalesMonth
from marketing import rules
from marketing.selectors import sheet
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.reports.declarations import report
from ops.engines.reports.types import ReportQuery
from ops.engines.tables.writer import Column

_EVER = dt.date(1900, 1, 1)
_AUDIENCE = (Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_MANAGER, Role.DATA_ANALYST)
_PARAMS = {"channel": parse.code}

MONTHLY = (
    Column("month", _("Month"), "text"),
    Column("scope", _("Scope"), "text"),
    Column("lines", _("Lines"), "integer"),
    Column("orders", _("Orders"), "integer"),
    Column("cancel_docs", _("Return documents"), "integer"),
    Column("units", _("Units"), "integer"),
    Column("gmv", _("GMV"), "money"),
    Column("returns", _("Returned amount"), "money"),
    Column("net", _("Net"), "money"),
    Column("aov", _("Average order value"), "money"),
    Column("return_rate", _("Return rate"), "rate"),
    Column("customers", _("Customers"), "integer"),
    Column("repeat_in_month", _("Customers with two or more orders"), "integer"),
    Column("repeat_rate", _("Repeat rate"), "rate"),
    Column("returning_in_slice", _("Returning customers"), "integer"),
    Column("new_in_slice", _("New customers"), "integer"),
    Column("returning_share", _("Share of returning customers"), "rate"),
)
DAILY = (
    Column("date", _("Day"), "date"),
    Column("orders", _("Orders"), "integer"),
    Column("units", _("Units"), "integer"),
    Column("gmv", _("GMV"), "money"),
    Column("returns", _("Returned amount"), "money"),
)
BY_COUNTRY = (
    Column("country", _("Country or region"), "text"),
    Column("orders", _("Orders"), "integer"),
    Column("gmv", _("GMV"), "money"),
    Column("returns", _("Returned amount"), "money"),
)

SHEET = (
    Column("channel", _("Channel"), "text"),
    Column("name", _("Name"), "text"),
    Column("currency", _("Currency"), "text"),
    Column("orders", _("Orders"), "integer"),
    Column("units", _("Units"), "integer"),
    Column("gmv", _("GMV"), "money"),
    Column("returns", _("Returned amount"), "money"),
    Column("aov", _("Average order value"), "money"),
    Column("return_rate", _("Return rate"), "rate"),
    Column("gmv_day_before", _("GMV of the day before"), "money"),
    Column("gmv_week_before", _("GMV a week before"), "money"),
    Column("change", _("Change against a week before"), "rate"),
    Column("flagged", _("Outside its usual range"), "text"),
)


def _days_of(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a month to its days, which sum to it; totals over months lead nowhere."""
    if not row["month"] or row["scope"] != "all":
        return ""
    return _sales_daily(str(row["month"]), query.params.get("channel"))


def _day_of(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a channel's line to the same days of that channel."""
    return _sales_daily(query.period.text, row["channel"])


def _sales_daily(period: str, channel: str | None) -> str:
    asked = {"period": period, **({"channel": channel} if channel else {})}
    return f"{reverse('desk:report', args=['sales_daily'])}?{urlencode(asked)}"


@report(
    "sales_monthly",
    title=_("Monthly sales"),
    columns=MONTHLY,
    policy=may("marketing", "V"),
    params=_PARAMS,
    scopes=("channel",),
    key=("month", "scope"),
    drill=dict.fromkeys(("month", "orders", "units", "gmv", "returns"), _days_of),
    undrilled="Shares and counts of customers are ratios of a month; no rows sum to them.",
    cadence="monthly",
    audience=_AUDIENCE,
    clauses=("MKT-5.4-07", "HR-1.2-22"),
)
def sales_monthly(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per month and scope (all; merch: what is kept in stock).

    Over several months each scope ends with its total, in which a customer counts once.
    """
    months = facts.sales_months(
        first=query.period.first,
        last=query.period.last,
        channel_ids=_channel_ids(query),
        since=_EVER,
        using=query.alias,
    )
    is_range = query.period.first.replace(day=1) < query.period.last.replace(day=1)
    return (_month_row(month) for month in months if month.month or is_range)


@report(
    "sales_daily",
    title=_("Daily sales"),
    columns=DAILY,
    policy=may("marketing", "V"),
    params=_PARAMS,
    scopes=("channel",),
    key=("date",),
    undrilled="A day is the smallest sum kept; the order list is not filtered by business day.",
    cadence="daily",
    audience=_AUDIENCE,
    clauses=("MKT-5.4-05",),
)
def sales_daily(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per business day on which anything was sold or came back."""
    days = _sums(query, "day")
    return (
        (day, orders, units, rules.money(gmv), rules.money(returns))
        for day, (orders, units, gmv, returns) in sorted(days.items())
    )


@report(
    "sales_by_country",
    title=_("Sales by country"),
    columns=BY_COUNTRY,
    policy=may("marketing", "V"),
    params=_PARAMS,
    scopes=("channel",),
    key=("country",),
    undrilled="The order list is not filtered by the country of delivery.",
    audience=_AUDIENCE,
    clauses=("MKT-5.4-04",),
)
def sales_by_country(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per country or region of delivery."""
    countries = _sums(query, "country")
    return (
        (country, orders, rules.money(gmv), rules.money(returns))
        for country, (orders, _units, gmv, returns) in sorted(countries.items())
    )


@report(
    "daily_sales",
    title=_("Daily sales sheet"),
    columns=SHEET,
    policy=may("marketing", "V"),
    period_kinds={"day"},
    scopes=("channel",),
    key=("channel",),
    drill=dict.fromkeys(("channel", "orders", "units", "gmv", "returns"), _day_of),
    undrilled="Averages, rates and changes are ratios; the sums beside them lead to their day.",
    cadence="daily",
    audience=(*_AUDIENCE, Role.OPERATIONS_SPECIALIST),
    clauses=("MKT-5.4-05",),
    about=_("One day by channel; flagged when it left the same weekday before by over 30%."),
)
def daily_sales(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per channel that sold on the day or a week before it."""
    allowed = query.scopes.get("channel")
    mine = [
        channel
        for channel in channels.visible(actor=Actor.system("daily_sales"))
        if allowed is None or channel.id in allowed
    ]
    for row in sheet.sheet(day=query.period.first, channels=mine, using=query.alias):
        yield (
            row.channel,
            row.name,
            row.currency,
            row.day.orders,
            row.day.units,
            rules.money(row.day.gmv),
            rules.money(row.day.returns),
            rules.average(row.day.gmv, row.day.orders),
            rules.rate(row.day.returns, row.day.gmv),
            rules.money(row.day_before.gmv),
            rules.money(row.week_before.gmv),
            row.change,
            gettext("Yes") if row.is_flagged else gettext("No"),
        )


def _channel_ids(query: ReportQuery) -> frozenset[int] | None:
    allowed = query.scopes.get("channel")
    code = query.params.get("channel")
    if not code:
        return allowed
    named = frozenset(channels.ids_of([code]))
    return named if allowed is None else named & allowed


def _sums(query: ReportQuery, by: str) -> dict[Any, tuple[int, int, Decimal, Decimal]]:
    sums: dict[Any, list[Any]] = defaultdict(lambda: [0, 0, Decimal(0), Decimal(0)])
    for fact in _days(query):
        row = sums[getattr(fact, by)]
        row[0] += fact.orders
        row[1] += fact.units
        row[2] += fact.gmv
        row[3] += fact.returns
    return {key: (row[0], row[1], row[2], row[3]) for key, row in sums.items()}


def _days(query: ReportQuery) -> list[SalesDay]:
    found = facts.sales_days(
        first=query.period.first,
        last=query.period.last,
        channel_ids=_channel_ids(query),
        using=query.alias,
    )
    return [fact for fact in found if fact.scope == "all"]


def _month_row(month: SalesMonth) -> tuple[Any, ...]:
    returning: tuple[Any, ...] = (None, None, None)
    if month.returning is not None:
        fresh = month.customers - month.returning
        returning = (month.returning, fresh, rules.rate(month.returning, month.customers))
    return (
        f"{month.month:%Y-%m}" if month.month else "TOTAL",
        month.scope,
        month.lines,
        month.orders,
        month.cancel_docs,
        month.units,
        rules.money(month.gmv),
        rules.money(month.returns),
        rules.money(month.gmv - month.returns),
        rules.average(month.gmv, month.orders),
        rules.rate(month.returns, month.gmv),
        month.customers,
        month.repeat_in_month,
        rules.rate(month.repeat_in_month, month.customers),
        *returning,
    )
