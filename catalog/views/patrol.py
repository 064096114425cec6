"""What the price patrol found, what stands out, what rivals ask (CAT-4.2-03, CAT-4.2-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.patrol import (
    CaseState,
    OutlierKind,
    OutlierState,
    Severity,
    ViolationKind,
)
from catalog.models import PriceOutlier, PriceViolation
from catalog.selectors import channels
from catalog.selectors import patrol as selected
from catalog.services import patrol, rivals
from catalog.types.patrol import RivalRow
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
    LineFields,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_EXPORT = may("catalog", "E")


def _channel_choices(actor: Actor) -> list[tuple[str, str]]:
    return [(str(channel.id), channel.name) for channel in channels.visible(actor=actor)]


class ViolationList(ListScreen):
    """`/price-violations/`: offers that are not what was approved, the open ones first."""

    policy = _VIEW
    title = _("Price patrol")
    nav = "price_cases"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("sku", _("SKU"), "code", value=lambda row: row.sku.code, sub=lambda r: r.sku.name),
        Column("channel", _("Channel"), value=lambda row: row.channel.name),
        Column("kind", _("What was found"), value=lambda row: ViolationKind(row.kind).label),
        Column("severity", _("Severity"), "badge", value=lambda row: Severity(row.severity)),
        Column("shown_price", _("Price shown"), "money"),
        Column("right_price", _("Should be"), "money"),
        Column("found_at", _("Found at"), "moment"),
        Column("state", _("State"), "badge", value=lambda row: CaseState(row.state)),
    )
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("channel", _("Channel"), choices=_channel_choices),
        Filter("state", _("State"), choices=CaseState.choices),
        Filter("severity", _("Severity"), choices=Severity.choices),
        Filter("kind", _("What was found"), choices=ViolationKind.choices),
    )
    order = "-id"
    export_policy = _EXPORT
    empty = _("No violation. The patrol compares what channels show every night.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of cases."""
        rows = selected.violations(actor=actor)
        if sku := query.get("sku"):
            rows = rows.filter(sku__code=sku)
        if channel := query.get("channel"):
            rows = rows.filter(channel_id=channel)
        for key in ("state", "severity", "kind"):
            if value := query.get(key):
                rows = rows.filter(**{key: value})
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the case."""
        return reverse("catalog:price_violation", args=[row.pk])


class ViolationScreen(RecordScreen):
    """`/price-violations/<id>/`: one case: what was shown, what is right, what was done."""

    policy = _VIEW
    title = _("Price violation")
    nav = "price_cases"
    list_url_name = "catalog:price_violations"
    list_title = _("Price patrol")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the case with the times its offer was off sale."""
        del at
        case = selected.violation(case_id=key["case_id"], actor=actor)
        off = [row for row in selected.suspensions(sku_id=case.sku_id)
               if row.channel_id == case.channel_id]  # fmt: skip
        is_off = any(row.lifted_at is None for row in off)
        return Record(
            number=case.number,
            title=ViolationKind(case.kind).label,
            state=CaseState(case.state),
            actions=_handle_actions(case, is_off=is_off),
            notices=[("warning", _("The offer is off sale: it has no price now."))]
            if is_off
            else (),
            facts=(_case_facts(case),),
            lines=(
                Lines(
                    _("Off sale"),
                    (
                        Column("since", _("Since"), "moment"),
                        Column("reason", _("Reason")),
                        Column("lifted_at", _("Lifted at"), "moment"),
                        Column("lifted_why", _("Reason of lifting")),
                    ),
                    off,
                    empty=_("This offer was never taken off sale."),
                ),
            ),
            related=(
                Related(
                    title=f"{case.sku.code} {case.sku.name}",
                    href=reverse("catalog:sku", args=[case.sku_id]),
                    note=_("Prices of this SKU"),
                ),
            ),
            clauses=("CAT-4.2-03",),
            subject=(patrol.SUBJECT, case.pk),
        )


def _case_facts(case: PriceViolation) -> FactGroup:
    return FactGroup(
        title=_("Case"),
        facts=(
            Fact(title=_("Channel"), value=case.channel.name),
            Fact(title=_("SKU"), value=case.sku.code, kind="code"),
            Fact(title=_("Severity"), value=Severity(case.severity).label),
            Fact(title=_("Price shown"), value=case.shown_price, kind="money"),
            Fact(title=_("Should be"), value=case.right_price, kind="money"),
            Fact(title=_("Found at"), value=case.found_at, kind="moment"),
            Fact(title=_("Last seen at"), value=case.last_seen_at, kind="moment"),
            Fact(title=_("Times seen"), value=case.times_seen, kind="number"),
            Fact(
                title=_("Who drafted the price"),
                value=people.person_name(case.owner_id) if case.owner_id else "",
            ),
            Fact(title=_("Handling"), value=case.handling),
            Fact(title=_("Handled at"), value=case.handled_at, kind="moment"),
        ),
    )


def _handle_actions(case: PriceViolation, *, is_off: bool) -> tuple[Action, ...]:
    closed = "" if case.state == CaseState.OPEN else _("This case was handled.")
    words = Field("handling", _("What was done"), most=400, least=2)
    return (
        Action(
            key="handle",
            label=_("Close the case"),
            run=lambda values, actor, at: _handle(case.pk, values, actor, at, lift=False),
            policy=patrol.HANDLE,
            fields=(words,),
            why_not=closed,
            is_primary=not closed,
        ),
        Action(
            key="lift",
            label=_("Close, and put back on sale"),
            run=lambda values, actor, at: _handle(case.pk, values, actor, at, lift=True),
            policy=patrol.HANDLE,
            fields=(words,),
            why_not=closed or ("" if is_off else _("The offer is on sale.")),
        ),
    )


def _handle(
    case_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime, *, lift: bool
) -> Done:
    case = patrol.handle(
        case_id=case_id, handling=values["handling"], lift=lift, actor=actor, at=at
    )
    return Done(message=gettext("%(number)s is closed.") % {"number": case.number})


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
        Filter("channel", _("Channel"), choices=_channel_choices),
        Filter("state", _("State"), choices=OutlierState.choices),
        Filter("kind", _("Why"), choices=OutlierKind.choices),
    )
    order = "-id"
    export_policy = _EXPORT
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
            lines=(Lines(_("Competitor prices of the last 30 days"), _RIVAL_COLUMNS, list(seen),
                         empty=_("No competitor price was recorded.")),),
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


_RIVAL_COLUMNS = (
    Column("sku", _("SKU"), "code", name=True, value=lambda row: row.sku.code),
    Column("rival", _("Rival"), sub=lambda row: row.note),
    Column("price", _("Price"), "money"),
    Column("seen_on", _("Seen on"), "day"),
    Column("source", _("Source")),
)


class CompetitorList(ListScreen):
    """`/competitor-prices/`: what rivals asked, when, and where that was seen."""

    policy = _VIEW
    title = _("Competitor prices")
    nav = "rivals"
    columns = _RIVAL_COLUMNS
    filters = (Filter("sku", _("SKU"), "text"), Filter("rival", _("Rival"), "text"))
    order = "-id"
    export_policy = _EXPORT
    empty = _("No competitor price yet. Record one, or import a file.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of competitor prices."""
        del actor
        rows = selected.competitor_prices()
        if sku := query.get("sku"):
            rows = rows.filter(sku__code=sku)
        if rival := query.get("rival"):
            rows = rows.filter(rival__icontains=rival)
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the SKU."""
        return reverse("catalog:sku", args=[row.sku_id])

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer to record one."""
        del actor
        return (
            Action(
                key="record",
                label=_("Record competitor prices"),
                href=reverse("catalog:competitor_price_new"),
                policy=rivals.RECORD,
                is_primary=True,
            ),
        )


class CompetitorForm(FormScreen):
    """`/competitor-prices/new/`: prices of one rival, seen on one day at one place."""

    policy = rivals.RECORD
    title = _("Record competitor prices")
    nav = "rivals"
    groups = (
        Group(
            _("Who and where"),
            (
                Field("rival", _("Rival"), most=80, least=1),
                Field("seen_on", _("Seen on"), "day"),
                Field("source", _("Source"), most=400, least=1,
                      hint=_("The address of the page, or the shop and shelf.")),
            ),
        ),
        Group(
            _("Prices"),
            (
                LineFields(
                    "lines",
                    _("Lines"),
                    (
                        Field("sku", _("SKU"), "code", most=64),
                        Field("price", _("Price"), "money"),
                        Field("note", _("Note"), required=False),
                    ),
                    rows=4,
                ),
            ),
        ),
    )  # fmt: skip

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Suggest today."""
        return {"seen_on": business_day(at)}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep them through the service."""
        lines = values["lines"]
        known = rivals.sku_ids_of([line["sku"] for line in lines])
        rows = [
            RivalRow(
                sku_id=known[line["sku"]],
                rival=values["rival"],
                price=line["price"],
                seen_on=values["seen_on"],
                source=values["source"],
                note=line["note"] or "",
            )
            for line in lines
        ]
        new = rivals.record_prices(rows=rows, actor=actor, at=at)
        return Done(message=gettext("%(count)s competitor prices are kept.") % {"count": new})

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("catalog:competitor_prices")
