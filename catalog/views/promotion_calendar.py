"""The promotion calendar by month, and the festivals it is made of (CAT-4.4-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.festivals import FestivalKind, PlanStatus
from catalog.choices.promotions import PromotionState
from catalog.models import Festival
from catalog.selectors import festivals as selectors
from catalog.services import festivals
from catalog.types.festivals import CalendarMonth, FestivalContent, FestivalPlan, PlannedPromotion
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.reports import periods
from ops.engines.reports.choices import PeriodKind

_VIEW = may("catalog", "V")
_YEARS = range(2020, 2100)


class PromotionCalendar(RecordScreen):
    """`/promotion-calendar/<month>/`: what is on which day, and which festivals lack a plan."""

    policy = _VIEW
    title = _("Promotion calendar")
    nav = "promotion_calendar"
    list_url_name = "catalog:promotions"
    list_title = _("Promotions")
    template_name = "catalog/promotion_calendar.html"
    shown: CalendarMonth

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the month of the address, the one of today without any; BadInput for others."""
        first = _first_of(key.get("month", ""), at=at)
        self.shown = selectors.month(first=first, actor=actor, at=at)
        bare = sum(each.is_marked and each.status == PlanStatus.NONE for each in self.shown.ahead)
        words = ngettext(
            "%(count)s marked festival ahead has no promotion yet.",
            "%(count)s marked festivals ahead have no promotion yet.",
            bare,
        )
        return Record(
            number=f"{first:%Y-%m}",
            title=_("Promotion calendar"),
            notices=[("warning", words % {"count": bare})] if bare else [],
            actions=_ways(first),
            facts=(),
            lines=(_promotions(self.shown), _ahead(self.shown)),
            clauses=("CAT-4.4-03",),
        )

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Return the grid of the month."""
        return {"month": self.shown}


def _first_of(written: str, *, at: dt.datetime) -> dt.date:
    if not written:
        return business_day(at).replace(day=1)
    month = periods.parse(written)
    if month.kind is not PeriodKind.MONTH or month.first.year not in _YEARS:
        raise BadInput("catalog.calendar_month", gettext("Write a month such as 2026-11."))
    return month.first


def _ways(first: dt.date) -> tuple[Action, ...]:
    before, after = first - dt.timedelta(days=1), first + dt.timedelta(days=31)
    return (
        Action(key="before", label=_("Month before"), href=_at(before)),
        Action(key="after", label=_("Month after"), href=_at(after)),
        Action(
            key="draft",
            label=_("Draft a promotion"),
            href=reverse("catalog:promotion_types"),
            policy=may("catalog", "C"),
            is_primary=True,
        ),
        Action(key="festivals", label=_("Festivals"), href=reverse("catalog:festivals")),
    )


def _at(day: dt.date) -> str:
    return reverse("catalog:promotion_month", args=[f"{day:%Y-%m}"])


def _shares(row: PlannedPromotion) -> str:
    if not row.overlapping:
        return ""
    return gettext("same goods in one time: %(numbers)s") % {"numbers": ", ".join(row.overlapping)}


def _promotions(month: CalendarMonth) -> Lines:
    columns = (
        Column("number", _("Promotion"), "code", name=True, sub=_shares,
               href=lambda row: reverse("catalog:promotion", args=[row.id])),
        Column("title", _("Title")),
        Column("channel", _("Channel")),
        Column("first_on", _("From"), "day"),
        Column("last_on", _("Until"), "day"),
        Column("state", _("State"), "badge", value=lambda row: PromotionState(row.state)),
    )  # fmt: skip
    empty = _("No promotion in this month.")
    return Lines(_("Promotions of the month"), columns, month.promotions, empty=empty)


def _left(row: FestivalPlan) -> str:
    if row.days_left <= 0:
        return gettext("in progress")
    return gettext("in %(days)s days") % {"days": row.days_left}


def _ahead(month: CalendarMonth) -> Lines:
    columns = (
        Column("name", _("Festival"), name=True, sub=_left,
               href=lambda row: _at(row.starts_on)),
        Column("kind", _("Kind"), value=lambda row: FestivalKind(row.kind).label),
        Column("starts_on", _("From"), "day"),
        Column("ends_on", _("Until"), "day"),
        Column("is_marked", _("Marked"), "flag"),
        Column("promotions", _("Promotions"), "number"),
        Column("status", _("Plan"), "badge", value=_plan),
    )  # fmt: skip
    return Lines(
        _("Festivals of the coming half year"),
        columns,
        month.ahead,
        empty=_("No festival is written down for the coming half year."),
    )


def _plan(row: FestivalPlan) -> PlanStatus | None:
    """Return how far the plan is; a festival nobody marked needs none."""
    return row.status if row.is_marked or row.promotions else None


class FestivalList(ListScreen):
    """`/festivals/`: festivals and seasons, each dated for its year."""

    policy = _VIEW
    title = _("Festivals")
    nav = "promotion_calendar"
    columns = (
        Column("name", _("Festival"), name=True),
        Column("kind", _("Kind"), value=lambda row: FestivalKind(row.kind).label),
        Column("starts_on", _("From"), "day"),
        Column("ends_on", _("Until"), "day"),
        Column("is_marked", _("Marked"), "flag"),
        Column("is_held", _("Takes place"), "flag"),
    )
    filters = (Filter("kind", _("Kind"), choices=FestivalKind.choices),)
    order = "-starts_on"
    new = New(_("Write a festival down"), "catalog:festival_new", festivals.KEEP)
    export_policy = may("catalog", "E")
    empty = _("No festival is written down yet.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of festivals."""
        del actor
        found = query.narrow(selectors.festivals(), "kind")
        return query.page(found, orders={"starts_on": "starts_on"})

    def row_href(self, row: Any) -> str:
        """Open the festival."""
        return reverse("catalog:festival", args=[row.pk])


class FestivalScreen(RecordScreen):
    """`/festivals/<id>/`: one festival of one year, and who changed it."""

    policy = _VIEW
    title = _("Festival")
    nav = "promotion_calendar"
    list_url_name = "catalog:festivals"
    list_title = _("Festivals")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the festival with its days; raises FestivalMissing."""
        del actor, at
        row = selectors.festival(key["festival_id"])
        facts = (
            Fact(title=_("Kind"), value=FestivalKind(row.kind).label),
            Fact(title=_("From"), value=row.starts_on, kind="day"),
            Fact(title=_("Until"), value=row.ends_on, kind="day"),
            Fact(title=_("Marked"), value=row.is_marked, kind="flag"),
            Fact(title=_("Takes place"), value=row.is_held, kind="flag"),
        )
        return Record(
            number=f"{row.starts_on:%Y}",
            title=row.name,
            actions=(
                Action(
                    key="edit",
                    label=_("Edit"),
                    href=reverse("catalog:festival_edit", args=[row.pk]),
                    policy=festivals.KEEP,
                    is_primary=True,
                ),
                Action(key="month", label=_("Promotion calendar"), href=_at(row.starts_on)),
            ),
            facts=(FactGroup(title=_("Festival"), facts=facts),),
            clauses=("CAT-4.4-03",),
            subject=(festivals.SUBJECT, row.pk),
        )


class FestivalForm(FormScreen):
    """`/festivals/new/` and `/festivals/<id>/edit/`: one festival of one year."""

    policy = festivals.KEEP
    title = _("Festival")
    nav = "promotion_calendar"
    submit_label = _("Keep")
    lead = _("Lunar festivals move: write each year down with its days.")
    groups = (
        Group(
            _("Festival"),
            (
                Field("name", _("Name"), most=40),
                Field("name_en", _("English name"), most=60, required=False),
                Field("kind", _("Kind"), "choice", choices=FestivalKind.choices),
                Field("starts_on", _("From"), "day"),
                Field("ends_on", _("Until"), "day", hint=_("The last day, itself included.")),
                Field("is_marked", _("Marked"), "flag", required=False,
                      hint=_("Thirty days before it we remind when no promotion is drafted.")),
                Field("is_held", _("Takes place"), "flag", required=False,
                      hint=_("Unticked: it leaves the calendar.")),
            ),
        ),
    )  # fmt: skip

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin with what stands, or with today."""
        if "festival_id" not in key:
            today = business_day(at)
            return {"starts_on": today, "ends_on": today, "is_held": True}
        row = selectors.festival(key["festival_id"])
        return {name: getattr(row, name) for name in FestivalContent.__slots__}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep it through the service."""
        row: Festival = festivals.keep(
            content=FestivalContent(**{**values, "name_en": values["name_en"] or ""}),
            festival_id=key.get("festival_id"),
            actor=actor,
            at=at,
        )
        return Done(message=gettext("“%(name)s” stands in the calendar.") % {"name": row.name})

    def back_url(self, **key: Any) -> str:
        """Return to the festival, or to the list."""
        if "festival_id" in key:
            return reverse("catalog:festival", args=[key["festival_id"]])
        return reverse("catalog:festivals")
