"""Screens of marketing: the dashboard, and the daily sheet the analyst confirms."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors.channels import ChannelInfo
from marketing import rules
from marketing.ports import Asked, tiles
from marketing.selectors import board as boards
from marketing.selectors import sheet as sheets
from marketing.services import sheets as confirming
from marketing.types import Board, SheetRow
from ops.engines.desk.formats import MINUS, pct, short
from ops.engines.desk.screens import (
    Action,
    Badge,
    CardCount,
    Chart,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Lines,
    Record,
    RecordScreen,
    Screen,
    Series,
    Tone,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.reports import periods
from ops.engines.reports.choices import PeriodKind

_VIEW = may("marketing", "V")
_CONFIRM = may("marketing", "C", Role.DATA_ANALYST)
_MARKS = {"06-18": "618", "11-11": "双11", "12-12": "双12"}


class Dashboard(Screen):
    """`/dashboard/`: one month beside the month before, on one screen; month and channel in the
    address."""

    policy = _VIEW
    title = _("Dashboard")
    nav = "dashboard"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show tiles and charts out of the stored sums."""
        mine = boards.my_channels(self.actor)
        asked = self._asked(request, mine)
        found = boards.board(asked, mine)
        context = {
            "screen": self,
            "title": self.title,
            "asked": asked,
            "tiles": [*_sales_tiles(found, asked), *_other_tiles(asked)],
            "charts": [_by_day(found, asked), _by_channel(found, asked), _by_country(found, asked)],
            "notice": _notice(found, asked),
            "channels": mine,
            "before": periods.before(periods.parse(asked.month)).text,
            "after": _after(asked),
            "others": found.others,
        }
        return render(request, "marketing/dashboard.html", context)

    def _asked(self, request: HttpRequest, mine: Sequence[ChannelInfo]) -> Asked:
        today = business_day(self.at)
        code = request.GET.get("channel", "")
        wanted = [channel.id for channel in mine if channel.code == code]
        if code and not wanted:
            raise BadInput("marketing.channel", gettext("There is no such channel in your scope."))
        ids = frozenset(wanted) if code else None
        written = request.GET.get("month", "")
        if written:
            month = periods.parse(written)
            if month.kind is not PeriodKind.MONTH:
                raise BadInput("marketing.month", gettext("Write a month such as 2026-11."))
        else:
            newest = boards.newest_day(channel_ids=[channel.id for channel in mine])
            month = periods.containing(PeriodKind.MONTH, min(newest or today, today))
        last = min(month.last, today) if month.first <= today else month.last
        former = periods.before(month)
        until = min(last.day, former.last.day) if last < month.last else former.last.day
        return Asked(
            first=month.first,
            last=last,
            before=(former.first, former.first.replace(day=until)),
            month=month.text,
            channel=code,
            channel_ids=ids,
            actor=self.actor,
            at=self.at,
        )


class DaySheetScreen(RecordScreen):
    """`/marketing/days/<day>/`: one day by channel, and the analyst's word on it."""

    policy = _VIEW
    nav = "dashboard"
    list_url_name = "marketing:dashboard"
    list_title = _("Dashboard")
    policies = {"post": _CONFIRM}

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the sheet of one day."""
        day = parse.day(key["day"])
        rows = sheets.sheet(day=day, channels=boards.my_channels(actor))
        told = sheets.confirmation(day=day)
        flagged = [row.name for row in rows if row.is_flagged]
        state = (
            Badge(_("Confirmed"), Tone.DONE) if told else Badge(_("Not confirmed"), Tone.WAITING)
        )
        facts = [
            Fact(title=_("Day"), value=day, kind="day"),
            Fact(title=_("Outside its usual range"), value="、".join(flagged) or gettext("none")),
        ]
        notices = []
        if told is not None:
            facts += [
                Fact(title=_("Confirmed by"), value=told.person.name),
                Fact(title=_("Confirmed at"), value=told.at, kind="moment"),
                Fact(title=_("Note"), value=told.note, is_wide=True),
            ]
            if (
                sheets.digest(rows) != told.digest
                and actor.scope_ids("channel", "marketing") is None
            ):
                notices.append(
                    ("warning", gettext("The figures changed after they were confirmed."))
                )
        return Record(
            number=day.isoformat(),
            title=gettext("Daily sales sheet"),
            state=state,
            actions=[_confirm_action(day, is_told=told is not None)],
            notices=notices,
            facts=[FactGroup(title=_("Sheet"), facts=facts)],
            lines=[_sheet_lines(rows, day)],
            subject=("marketing.daysheet", told.pk) if told else None,
        )


def _sales_tiles(found: Board, asked: Asked) -> list[CardCount]:
    daily, monthly = (_report(name, asked) for name in ("sales_daily", "sales_monthly"))
    total, former = found.total, found.former
    aov, aov_before = (rules.average(each.gmv, each.orders) for each in (total, former))
    rate, rate_before = (rules.rate(each.returns, each.gmv) for each in (total, former))
    return [
        CardCount(
            title=_("Sales"),
            value=short(total.gmv),
            unit=_unit(found.currency),
            change=rules.change(total.gmv, former.gmv),
            href=daily,
        ),
        CardCount(
            title=_("Orders"),
            value=short(total.orders),
            change=rules.change(total.orders, former.orders),
            href=daily,
        ),
        CardCount(
            title=_("Average order value"),
            value=f"{aov:,.2f}",
            unit=_unit(found.currency),
            change=rules.change(aov, aov_before),
            href=monthly,
        ),
        CardCount(
            title=_("Return rate"),
            value=pct(rate),
            note=gettext("%(points)s points") % {"points": _points(rate - rate_before)},
            href=monthly,
        ),
    ]


def _other_tiles(asked: Asked) -> list[CardCount]:
    made = (each.query(asked) for each in tiles() if each.policy.allows(asked.actor))
    return [count for count in made if count is not None]


def _by_day(found: Board, asked: Asked) -> Chart:
    days = calendar.monthrange(asked.first.year, asked.first.month)[1]
    names = [asked.first.replace(day=n) for n in range(1, days + 1)]
    sold = [found.days[day].gmv if day in found.days else None for day in names]
    marks = {f"{day.day}": _MARKS[f"{day:%m-%d}"] for day in names if f"{day:%m-%d}" in _MARKS}
    best = max(found.days.items(), key=lambda pair: pair[1].gmv, default=None)
    return Chart(
        key="days",
        title=_("Daily sales"),
        kind="line",
        unit=_unit(found.currency),
        value_kind="money",
        categories=[str(day.day) for day in names],
        series=[
            Series(_("This month"), sold, is_partial_last=False),
            Series(
                _("Month before"),
                [found.former_days[n].gmv if n in found.former_days else None
                 for n in range(1, days + 1)],
                is_muted=True,
            ),
        ],
        marks=marks,
        hrefs=[reverse("marketing:day", args=[day.isoformat()]) for day in names],
        finding=gettext("Best day: %(day)s with %(amount)s.")
        % {"day": best[0].isoformat(), "amount": short(best[1].gmv)}
        if best
        else gettext("Nothing was sold in these days."),
        href=_report("sales_daily", asked),
    )  # fmt: skip


def _by_channel(found: Board, asked: Asked) -> Chart:
    return Chart(
        key="channels",
        title=_("Sales by channel"),
        kind="bar",
        unit=_unit(found.currency),
        value_kind="money",
        categories=[name for _code, name, _amount in found.channels],
        series=[Series(_("Sales"), [amount for _code, _name, amount in found.channels])],
        hrefs=[
            _report("sales_daily", asked, channel=code) for code, _name, _amount in found.channels
        ],
        finding=_share(found.channels[0][1:] if found.channels else None, found),
        href=_report("daily_sales", asked, period=asked.last.isoformat()),
    )


def _by_country(found: Board, asked: Asked) -> Chart:
    named = [(country or gettext("not given"), amount) for country, amount in found.countries]
    return Chart(
        key="countries",
        title=_("Sales by country or region"),
        kind="bar",
        unit=_unit(found.currency),
        value_kind="money",
        categories=[country for country, _amount in named],
        series=[Series(_("Sales"), [amount for _country, amount in named])],
        hrefs=[_report("sales_by_country", asked) for _each in named],
        finding=_share(named[0] if named else None, found),
        href=_report("sales_by_country", asked),
    )


def _share(greatest: tuple[str, Any] | None, found: Board) -> str:
    if greatest is None or not found.total.gmv:
        return ""
    share = pct(rules.rate(greatest[1], found.total.gmv))
    return gettext("%(name)s makes %(share)s.") % {"name": greatest[0], "share": share}


def _notice(found: Board, asked: Asked) -> str:
    """Say in one sentence what is worth seeing."""
    if not found.total.orders:
        return gettext("Nothing was sold in these days.")
    moved = rules.change(found.total.gmv, found.former.gmv)
    if moved is None:
        return gettext("%(amount)s %(currency)s sold; nothing was sold in the month before.") % {
            "amount": short(found.total.gmv),
            "currency": _unit(found.currency),
        }
    words = (
        gettext("Sales rose %(change)s against the same days of the month before.")
        if moved >= 0
        else gettext("Sales fell %(change)s against the same days of the month before.")
    )
    return words % {"change": pct(abs(moved))}


def _unit(currency: str) -> str:
    """Return the word of the base currency, the code of any other."""
    return gettext("CNY") if currency == rules.BASE_CURRENCY else currency


def _points(difference: Decimal) -> str:
    moved = rules.points(difference)
    if not moved:
        return "0.0"
    return f"{MINUS if moved < 0 else '+'}{abs(moved)}"


def _report(name: str, asked: Asked, *, period: str = "", channel: str = "") -> str:
    query = {"period": period or asked.month}
    if (channel or asked.channel) and not period:
        query["channel"] = channel or asked.channel
    return f"{reverse('desk:report', args=[name])}?{urlencode(query)}"


def _after(asked: Asked) -> str:
    following = periods.following(periods.parse(asked.month))
    return following.text if following.first <= business_day(asked.at) else ""


def _sheet_lines(rows: Sequence[SheetRow], day: dt.date) -> Lines:
    return Lines(
        _("By channel"),
        (
            Column(
                "name",
                _("Channel"),
                href=lambda row: (
                    f"{reverse('marketing:dashboard')}?"
                    + urlencode({"channel": row.channel, "month": f"{day:%Y-%m}"})
                ),
            ),
            Column("currency", _("Currency"), "code"),
            Column("orders", _("Orders"), "number", value=lambda row: row.day.orders),
            Column("gmv", _("GMV"), "money", value=lambda row: row.day.gmv),
            Column("returns", _("Returned amount"), "money", value=lambda row: row.day.returns),
            Column("before", _("Day before"), "money", value=lambda row: row.day_before.gmv),
            Column("week", _("A week before"), "money", value=lambda row: row.week_before.gmv),
            Column("change", _("Change"), "pct"),
            Column(
                "flag",
                _("Range"),
                "badge",
                value=lambda row: (
                    Badge(_("outside"), Tone.STOPPED)
                    if row.is_flagged
                    else Badge(_("usual"), Tone.DONE)
                ),
            ),
        ),
        rows,
        empty=_("Nothing was sold on this day nor a week before."),
    )


def _confirm_action(day: dt.date, *, is_told: bool) -> Action:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        confirming.confirm(day=day, note=values["note"] or "", actor=actor, at=at)
        return Done(
            message=gettext("The sheet of %(day)s is confirmed.") % {"day": day.isoformat()}
        )

    return Action(
        key="confirm",
        label=_("Confirm the figures"),
        run=run,
        policy=_CONFIRM,
        why_not=gettext("The sheet of this day was confirmed before.") if is_told else "",
        fields=(
            Field("note", _("Note where a figure misleads"), "lines", required=False, most=500),
        ),
        is_primary=True,
    )
