"""Goods: the list of SKUs, and one SKU with what it cost and costs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.goods import ProductState, SkuKind
from catalog.choices.prices import PriceKind
from catalog.errors.goods import ThingMissing
from catalog.models import Sku
from catalog.selectors import channels, lists, prices
from catalog.views import recommendations
from ops.engines.desk.screens import (
    Column,
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
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

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
        Filter("q", _("Code or name"), "text"),
        Filter("kind", _("Kind"), choices=SkuKind.choices),
        Filter("state", _("State"), choices=ProductState.choices),
    )
    order = "code"
    export_policy = may("catalog", "E")
    empty = _("No goods yet. Import a product file to begin.")
    empty_href = "/imports/"

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the goods this actor may see."""
        found = lists.skus(actor=actor)
        if text := query.get("q"):
            found = found.filter(Q(code__istartswith=text) | Q(name__icontains=text))
        for key in ("kind", "state"):
            if value := query.get(key):
                found = found.filter(**{key: value})
        return query.page(found, orders={"code": "code"})

    def row_href(self, row: Any) -> str:
        """Open the SKU."""
        return reverse("catalog:sku", args=[row.pk])


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
        return Record(
            number=sku.code,
            title=sku.name,
            state=ProductState(sku.state),
            facts=(_facts(sku),),
            lines=(
                Lines(
                    _("Prices"),
                    (
                        Column("channel_id", _("Channel"), value=lambda p: names[p.channel_id]),
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
                recommendations.beside(sku_id=sku.pk, names=names, at=at),
            ),
            related=(Related(title=_("Category"), note=sku.product.category.name),),
            clauses=("CAT-4.2-01", "CAT-4.2-05", "CAT-4.1-04"),
            subject=("catalog.sku", sku.pk),
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
