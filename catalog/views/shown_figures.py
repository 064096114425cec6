"""The figures channels tell of their places: rows, and what later ones replaced (CAT-4.1-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import PageKind
from catalog.models import Channel, ShownFigure
from catalog.selectors import channels
from catalog.selectors import shown_figures as selected
from ops.engines.desk.screens import (
    Action,
    Column,
    Command,
    Fact,
    FactGroup,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    command,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")

command(
    Command(
        key="shown_figures",
        title=_("Clicks by place"),
        url_name="catalog:shown_figures",
        policy=_VIEW,
    )
)


def _channel(row: ShownFigure) -> Channel:
    if row.slot is not None:
        return row.slot.page.channel
    if row.set is not None:
        return row.set.channel
    raise ValueError(f"figure {row.pk} has no place")


def place_name(row: ShownFigure) -> str:
    """Name the place of a figure: page and slot, or the version of the recommendations."""
    if row.slot is not None:
        return f"{PageKind(row.slot.page.kind).label} · {row.slot.key}"
    return gettext("recommendations, version %(no)s") % {"no": row.set.no if row.set else ""}


def _place_href(row: ShownFigure) -> str:
    if row.slot is not None:
        return reverse("catalog:display_plan", args=[row.slot.page_id])
    return reverse("catalog:recommendation_set", args=[row.set_id])


def _rate(row: ShownFigure) -> Decimal | None:
    return Decimal(row.clicks) / row.shown if row.shown else None


class ShownFigureList(ListScreen):
    """`/shown-figures/`: one good in one place on one day a row, as told last."""

    policy = _VIEW
    title = _("Clicks by place")
    nav = "display_plans"
    lead = _("What channels tell of slots and recommendations, by file or by the API.")
    columns = (
        Column("day", _("Business day"), "day", name=True),
        Column("channel", _("Channel"), value=lambda row: _channel(row).name),
        Column("place", _("Where shown"), value=place_name, href=_place_href),
        Column("sku", _("SKU"), "code", value=lambda row: row.sku.code,
               sub=lambda row: row.sku.name),
        Column("shown", _("Times shown"), "number"),
        Column("clicks", _("Clicks"), "number"),
        Column("click_rate", _("Click rate"), "pct", value=_rate),
        Column("orders", _("Orders from there"), "number"),
        Column("told_at", _("Told at"), "moment", optional=True),
        Column("source", _("Source"), "code", optional=True),
    )  # fmt: skip
    filters = (
        Filter("channel", _("Channel"), choices=channels.choices),
        Filter("page", _("Page"), choices=PageKind.choices),
        Filter("slot", _("Slot"), "text"),
        Filter("version", _("Version of the recommendations"), "text"),
        Filter("sku", _("SKU"), "text"),
        Filter("days", _("Business day"), "span"),
    )
    order = "-id"
    row_url = "catalog:shown_figure"
    export_policy = may("catalog", "E")
    empty = _("No channel has told figures yet. Import a file, or let the shop send them.")
    empty_href = "/imports/"
    empty_label = _("Import a file")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of figures."""
        rows = selected.figures(actor=actor)
        if channel := query.get("channel"):
            rows = rows.filter(selected.of_channels([int(channel)]))
        if days := query.get("days"):
            rows = rows.filter(day__range=(days.first, days.last))
        if version := query.get("version"):
            rows = rows.filter(set__no=int(version)) if version.isdecimal() else rows.none()
        rows = query.narrow(rows, page="slot__page__kind", slot="slot__key", sku="sku__code")
        return query.page(rows, orders={"id": "id"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the plans and to the recommendations."""
        del actor
        return [
            Action(key="plans", label=_("Display plans"), href=reverse("catalog:display_plans")),
            Action(
                key="rules",
                label=_("Recommendation rules compared"),
                href=reverse("catalog:recommendation_rules"),
            ),
        ]


class ShownFigureScreen(RecordScreen):
    """`/shown-figures/<id>/`: one figure, who told it, and what it replaced."""

    policy = _VIEW
    title = _("Figure of a place")
    nav = "display_plans"
    list_url_name = "catalog:shown_figures"
    list_title = _("Clicks by place")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the figure; raises ThingMissing."""
        row = selected.figure(figure_id=key["figure_id"], actor=actor)
        return Record(
            number=f"{row.sku.code} · {row.day}",
            title=place_name(row),
            facts=(
                FactGroup(
                    title=_("Figure of a place"),
                    facts=(
                        Fact(title=_("Channel"), value=_channel(row).name),
                        Fact(title=_("Times shown"), value=row.shown, kind="number"),
                        Fact(title=_("Clicks"), value=row.clicks, kind="number"),
                        Fact(title=_("Click rate"), value=_rate(row), kind="pct"),
                        Fact(title=_("Orders from there"), value=row.orders, kind="number"),
                        Fact(title=_("Source"), value=row.source, kind="code"),
                        Fact(title=_("Told at"), value=row.told_at, kind="moment"),
                    ),
                ),
            ),
            lines=(_traces(row),),
            related=(
                Related(title=_("Where shown"), note=place_name(row), href=_place_href(row)),
                Related(title=_("SKU"), note=row.sku.name,
                        href=reverse("catalog:sku", args=[row.sku_id])),
            ),
            clauses=("CAT-4.1-03", "CAT-4.1-04"),
        )  # fmt: skip


def _traces(row: ShownFigure) -> Lines:
    return Lines(
        _("What was told before"),
        (
            Column("told_at", _("Told at"), "moment", name=True),
            Column("shown", _("Times shown"), "number"),
            Column("clicks", _("Clicks"), "number"),
            Column("orders", _("Orders from there"), "number"),
            Column("source", _("Source"), "code"),
            Column("replaced_at", _("Replaced at"), "moment"),
        ),
        list(row.traces.order_by("-pk")),
        empty=_("This is what was told first; nothing was replaced."),
    )
