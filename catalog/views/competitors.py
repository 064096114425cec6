"""What rivals ask, when, and where that was seen (CAT-4.2-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import patrol as selected
from catalog.services import rivals
from catalog.types.patrol import RivalRow
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Field,
    Filter,
    FormScreen,
    Group,
    LineFields,
    ListPage,
    ListQuery,
    ListScreen,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

COLUMNS = (
    Column("sku", _("SKU"), "code", name=True, value=lambda row: row.sku.code),
    Column("rival", _("Rival"), sub=lambda row: row.note),
    Column("price", _("Price"), "money"),
    Column("seen_on", _("Seen on"), "day"),
    Column("source", _("Source")),
)


class CompetitorList(ListScreen):
    """`/competitor-prices/`: what rivals asked, when, and where that was seen."""

    policy = may("catalog", "V")
    title = _("Competitor prices")
    nav = "rivals"
    columns = COLUMNS
    filters = (Filter("sku", _("SKU"), "text"), Filter("rival", _("Rival"), "text"))
    order = "-id"
    export_policy = may("catalog", "E")
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
