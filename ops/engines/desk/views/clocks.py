"""Time limits: what is due, one limit with everything that happened to it, the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ops.engines.clocks import selectors, services
from ops.engines.clocks.choices import ClockState, DaySource
from ops.engines.clocks.errors import ClockMissing
from ops.engines.clocks.kinds import kinds
from ops.engines.clocks.models import Clock
from ops.engines.clocks.types import ClockInfo
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.deadlines import title_of
from ops.engines.desk.fields import Field
from ops.engines.desk.filters import Filter
from ops.engines.desk.formats import moment
from ops.engines.desk.keyset import ListPage
from ops.engines.desk.lists import ListQuery, ListScreen, Tab
from ops.engines.desk.records import Action, Done, Fact, FactGroup, Record, RecordScreen, Related
from ops.engines.desk.words import role_name
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day
from ops.engines.kernel.policy import SIGNED_IN

YEARS: Final = range(2004, 2100)
_WEEKDAYS: Final = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


def _kinds(_actor: Actor) -> list[tuple[str, str]]:
    return [(kind.name, _(kind.title)) for kind in kinds().values()]


def _owner(row: Clock) -> str:
    return row.person.name if row.person is not None else role_name(row.role)


def _is_ticking(row: Clock) -> bool:
    return row.ended_at is None and row.state != ClockState.PAUSED


def _narrowed(tab: str, *, actor: Actor, at: dt.datetime) -> QuerySet[Clock]:
    match tab:
        case "mine":
            return selectors.mine(actor=actor)
        case "overdue":
            return selectors.clocks(actor=actor).filter(ended_at__isnull=True, due_at__lt=at)
        case "open":
            return selectors.clocks(actor=actor).filter(ended_at__isnull=True)
        case _:
            return selectors.clocks(actor=actor)


def _count(tab: str) -> Any:
    def counted(actor: Actor, at: dt.datetime) -> int:
        return _narrowed(tab, actor=actor, at=at).order_by()[:10_000].count()

    return counted


class ClockList(ListScreen):
    """`/clocks/`: what is to be done until when, the longest overdue first."""

    policy = SIGNED_IN
    title = gettext_lazy("Time limits")
    nav = "clocks"
    row_url = "desk:clock"
    columns = (
        Column("label", gettext_lazy("Number"), "code", name=True),
        Column("kind", gettext_lazy("What is to be done"), value=title_of),
        Column(
            "due_at",
            gettext_lazy("Due"),
            "due",
            value=lambda row: row.due_at if _is_ticking(row) else None,
            sub=lambda row: moment(row.due_at),
            sort=True,
        ),
        Column("state", gettext_lazy("State"), "badge", value=lambda row: ClockState(row.state)),
        Column("owner", gettext_lazy("With"), value=_owner),
        Column("level", gettext_lazy("Level"), "number"),
        Column("started_at", gettext_lazy("Started"), "moment", optional=True),
        Column("ended_at", gettext_lazy("Ended"), "moment", optional=True),
    )
    filters = (
        Filter("q", gettext_lazy("Number"), "text"),
        Filter("kind", gettext_lazy("What is to be done"), choices=_kinds),
        Filter("state", gettext_lazy("State"), choices=ClockState.choices),
    )
    tabs = (
        Tab("mine", gettext_lazy("With me"), count=_count("mine")),
        Tab("overdue", gettext_lazy("Overdue"), count=_count("overdue")),
        Tab("open", gettext_lazy("Open")),
        Tab("all", gettext_lazy("All")),
    )
    order = "due_at"
    empty = gettext_lazy("Nothing has a time limit here.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the clocks this actor may see."""
        found = _narrowed(query.tab, actor=actor, at=query.at)
        for key in ("kind", "state"):
            if query.get(key):
                found = found.filter(**{key: query.get(key)})
        if query.get("q"):
            found = found.filter(label__icontains=query.get("q"))
        return query.page(found, orders={"due_at": "due_at"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the calendar."""
        return [
            Action(
                key="calendar",
                label=gettext_lazy("Working calendar"),
                href=reverse("desk:calendar", args=[business_day(self.at).year]),
            )
        ]


class ClockScreen(RecordScreen):
    """`/clocks/<id>/`: one time limit and its events."""

    policy = SIGNED_IN
    nav = "clocks"
    list_url_name = "desk:clocks"
    list_title = gettext_lazy("Time limits")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the clock; raises ClockMissing."""
        clock = selectors.clock(clock_id=key["clock_id"], actor=actor)
        if clock is None:
            raise ClockMissing(key["clock_id"])
        return Record(
            number=clock.label,
            title=clock.title,
            state=clock.state,
            notices=_assumed(clock),
            actions=_actions(clock),
            facts=[_facts(clock)],
            lines=[
                Lines(
                    gettext_lazy("What happened"),
                    (
                        Column("kind", gettext_lazy("What"), value=lambda e: e.kind.label),
                        Column("at", gettext_lazy("When"), "moment"),
                        Column("by", gettext_lazy("Who"), "code"),
                        Column("due_at", gettext_lazy("Due afterwards"), "moment"),
                        Column("reason", gettext_lazy("Reason")),
                    ),
                    selectors.events(clock_id=clock.id),
                )
            ],
            related=[
                Related(
                    title=gettext_lazy("Working calendar"),
                    href=reverse(
                        "desk:calendar", args=[clock.due_at.astimezone(BUSINESS_ZONE).year]
                    ),
                )
            ],
            clauses=kinds()[clock.kind].clauses if clock.kind in kinds() else (),
        )


def _assumed(clock: ClockInfo) -> list[tuple[str, str]]:
    if not clock.is_assumed:
        return []
    words = _("The working days of this year are not published yet; weekends were assumed.")
    return [("warning", words)]


def _facts(clock: ClockInfo) -> FactGroup:
    return FactGroup(
        title=gettext_lazy("Time limit"),
        facts=[
            Fact(title=gettext_lazy("What it is about"), value=clock.label, href=clock.link),
            Fact(title=gettext_lazy("With"), value=clock.person or role_name(clock.role)),
            Fact(title=gettext_lazy("Started"), value=clock.started_at, kind="moment"),
            Fact(title=gettext_lazy("Due"), value=clock.due_at, kind="moment"),
            Fact(title=gettext_lazy("Ended"), value=clock.ended_at, kind="moment"),
            Fact(title=gettext_lazy("Level"), value=clock.level, kind="number"),
        ],
    )


def _actions(clock: ClockInfo) -> list[Action]:
    if not clock.is_open or clock.kind not in kinds():
        return []

    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        (changed,) = services.extend(
            clock_ids=[clock.id],
            until=values["until"],
            reason=values["reason"],
            actor=actor,
            at=at,
        )
        words = _("%(number)s is due %(due)s now.")
        return Done(message=words % {"number": changed.label, "due": moment(changed.due_at)})

    why_not = {
        ClockState.BREACHED: gettext_lazy("The limit has passed: it is extended before that."),
        ClockState.PAUSED: gettext_lazy("It is stopped: it is extended after it goes on."),
    }
    return [
        Action(
            key="extend",
            label=gettext_lazy("Extend"),
            run=run,
            policy=kinds()[clock.kind].extend,
            why_not=why_not.get(clock.state, ""),
            fields=(
                Field("until", gettext_lazy("New limit"), "moment", hint="2026-12-31 18:00"),
                Field("reason", gettext_lazy("Reason"), "lines", least=2, most=2000),
            ),
        )
    ]


class CalendarScreen(RecordScreen):
    """`/calendar/<year>/`: the days of a year that differ from Monday to Friday."""

    policy = SIGNED_IN
    nav = "clocks"
    list_url_name = "desk:clocks"
    list_title = gettext_lazy("Time limits")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the year; raises NotFound for one no calendar can have."""
        year = key["year"]
        if year not in YEARS:
            raise NotFound("clocks.no_year", _("There is no calendar of this year."))
        return _year(year, at=at)


def _year(year: int, *, at: dt.datetime) -> Record:
    known = selectors.calendar()
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    entered = {entry.day: entry for entry in selectors.calendar_entries(year=year)}
    listed = sorted((d for d in known.days.values() if d.day.year == year), key=lambda d: d.day)
    published = known.knows(first, last)
    warning = _("The notice for this year is not imported; Monday to Friday is assumed.")
    worked = known.between(first - dt.timedelta(days=1), last)
    return Record(
        number=str(year),
        title=gettext_lazy("Working calendar"),
        notices=[] if published else [("warning", warning)],
        actions=[_set_day(), _import_year()],
        facts=[
            FactGroup(
                title=gettext_lazy("Year"),
                facts=[
                    Fact(title=gettext_lazy("Working days"), value=worked, kind="number"),
                    Fact(
                        title=gettext_lazy("Source"),
                        value=gettext_lazy("State Council notice")
                        if published
                        else gettext_lazy("Weekends assumed"),
                    ),
                ],
            )
        ],
        lines=[
            Lines(
                gettext_lazy("Days that differ"),
                (
                    Column("day", gettext_lazy("Day"), "day"),
                    Column(
                        "weekday",
                        gettext_lazy("Weekday"),
                        value=lambda d: _WEEKDAYS[d.day.weekday()],
                    ),
                    Column(
                        "is_working",
                        gettext_lazy("Kind"),
                        value=lambda d: _("worked") if d.is_working else _("free"),
                    ),
                    Column("name", gettext_lazy("Name"), value=lambda d: d.name_zh),
                    Column(
                        "source",
                        gettext_lazy("Set by"),
                        value=lambda d: _source(entered.get(d.day)),
                        sub=lambda d: entered[d.day].reason if d.day in entered else "",
                    ),
                ),
                listed,
                empty=gettext_lazy("No day of this year differs from its weekday."),
            )
        ],
        related=[
            Related(title=str(other), href=reverse("desk:calendar", args=[other]))
            for other in range(business_day(at).year - 1, business_day(at).year + 3)
            if other != year
        ],
    )


def _source(entry: Any) -> str:
    if entry is None:
        return _("State Council notice")
    return f"{DaySource(entry.source).label} {entry.by_name}"


def _set_day() -> Action:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        change = services.set_day(
            day=values["day"],
            is_working=values["kind"] == "worked",
            reason=values["reason"],
            name_zh=values["name"] or "",
            actor=actor,
            at=at,
        )
        words = ngettext(
            "Set; %(count)s time limit moved.", "Set; %(count)s time limits moved.", change.moved
        )
        return Done(message=words % {"count": change.moved})

    return Action(
        key="set-day",
        label=gettext_lazy("Set a day"),
        run=run,
        policy=selectors.MANAGE_CALENDAR,
        fields=(
            Field("day", gettext_lazy("Day"), "day", hint="2026-12-31"),
            Field(
                "kind",
                gettext_lazy("Kind"),
                "choice",
                choices=(("free", gettext_lazy("free")), ("worked", gettext_lazy("worked"))),
            ),
            Field("name", gettext_lazy("Name"), required=False),
            Field("reason", gettext_lazy("Reason"), least=2, most=500),
        ),
    )


def _import_year() -> Action:
    return Action(
        key="import-year",
        label=gettext_lazy("Import a year"),
        href=f"{reverse('desk:imports')}?profile=working_calendar",
        policy=selectors.MANAGE_CALENDAR,
    )
