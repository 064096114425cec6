"""Recommendations: versions of what a channel shows beside its goods (CAT-4.1-04)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import RecommendationRule, RecommendationSet
from catalog.selectors import channels, recommendations, shown_figures
from catalog.services import recommending
from catalog.types.recommendations import Outcome
from catalog.types.shown_figures import Counted
from ops.engines.desk import formats
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
    Related,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
SETTERS = may("catalog", "C", Role.OPERATIONS_SUPERVISOR)
MOST_PAIRS = 200


def _sku(sku_id: int) -> str:
    return reverse("catalog:sku", args=[sku_id])


def _rate(hits: int | None, orders: int | None) -> Decimal | None:
    return None if hits is None or not orders else Decimal(hits) / Decimal(orders)


class RecommendationSets(ListScreen):
    """`/recommendations/`: every version of every channel, with what it did."""

    policy = _VIEW
    title = _("Recommendations")
    nav = "recommendations"
    lead = _("Built every night from real orders; a version is kept as it was published.")
    columns = (
        Column("no", _("Version"), name=True, value=lambda row: _version(row.no)),
        Column("channel", _("Channel"), value=lambda row: row.channel.name),
        Column("rule", _("Rule"), "number", value=lambda row: row.rule.no),
        Column("baskets", _("Orders looked at"), "number"),
        Column("pair_count", _("Pairs"), "number"),
        Column("published_at", _("Published"), "moment"),
        Column(
            "order_rate",
            _("Order rate"),
            "pct",
            value=lambda row: _rate(row.hits, row.orders),
        ),
        Column(
            "former_rate",
            _("Former version"),
            "pct",
            value=lambda row: _rate(row.former_hits, row.former_orders),
        ),
        Column(
            "click_rate",
            _("Click rate"),
            "pct",
            value=lambda row: _rate(row.clicks, row.impressions),
        ),
        Column(
            "former_click_rate",
            _("Click rate of the former version"),
            "pct",
            value=lambda row: _rate(row.former_clicks, row.former_impressions),
        ),
    )
    filters = (Filter("channel", _("Channel"), choices=channels.choices),)
    order = "-id"
    row_url = "catalog:recommendation_set"
    new = New(_("Set a rule"), "catalog:recommendation_rule", SETTERS)
    empty = _("Nothing is recommended yet. Set a rule for a channel; the night builds the rest.")
    empty_href = "/recommendations/rule/"
    empty_label = _("Set a rule")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the sets of the actor's channels."""
        found = query.narrow(recommendations.sets(actor=actor), channel="channel_id")
        return query.page(found, orders={"id": "id"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the rule versions, and to the next one."""
        return [
            *super().head_actions(actor=actor),
            Action(
                key="rules",
                label=_("Rules compared"),
                href=reverse("catalog:recommendation_rules"),
            ),
        ]


class RecommendationRules(ListScreen):
    """`/recommendations/rules/`: every version of every rule beside its former one."""

    policy = _VIEW
    title = _("Recommendation rules compared")
    nav = "recommendations"
    lead = _("Clicks are what the channel told of the sets of each version, each in its own time.")
    columns = (
        Column("no", _("Version"), name=True, value=lambda row: _version(row.rule.no)),
        Column("channel", _("Channel"), value=lambda row: row.rule.channel.name),
        Column("why", _("Reason"), value=lambda row: row.rule.why),
        Column("set_at", _("In force since"), "moment", value=lambda row: row.rule.set_at),
        Column("sets", _("Sets"), "number"),
        Column("shown", _("Times shown"), "number", value=lambda row: row.counted.shown),
        Column("click_rate", _("Click rate"), "pct", value=lambda row: row.counted.click_rate,
               sub=lambda row: _moved(row.counted.click_rate, row.former_counted.click_rate)),
        Column("former_click_rate", _("Click rate of the former version"), "pct",
               value=lambda row: row.former_counted.click_rate),
        Column("orders", _("Orders with a recommending good"), "number"),
        Column("order_rate", _("Order rate"), "pct",
               sub=lambda row: _moved(row.order_rate, row.former_order_rate)),
        Column("former_order_rate", _("Order rate of the former version"), "pct"),
    )  # fmt: skip
    filters = (Filter("channel", _("Channel"), choices=channels.choices),)
    order = "-id"
    export_policy = may("catalog", "E")
    empty = _("No rule yet. Set a rule for a channel; the night builds the rest.")
    empty_href = "/recommendations/rule/"
    empty_label = _("Set a rule")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the rule versions of the actor's channels."""
        found = query.narrow(recommendations.rules(actor=actor), channel="channel_id")
        page = query.page(found, orders={"id": "id"})
        return dataclasses.replace(page, rows=recommendations.compared(page.rows))

    def row_href(self, row: Any) -> str:
        """Lead to the sets of the channel."""
        return f"{reverse('catalog:recommendation_sets')}?channel={row.rule.channel_id}"


class RecommendationSetScreen(RecordScreen):
    """`/recommendations/<id>/`: one version, what it did beside the former one, its pairs."""

    policy = _VIEW
    title = _("Recommendations")
    nav = "recommendations"
    list_url_name = "catalog:recommendation_sets"
    list_title = _("Recommendations")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the set with its outcomes and the pairs bought together most often."""
        kept = recommendations.one_set(set_id=key["set_id"], actor=actor)
        return Record(
            number=gettext("%(channel)s, version %(no)s")
            % {"channel": kept.channel.name, "no": kept.no},
            actions=(_build(kept),),
            facts=(_facts(kept), _clicked(kept), _rule(kept.rule)),
            lines=(_compared(recommendations.outcomes(set_id=kept.pk)), _pairs(kept)),
            related=_former(kept),
            clauses=("CAT-4.1-04",),
            subject=(recommending.SUBJECT, kept.pk),
        )


class RecommendationRuleForm(FormScreen):
    """`/recommendations/rule/`: the next version of a channel's rule."""

    policy = SETTERS
    title = _("Set a rule for recommendations")
    nav = "recommendations"
    submit_label = _("Put in force")
    lead = _("The next build follows it; versions built before stay as they are.")
    groups = (
        Group(
            _("Where and why"),
            (
                Field("channel", _("Channel"), "choice", choices=channels.choices),
                Field("why", _("Reason"), most=200, least=2),
            ),
        ),
        Group(
            _("Which pairs"),
            (
                Field("window_days", _("Days looked back"), "quantity", hint=_("1 to 730")),
                Field(
                    "min_support",
                    _("Least orders with both"),
                    "quantity",
                    hint=_("Fewer orders are chance."),
                ),
                Field(
                    "min_lift",
                    _("Least lift"),
                    "money",
                    places=4,
                    hint=_("1 is chance; 2 is bought together twice as often as chance."),
                ),
                Field("top", _("Most goods shown beside one"), "quantity", hint=_("1 to 50")),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return figures to begin with."""
        return {"window_days": 90, "min_support": 5, "min_lift": Decimal("1.5"), "top": 8}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Put the version in force through the service."""
        made = recommending.set_rule(
            channel_id=int(values["channel"]),
            window_days=values["window_days"],
            min_support=values["min_support"],
            min_lift=values["min_lift"],
            top=values["top"],
            why=values["why"],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("Version %(no)s of the rule is in force.") % {"no": made.no},
            href=self.back_url(),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse("catalog:recommendation_sets")


def beside(*, sku_id: int, names: Mapping[int, str], at: dt.datetime) -> Lines:
    """Return what is shown beside a SKU now, in the channels named."""
    found = recommendations.beside(sku_id=sku_id, channel_ids=names, at=at)
    rows = [(names[channel_id], row) for channel_id, row in found]
    return Lines(
        _("Bought together"),
        (
            Column("channel", _("Channel"), value=lambda pair: pair[0]),
            Column(
                "code",
                _("SKU"),
                "code",
                value=lambda pair: pair[1].code,
                href=lambda pair: _sku(pair[1].other_id),
                sub=lambda pair: pair[1].name,
            ),
            Column(
                "together",
                _("Orders with both"),
                "number",
                value=lambda pair: pair[1].together,
            ),
            Column("confidence", _("Confidence"), "pct", value=lambda pair: pair[1].confidence),
            Column("lift", _("Lift"), "number", value=lambda pair: pair[1].lift),
        ),
        rows,
        empty=_("Nothing is recommended beside this SKU now."),
    )


def _build(kept: RecommendationSet) -> Action:
    """Return the action that does now what the night would do, such as after a new rule."""

    def run(_values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        made = recommending.build(
            channel_id=kept.channel_id,
            day=business_day(at) - dt.timedelta(days=1),
            actor=actor,
            at=at,
        )
        if made is None:
            return Done(message=gettext("The orders say the same as before: no new version."))
        return Done(
            message=gettext("Version %(no)s is published.") % {"no": made.no},
            href=reverse("catalog:recommendation_set", args=[made.id]),
        )

    return Action(
        key="build",
        label=_("Build now"),
        run=run,
        policy=SETTERS,
        confirm=_("The orders up to yesterday are counted under the rule in force."),
    )


def _version(no: int) -> str:
    return gettext("version %(no)s") % {"no": no}


def _facts(kept: RecommendationSet) -> FactGroup:
    facts = [
        Fact(title=_("Channel"), value=kept.channel.name),
        Fact(title=_("Published"), value=kept.published_at, kind="moment"),
        Fact(title=_("First day"), value=kept.first_day, kind="day"),
        Fact(title=_("Last day"), value=kept.last_day, kind="day"),
        Fact(title=_("Orders looked at"), value=kept.baskets, kind="number"),
        Fact(title=_("Pairs"), value=kept.pair_count, kind="number"),
    ]
    if kept.former_id is not None:
        added, dropped = recommendations.changed(set_id=kept.pk, former_id=kept.former_id)
        facts += [
            Fact(title=_("Pairs that are new"), value=added, kind="number"),
            Fact(title=_("Pairs no longer shown"), value=dropped, kind="number"),
        ]
    return FactGroup(title=_("Version"), facts=facts)


def _clicked(kept: RecommendationSet) -> FactGroup:
    """Return what the channel told of the version up to now, and of the former one."""
    counted = shown_figures.of_sets(set_ids=[kept.pk, kept.former_id or 0])
    own, former = counted.get(kept.pk, Counted()), counted.get(kept.former_id or 0, Counted())
    rows = reverse("catalog:shown_figures")
    place = f"{rows}?channel={kept.channel_id}&version={kept.no}"
    return FactGroup(
        title=_("Shown and clicked"),
        facts=(
            Fact(title=_("Times shown"), value=own.shown, kind="number", href=place),
            Fact(title=_("Clicks"), value=own.clicks, kind="number"),
            Fact(title=_("Click rate"), value=own.click_rate, kind="pct"),
            Fact(title=_("Click rate of the former version"), value=former.click_rate, kind="pct"),
            Fact(title=_("Orders from there"), value=own.orders, kind="number"),
        ),
    )


def _moved(now: Decimal | None, before: Decimal | None) -> str:
    """Say by how many points a rate moved against the former version; nothing when unknown."""
    if now is None or before is None:
        return ""
    points = formats.decimal_text((now - before) * 100, places=1, sign=True)
    return gettext("%(points)s points") % {"points": points}


def _rule(rule: RecommendationRule) -> FactGroup:
    return FactGroup(
        title=_("Rule"),
        facts=(
            Fact(title=_("Version"), value=rule.no, kind="number"),
            Fact(title=_("Reason"), value=rule.why),
            Fact(title=_("Days looked back"), value=rule.window_days, kind="number"),
            Fact(title=_("Least orders with both"), value=rule.min_support, kind="number"),
            Fact(title=_("Least lift"), value=rule.min_lift, kind="number"),
            Fact(title=_("Most goods shown beside one"), value=rule.top, kind="number"),
        ),
    )


def _compared(found: Sequence[Outcome]) -> Lines:
    unknown = gettext("unknown")
    return Lines(
        _("What it did, beside the former version on the same orders"),
        (
            Column("until", _("Until"), "moment"),
            Column("orders", _("Orders with a recommending good"), "number"),
            Column("hits", _("Orders that follow"), "number"),
            Column(
                "order_rate",
                _("Order rate"),
                "pct",
                value=lambda row: _rate(row.hits, row.orders),
            ),
            Column(
                "former_order_rate",
                _("Former version"),
                "pct",
                value=lambda row: _rate(row.former_hits, row.former_orders),
            ),
            Column(
                "click_rate",
                _("Click rate"),
                value=lambda row: unknown if row.click_rate is None else f"{row.click_rate}%",
            ),
            Column(
                "former_click_rate",
                _("Click rate of the former version"),
                value=lambda row: (
                    unknown if row.former_click_rate is None else f"{row.former_click_rate}%"
                ),
            ),
        ),
        found,
        empty=_("Measured by the next build: orders placed after publication."),
    )


def _pairs(kept: RecommendationSet) -> Lines:
    return Lines(
        _("Pairs bought together most often"),
        (
            Column(
                "code",
                _("Beside"),
                "code",
                href=lambda row: _sku(row.sku_id),
                sub=lambda row: row.name,
            ),
            Column(
                "other_code",
                _("Shown"),
                "code",
                href=lambda row: _sku(row.other_id),
                sub=lambda row: row.other_name,
            ),
            Column("rank", _("Rank"), "number"),
            Column("former_rank", _("Rank before"), "number"),
            Column("together", _("Orders with both"), "number"),
            Column("confidence", _("Confidence"), "pct"),
            Column("lift", _("Lift"), "number"),
        ),
        recommendations.pairs(kept=kept, most=MOST_PAIRS),
        empty=_("No pair reached the rule."),
    )


def _former(kept: RecommendationSet) -> Sequence[Related]:
    if kept.former is None:
        return ()
    return (
        Related(
            title=_("Former version"),
            note=_version(kept.former.no),
            href=reverse("catalog:recommendation_set", args=[kept.former.pk]),
        ),
    )
