"""Trade steps: what each channel tells its buyers at each step of a purchase (SCM-2.4-07)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import TradeStepKind
from catalog.desk.page_rows import CHANNELS, Row, rows_of, standing_column
from catalog.desk.pages import VIEW
from catalog.revised.pages import GUIDES
from catalog.selectors import pages
from ops.engines.desk.contentforms import ContentForm
from ops.engines.desk.contents import content_page
from ops.engines.desk.screens import (
    Column,
    Fact,
    FactGroup,
    Field,
    Filter,
    Group,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.kernel.actor import Actor


def said(row: Row) -> str:
    """Return the beginning of what is live, or that nothing is."""
    if row.live is None:
        return gettext("nothing yet")
    return str(row.live.content["text"] or row.live.content["link"])[:80]


class TradeStepList(ListScreen):
    """`/trade-steps/`: every step of every channel, with the text that is live."""

    policy = VIEW
    title = _("Guidance texts")
    nav = "shop_pages"
    row_url = "catalog:trade_step"
    columns = (
        Column("channel", _("Channel"), value=lambda row: row.subject.channel.name),
        Column(
            "step", _("Step"), name=True, value=lambda row: TradeStepKind(row.subject.step).label
        ),
        Column("says", _("What buyers read"), "code", value=said),
        Column("no", _("Live version"), "number", value=lambda row: row.live and row.live.no),
        standing_column(),
    )
    filters = (
        CHANNELS,
        Filter("step", _("Step"), choices=TradeStepKind.choices),
    )
    order = "id"
    empty = _("No channel yet. A channel is opened under System.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the steps of the actor's channels."""
        found = query.narrow(pages.steps(actor=actor), "step", channel="channel_id")
        page = query.page(found, orders={"id": "id"})
        return dataclasses.replace(page, rows=rows_of(pages.STEP, page.rows, at=query.at))


class TradeStepScreen(RecordScreen):
    """`/trade-steps/<id>/`: the text of one step in its versions."""

    policy = VIEW
    title = _("Guidance text")
    nav = "shop_pages"
    list_url_name = "catalog:trade_steps"
    list_title = _("Guidance texts")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the step; raises PageMissing."""
        row = pages.step(step_id=key["step_id"], actor=actor)
        page = content_page(
            kind=pages.STEP,
            subject_id=row.pk,
            edit_href=reverse("catalog:trade_step_edit", args=[row.pk]),
            at=at,
        )
        content = page.shown.info.content if page.shown else None
        return Record(
            number=f"{row.channel.name} · {TradeStepKind(row.step).label}",
            state=page.state,
            states=page.states,
            actions=page.actions,
            facts=_facts(content) if content else (),
            lines=page.lines,
            related=(
                Related(title=_("Shop"), href=reverse("catalog:shop_plan", args=[row.channel_id])),
            ),
            clauses=("SCM-2.4-07",),
            subject=page.subject,
        )


def _facts(content: Mapping[str, Any]) -> tuple[FactGroup, ...]:
    return (
        FactGroup(
            title=_("What buyers read"),
            facts=(
                Fact(title=_("Title"), value=content["title"]),
                Fact(title=_("Text"), value=content["text"], is_wide=True),
                Fact(title=_("Link"), value=content["link"], kind="code", is_wide=True),
            ),
        ),
    )


class TradeStepForm(ContentForm):
    """`/trade-steps/<id>/edit/`: title, text, link."""

    policy = GUIDES
    title = _("Draft a guidance text")
    nav = "shop_pages"
    kind = pages.STEP
    key_name = "step_id"
    groups = (
        Group(
            _("What buyers read"),
            (
                Field("title", _("Title"), most=60),
                Field(
                    "text",
                    _("Text"),
                    "lines",
                    required=False,
                    most=4000,
                    hint=_("Needed in a shop of our own."),
                ),
                Field(
                    "link",
                    _("Link"),
                    required=False,
                    most=400,
                    hint=_("The marketplace's own guidance, beginning with https://"),
                ),
            ),
        ),
    )

    def written(self, values: Mapping[str, Any], **key: Any) -> Mapping[str, Any]:
        """Return the text that was typed."""
        return {name: values[name] or "" for name in ("title", "text", "link")}

    def shown(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the text as its fields show it."""
        return dict(content)

    def back_url(self, **key: Any) -> str:
        """Return to the step."""
        return reverse("catalog:trade_step", args=[key["step_id"]])
