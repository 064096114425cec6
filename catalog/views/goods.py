"""Goods: the list of SKUs, and one SKU with what it cost and costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.goods import ProductState, SkuKind
from catalog.choices.prices import PriceKind
from catalog.errors.goods import ThingMissing
from catalog.models import OfferSuspension, Sku
from catalog.selectors import categories, channels, lists, patrol, prices, search
from catalog.services import patrol as service
from catalog.services import searching
from catalog.types.prices import PricePeriod
from catalog.views import recommendations, references
from ops.engines.desk.screens import (
    Action,
    Chart,
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
    Related,
    Series,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day
from ops.engines.kernel.policy import may

MOST_MOMENTS = 60
_VIEW = may("catalog", "V")


class SkuList(ListScreen):
    """`/skus/`: what is sold, by code, name, category."""

    policy = _VIEW
    title = _("Goods")
    nav = "skus"
    columns = (
        Column("code", _("SKU"), "code", name=True, sort=True),
        Column("name", _("Goods name"), sub=lambda sku: sku.product.category.name),
        Column("kind", _("Kind"), value=lambda sku: sku.get_kind_display()),
        Column("unit", _("Unit")),
        Column("tax_rate", _("Tax rate"), "pct"),
        Column("barcode", _("Barcode"), "code", optional=True),
        Column("state", _("State"), "badge", value=lambda sku: ProductState(sku.state)),
    )
    filters = (
        Filter("q", _("Code, name, attribute or synonym"), "text"),
        Filter("kind", _("Kind"), choices=SkuKind.choices),
        Filter("state", _("State"), choices=ProductState.choices),
    )
    order = "code"
    export_policy = may("catalog", "E")
    empty = _("No goods yet. Import a product file to begin.")
    empty_href = "/imports/"

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the goods this actor may see."""
        if text := query.get("q"):
            return _found(text, actor, query)
        found = query.narrow(lists.skus(actor=actor), "kind", "state")
        return query.page(found, orders={"code": "code"})

    def row_href(self, row: Any) -> str:
        """Open the SKU."""
        return reverse("catalog:sku", args=[row.pk])


def _found(text: str, actor: Actor, query: ListQuery) -> ListPage:
    """Return one page of what a text finds, the best first; nothing at all is noted."""
    answers = search.matching(text=text, actor=actor)
    page = query.page(
        query.narrow(answers, kind="sku__kind", state="sku__state"), orders={"code": "place"}
    )
    if not page.rows:
        searching.note_miss(text=text, at=query.at)
    return replace(page, rows=search.goods_of(page.rows, actor=actor))


class SkuScreen(RecordScreen):
    """`/skus/<id>/`: one SKU and its prices at every moment (CAT-4.2-05)."""

    policy = _VIEW
    title = _("SKU")
    nav = "skus"
    list_url_name = "catalog:skus"
    list_title = _("Goods")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the SKU with its price history in the actor's channels."""
        sku = lists.skus(actor=actor).filter(pk=key["sku_id"]).first()
        if sku is None:
            raise ThingMissing("sku", key["sku_id"])
        names = {channel.id: channel.name for channel in channels.visible(actor=actor)}
        history = [p for p in prices.price_history(sku_id=sku.pk) if p.channel_id in names]
        kinds = dict(PriceKind.choices)
        off = [
            row
            for row in patrol.suspensions(sku_id=sku.pk)
            if row.lifted_at is None and row.channel_id in names
        ]
        return Record(
            number=sku.code,
            title=sku.name,
            state=ProductState(sku.state),
            facts=(_facts(sku),),
            lines=(
                _values(sku, at),
                _aliases(sku),
                Lines(
                    _("Prices"),
                    (
                        Column("channel_id", _("Channel"), value=lambda p: names[p.channel_id]),
                        Column("tier", _("Price tier")),
                        Column("price", _("Price"), "money", unit=gettext("yuan")),
                        Column("since", _("From"), "moment"),
                        Column("until", _("Until"), "moment"),
                        Column("kind", _("Why"), value=lambda p: kinds.get(p.kind, p.kind)),
                        Column(
                            "number",
                            _("Request"),
                            "code",
                            href=lambda p: reverse("desk:approval", args=[p.approval_id]),
                        ),
                    ),
                    history,
                    empty=_("No price in any channel of yours."),
                ),
                _charges(names, at),
                references.of_sku(sku_id=sku.pk, actor=actor),
                recommendations.beside(sku_id=sku.pk, names=names, at=at),
            ),
            charts=_charts(history, names),
            actions=_actions(sku.pk, off, actor),
            notices=[
                (
                    "warning",
                    gettext("Off sale in %(channel)s: %(reason)s")
                    % {
                        "channel": row.channel.name,
                        "reason": row.reason,
                    },
                )
                for row in off
            ],
            related=(
                Related(
                    title=_("Product"),
                    note=sku.product.code,
                    href=reverse("catalog:product", args=[sku.product_id]),
                ),
                Related(
                    title=_("Life of the product"),
                    href=reverse("catalog:product_life", args=[sku.product_id]),
                ),
                Related(title=_("Category"), note=sku.product.category.name),
            ),
            clauses=("CAT-4.2-01", "CAT-4.2-02", "CAT-4.2-05", "CAT-4.1-04"),
            subject=("catalog.sku", sku.pk),
        )


def _charts(history: Sequence[PricePeriod], names: Mapping[int, str]) -> tuple[Chart, ...]:
    """Return how everybody's price moved in each channel, over the moments at which any moved."""
    everybody = [period for period in history if not period.tier and period.since]
    moments = sorted({period.since for period in everybody if period.since})[-MOST_MOMENTS:]
    if len(moments) < 2:
        return ()
    return (
        Chart(
            key="history",
            title=_("How the price moved"),
            kind="line",
            categories=[f"{moment.astimezone(BUSINESS_ZONE):%Y-%m-%d}" for moment in moments],
            series=[
                Series(
                    names[channel],
                    [_price_at(everybody, channel, moment) for moment in moments],
                )
                for channel in dict.fromkeys(period.channel_id for period in everybody)
            ],
            value_kind="money",
            unit=gettext("yuan"),
        ),
    )


def _price_at(history: Sequence[PricePeriod], channel: int, at: dt.datetime) -> Decimal | None:
    return next(
        (
            period.price
            for period in history
            if period.channel_id == channel
            and (period.since is None or period.since <= at)
            and (period.until is None or at < period.until)
        ),
        None,
    )


def _actions(sku_id: int, off: Sequence[OfferSuspension], actor: Actor) -> tuple[Action, ...]:
    """Offer to take an offer off sale at once, and to put it back (CAT-4.2-01)."""
    served = [(str(channel.id), channel.name) for channel in channels.visible(actor=actor)]
    closed = {row.channel_id for row in off}
    on_sale = [each for each in served if int(each[0]) not in closed]
    reason = Field("reason", _("Reason"), most=200, least=2)
    return (
        Action(
            key="suspend",
            label=_("Take off sale at once"),
            run=lambda values, who, at: _suspend(sku_id, values, who, at),
            policy=service.HANDLE,
            fields=(Field("channel", _("Channel"), "choice", choices=on_sale), reason),
            why_not="" if on_sale else _("It is off sale in every channel of yours."),
            is_danger=True,
        ),
        Action(
            key="lift",
            label=_("Put back on sale"),
            run=lambda values, who, at: _put_back(sku_id, values, who, at),
            policy=service.HANDLE,
            fields=(
                Field(
                    "channel",
                    _("Channel"),
                    "choice",
                    choices=[each for each in served if int(each[0]) in closed],
                ),
                reason,
            ),
            why_not="" if closed else _("The offer is on sale."),
        ),
        Action(
            key="suggested",
            label=_("Record a suggested price"),
            href=reverse("catalog:suggested_price", args=[sku_id]),
            policy=references.SuggestedPriceForm.policy,
        ),
    )


def _suspend(sku_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    service.suspend_offer(
        sku_id=sku_id,
        channel_id=int(values["channel"]),
        reason=values["reason"],
        actor=actor,
        at=at,
    )
    return Done(message=gettext("The offer is off sale; the right price needs its approval."))


def _put_back(sku_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    service.lift_offer(
        sku_id=sku_id,
        channel_id=int(values["channel"]),
        reason=values["reason"],
        actor=actor,
        at=at,
    )
    return Done(message=gettext("The offer is back on sale at its approved price."))


def _values(sku: Sku, at: dt.datetime) -> Lines:
    """Return the values of the attributes its category asks for, the missing ones too."""
    asked = categories.demands(category_ids=[sku.product.category_id], day=business_day(at))
    given = {**sku.product.attributes, **sku.attributes}
    return Lines(
        _("Attributes"),
        (
            Column("title", _("Title")),
            Column("value", _("Value"), value=lambda one: given.get(one.key, "")),
            Column("unit", _("Unit")),
            Column(
                "is_mandatory",
                _("Mandatory"),
                value=lambda one: _("yes") if one.is_mandatory else "",
            ),
        ),
        asked[sku.product.category_id].attributes,
        empty=_("The category asks for no attributes."),
    )


def _aliases(sku: Sku) -> Lines:
    """Return what others call it."""
    return Lines(
        _("Other names"),
        (
            Column("code", _("Code"), "code"),
            Column("kind", _("Kind"), value=lambda one: one.get_kind_display()),
            Column("source", _("Source")),
        ),
        list(sku.aliases.all()),
        empty=_("Nobody calls it otherwise."),
    )


def _charges(names: Mapping[int, str], at: dt.datetime) -> Lines:
    """Return what is charged besides the price: it is marked beside every offer (CAT-4.2-02)."""
    columns = (
        Column("name", _("Charge"), name=True, sub=lambda row: row.code),
        Column("channel_id", _("Channel"), value=lambda row: names[row.channel_id]),
        Column("price", _("Price"), "money"),
        Column("unit", _("Unit")),
    )
    return Lines(
        _("Charged besides the price"),
        columns,
        prices.charges(channel_ids=list(names), at=at),
        empty=_("Nothing is charged besides the price."),
    )


def _facts(sku: Sku) -> FactGroup:
    return FactGroup(
        title=_("Goods"),
        facts=(
            Fact(title=_("Product"), value=sku.product.name),
            Fact(title=_("Brand"), value=sku.product.brand),
            Fact(title=_("Kind"), value=sku.get_kind_display()),
            Fact(title=_("Unit"), value=sku.unit),
            Fact(title=_("Tax rate"), value=sku.tax_rate, kind="pct"),
            Fact(title=_("Barcode"), value=sku.barcode, kind="code"),
        ),
    )
