"""Shops: their plan, whether their set of pages and guidance texts is whole, opening them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import PageKind, TradeStepKind
from catalog.desk.pages import VIEW
from catalog.revised.pages import PLANNERS
from catalog.selectors import pages
from catalog.services import channels
from catalog.types.pages import ChannelSet
from ops.engines.desk.contentforms import ContentForm
from ops.engines.desk.contents import content_page
from ops.engines.desk.screens import (
    Action,
    Badge,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Group,
    LineFields,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Tone,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

OPENERS = may("catalog", "A", Role.OPERATIONS_SUPERVISOR)
_GOODS = _("Goods and prices")


def state_of(found: ChannelSet) -> Badge:
    """Return where a shop stands: open, whole but shut, or incomplete."""
    if found.is_own and found.lacking:
        return Badge(_("incomplete"), Tone.STOPPED)
    return Badge(_("open"), Tone.DONE) if found.is_active else Badge(_("shut"), Tone.NEUTRAL)


def _ratio(parts: Mapping[Any, int | None]) -> str:
    return f"{sum(no is not None for no in parts.values())} / {len(parts)}"


class ShopList(ListScreen):
    """`/shop-plans/`: every shop with its plan and what its set lacks (MKT-5.3-10)."""

    policy = VIEW
    title = _("Shops and their plans")
    nav = "shop_pages"
    row_url = "catalog:shop_plan"
    lead = _("A shop of our own opens once its three pages and six guidance texts are live.")
    columns = (
        Column("name", _("Channel"), name=True),
        Column("code", _("Code"), "code"),
        Column("is_own", _("Our own"), "flag"),
        Column("plan_no", _("Plan in force"), "number"),
        Column("pages", _("Pages live"), value=lambda row: _ratio(row.pages)),
        Column("steps", _("Guidance texts live"), value=lambda row: _ratio(row.steps)),
        Column("state", _("State"), "badge", value=state_of),
    )
    order = "code"
    empty = _("No channel yet. A channel is opened under System.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the actor's shops."""
        page = query.page(pages.shops(actor=actor), orders={"code": "code"})
        return dataclasses.replace(page, rows=pages.sets(channels=page.rows, at=query.at))

    def row_key(self, row: Any) -> str:
        """Return the channel's id."""
        return str(row.channel_id)


class ShopScreen(RecordScreen):
    """`/shop-plans/<channel>/`: the plan in its versions, and the set of the shop."""

    policy = VIEW
    title = _("Shop plan")
    nav = "shop_pages"
    list_url_name = "catalog:shop_plans"
    list_title = _("Shops and their plans")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the shop; raises PageMissing."""
        channel = pages.shop(channel_id=key["channel_id"], actor=actor)
        [found] = pages.sets(channels=[channel], at=at)
        page = content_page(
            kind=pages.PLAN,
            subject_id=channel.pk,
            edit_href=reverse("catalog:shop_plan_edit", args=[channel.pk]),
            at=at,
        )
        return Record(
            number=channel.name,
            title=gettext("Shop plan"),
            state=page.state or state_of(found),
            states=page.states,
            actions=(*page.actions, _opening(found)),
            facts=[*_plan(page.shown.info.content if page.shown else None)],
            lines=(_set_table(found), *page.lines),
            notices=_notices(found),
            related=(
                Related(
                    title=_("Pages of the shop"),
                    href=f"{reverse('catalog:shop_pages')}?channel={channel.pk}",
                ),
                Related(
                    title=_("Guidance texts"),
                    href=f"{reverse('catalog:trade_steps')}?channel={channel.pk}",
                ),
            ),
            clauses=("MKT-5.3-09", "MKT-5.3-10", "SCM-2.4-07"),
            subject=page.subject,
        )


class ShopPlanForm(ContentForm):
    """`/shop-plans/<channel>/edit/`: position, audience, price band, style, evidence."""

    policy = PLANNERS
    title = _("Draft a shop plan")
    nav = "shop_pages"
    kind = pages.PLAN
    key_name = "channel_id"
    groups = (
        Group(
            _("Market position"),
            (
                Field("position", _("Market position"), most=400),
                Field("audience", _("Target customers"), most=400),
                Field("price_low", _("Prices from"), "money"),
                Field("price_high", _("Prices to"), "money"),
                Field(
                    "style",
                    _("Style guide"),
                    "lines",
                    most=4000,
                    hint=_("Colours, type, tone, pictures."),
                ),
            ),
        ),
        Group(
            _("Evidence of demand"),
            (
                LineFields(
                    "demand",
                    _("Evidence of demand"),
                    (
                        Field("finding", _("Finding"), most=400),
                        Field("source", _("Source"), most=200),
                    ),
                    rows=3,
                ),
            ),
        ),
    )

    def written(self, values: Mapping[str, Any], **key: Any) -> Mapping[str, Any]:
        """Return the plan that was typed."""
        return {name: values[name] for name in _FIELDS}

    def shown(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the plan as its fields show it."""
        return dict(content)

    def back_url(self, **key: Any) -> str:
        """Return to the shop."""
        return reverse("catalog:shop_plan", args=[key["channel_id"]])


_FIELDS = ("position", "audience", "price_low", "price_high", "style", "demand")


def _plan(content: Mapping[str, Any] | None) -> Sequence[FactGroup]:
    if content is None:
        return ()
    band = f"{content['price_low']} – {content['price_high']}"
    return [
        FactGroup(
            title=_("Plan"),
            facts=(
                Fact(title=_("Market position"), value=content["position"], is_wide=True),
                Fact(title=_("Target customers"), value=content["audience"], is_wide=True),
                Fact(title=_("Price band"), value=band),
                Fact(title=_("Style guide"), value=content["style"], is_wide=True),
                *(
                    Fact(title=each["source"], value=each["finding"], is_wide=True)
                    for each in content["demand"]
                ),
            ),
        )
    ]


def _part_href(part: PageKind | TradeStepKind, pk: int) -> str:
    is_page = isinstance(part, PageKind)
    return reverse("catalog:shop_page" if is_page else "catalog:trade_step", args=[pk])


def _set_table(found: ChannelSet) -> Lines:
    rows = [*found.pages.items(), *found.steps.items()]
    return Lines(
        _("Pages and guidance texts"),
        (
            Column(
                "part",
                _("Page or text"),
                name=True,
                value=lambda row: row[0].label,
                href=lambda row: _part_href(row[0], found.ids[row[0]]),
            ),
            Column("no", _("Live version"), "number", value=lambda row: row[1]),
            Column(
                "state",
                _("State"),
                "badge",
                value=lambda row: (
                    Badge(_("missing"), Tone.STOPPED)
                    if row[1] is None and found.is_own
                    else Badge(_("missing"))
                    if row[1] is None
                    else Badge(_("live"), Tone.DONE)
                ),
            ),
        ),
        rows,
    )


def _notices(found: ChannelSet) -> Sequence[tuple[str, str | Promise]]:
    if not found.is_own or not found.lacking:
        return ()
    names = gettext(", ").join(str(each.label) for each in found.lacking)
    return [
        ("warning", gettext("Nothing is live of: %(names)s. The shop cannot open.")
         % {"names": names})
    ]  # fmt: skip


def _opening(found: ChannelSet) -> Action:
    def run(_values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        made = channels.set_active(
            channel_id=found.channel_id, is_active=not found.is_active, actor=actor, at=at
        )
        words = gettext("%(name)s is open.") if made.is_active else gettext("%(name)s is shut.")
        return Done(message=words % {"name": made.name})

    why = ""
    if not found.is_active and found.is_own and found.lacking:
        why = gettext("Pages or guidance texts are missing; see below.")
    return Action(
        key="open",
        label=_("Shut the shop") if found.is_active else _("Open the shop"),
        run=run,
        policy=OPENERS,
        why_not=why,
        confirm=_("New orders are no longer taken here.")
        if found.is_active
        else _("New orders are taken here from now on."),
        is_danger=found.is_active,
    )
