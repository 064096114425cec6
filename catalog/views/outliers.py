"""Prices that stand out, to be changed or kept with a reason (CAT-4.2-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.patrol import OutlierKind, OutlierState
from catalog.models import PriceOutlier
from catalog.selectors import channels
from catalog.selectors import patrol as selected
from catalog.services import rivals
from catalog.views import competitors
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")


class OutlierList(ListScreen):
    """`/price-outliers/`: prices outside the limits of their category, to be decided."""

    policy = _VIEW
    title = _("Price outliers")
    nav = "price_outliers"
    columns = (
        Column("sku", _("SKU"), "code", name=True, value=lambda row: row.sku.code,
               sub=lambda row: row.sku.name),
        Column("channel", _("Channel"), value=lambda row: row.channel.name),
        Column("kind", _("Why"), value=lambda row: OutlierKind(row.kind).label),
        Column("price", _("Own price"), "money"),
        Column("compared_with", _("Compared with"), "money"),
        Column("percent", _("Deviation (%)"), "number"),
        Column("limit", _("Limit (%)"), "number"),
        Column("suggested", _("Suggested"), "money"),
        Column("state", _("State"), "badge", value=lambda row: OutlierState(row.state)),
    )  # fmt: skip
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("channel", _("Channel"), choices=channels.choices),
        Filter("state", _("State"), choices=OutlierState.choices),
        Filter("kind", _("Why"), choices=OutlierKind.choices),
    )
    order = "-id"
    export_policy = may("catalog", "E")
    empty = _("No outlier. The weekly check compares own prices with rivals and cost.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of suggestions."""
        rows = selected.outliers(actor=actor)
        if sku := query.get("sku"):
            rows = rows.filter(sku__code=sku)
        if channel := query.get("channel"):
            rows = rows.filter(channel_id=channel)
        for key in ("state", "kind"):
            if value := query.get(key):
                rows = rows.filter(**{key: value})
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the suggestion."""
        return reverse("catalog:price_outlier", args=[row.pk])


class OutlierScreen(RecordScreen):
    """`/price-outliers/<id>/`: draft the suggested price, or say why this one stays."""

    policy = _VIEW
    title = _("Price outlier")
    nav = "price_outliers"
    list_url_name = "catalog:price_outliers"
    list_title = _("Price outliers")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the suggestion with what rivals asked."""
        row = selected.outlier(outlier_id=key["outlier_id"], actor=actor)
        since = business_day(at) - dt.timedelta(days=30)
        seen = selected.competitor_prices().filter(sku_id=row.sku_id, seen_on__gt=since)[:50]
        return Record(
            number=row.sku.code,
            title=OutlierKind(row.kind).label,
            state=OutlierState(row.state),
            actions=_outlier_actions(row),
            facts=(
                FactGroup(
                    title=_("Suggestion"),
                    facts=(
                        Fact(title=_("Channel"), value=row.channel.name),
                        Fact(title=_("Own price"), value=row.price, kind="money"),
                        Fact(title=_("Compared with"), value=row.compared_with, kind="money"),
                        Fact(title=_("Deviation (%)"), value=row.percent, kind="number"),
                        Fact(title=_("Limit (%)"), value=row.limit, kind="number"),
                        Fact(title=_("Suggested"), value=row.suggested, kind="money"),
                        Fact(title=_("Found at"), value=row.found_at, kind="moment"),
                        Fact(title=_("Reason"), value=row.reason),
                    ),
                ),
            ),
            lines=(
                Lines(
                    _("Competitor prices of the last 30 days"),
                    competitors.COLUMNS,
                    list(seen),
                    empty=_("No competitor price was recorded."),
                ),
            ),
            clauses=("CAT-4.2-06",),
            subject=("catalog.priceoutlier", row.pk),
        )  # fmt: skip


def _outlier_actions(row: PriceOutlier) -> tuple[Action, ...]:
    decided = "" if row.state == OutlierState.OPEN else _("This was decided already.")
    actions = [
        Action(
            key="draft",
            label=_("Draft the suggested price"),
            run=lambda values, actor, at: _draft(row.pk, values, actor, at),
            policy=rivals.DECIDE,
            fields=(Field("starts_at", _("From"), "moment", hint=_("Such as 2026-12-01 00:00")),),
            why_not=decided,
            is_primary=not decided,
        ),
        Action(
            key="keep",
            label=_("Keep the price"),
            run=lambda values, actor, at: _keep(row.pk, values, actor, at),
            policy=rivals.DECIDE,
            fields=(Field("reason", _("Reason"), most=200, least=2),),
            why_not=decided,
        ),
    ]
    if row.change_id:
        actions.append(
            Action(
                key="change",
                label=_("The price change"),
                href=reverse("catalog:price_change", args=[row.change_id]),
            )
        )
    return tuple(actions)


def _draft(outlier_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    change = rivals.draft_from_outlier(
        outlier_id=outlier_id, starts_at=values["starts_at"], actor=actor, at=at
    )
    return Done(
        message=gettext("Draft %(number)s is kept.") % {"number": change.number},
        href=reverse("catalog:price_change", args=[change.id]),
    )


def _keep(outlier_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    rivals.keep_price(outlier_id=outlier_id, reason=values["reason"], actor=actor, at=at)
    return Done(message=gettext("The price stays; your reason is kept."))
