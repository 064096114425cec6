"""Stock, places and moves as lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory.choices import LocationKind, MoveReason
from inventory.models import Balance, Move, Stock, Warehouse
from inventory.selectors.stock import scopes_of
from ops.engines.desk.screens import Column, Filter, Kept, ListPage, ListQuery, ListScreen
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.policy import may

VIEW = may("inventory", "V")
EXPORT = may("inventory", "E")


def warehouse_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the warehouses this actor may see."""
    ids = scopes_of(actor)
    rows = Warehouse.objects.order_by("code")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


class StockList(ListScreen):
    """`/inventory/stock/`: one line per SKU and warehouse."""

    policy = VIEW
    title = _("Stock")
    nav = "stock"
    columns = (
        Column("sku", _("SKU"), "code", name=True, value=lambda row: row.sku.code),
        Column("name", _("Name"), value=lambda row: row.sku.name),
        Column("warehouse", _("Warehouse"), value=lambda row: row.warehouse.name),
        Column("on_hand", _("On hand"), "number", sort=True),
        Column("reserved", _("Reserved"), "number"),
        Column("free", _("Free"), "number", value=lambda row: row.on_hand - row.reserved),
        Column("avg_cost", _("Average cost"), "money", unit=_("CNY"), optional=True),
        Column("value", _("Value"), "money", unit=_("CNY"), sort=True, data=DataClass.COST),
    )
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter(
            "warehouse", _("Warehouse"), choices=Kept("inventory.warehouses", warehouse_choices)
        ),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("Nothing has been stocked yet. Receive a purchase order or import opening stock.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of counters."""
        rows = _mine(Stock.objects.select_related("sku", "warehouse"), actor, "warehouse_id__in")
        if text := query.get("sku"):
            rows = rows.filter(sku__code__istartswith=text)
        if warehouse := query.get("warehouse"):
            rows = rows.filter(warehouse_id=warehouse)
        return query.page(rows, orders={"id": "id", "on_hand": "on_hand", "value": "value"})


class BalanceList(ListScreen):
    """`/inventory/balances/`: what lies where."""

    policy = VIEW
    title = _("Places and lots")
    nav = "stock"
    columns = (
        Column("sku", _("SKU"), "code", name=True, value=lambda row: row.sku.code),
        Column("name", _("Name"), value=lambda row: row.sku.name),
        Column("warehouse", _("Warehouse"), value=lambda row: row.location.warehouse.name),
        Column("location", _("Place"), "code", value=lambda row: row.location.code),
        Column("kind", _("Kind"), value=lambda row: LocationKind(row.location.kind).label),
        Column("lot", _("Lot"), "code", value=lambda row: row.lot.code if row.lot else ""),
        Column(
            "expires_on",
            _("Expires on"),
            "day",
            value=lambda row: row.lot.expires_on if row.lot else None,
        ),
        Column("on_hand", _("On hand"), "number", sort=True),
    )
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("location", _("Place"), "text"),
        Filter(
            "warehouse", _("Warehouse"), choices=Kept("inventory.warehouses", warehouse_choices)
        ),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("Nothing lies anywhere yet.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of balances."""
        rows = _mine(
            Balance.objects.filter(is_internal=True)
            .exclude(on_hand=0)
            .select_related("sku", "lot", "location", "location__warehouse"),
            actor,
            "location__warehouse_id__in",
        )
        if text := query.get("sku"):
            rows = rows.filter(sku__code__istartswith=text)
        if place := query.get("location"):
            rows = rows.filter(location__code=place)
        if warehouse := query.get("warehouse"):
            rows = rows.filter(location__warehouse_id=warehouse)
        return query.page(rows, orders={"id": "id", "on_hand": "on_hand"})


class MoveList(ListScreen):
    """`/inventory/moves/`: the ledger, newest first."""

    policy = VIEW
    title = _("Stock moves")
    nav = "stock"
    columns = (
        Column("id", _("Move"), "code", name=True, sort=True),
        Column("business_day", _("Day"), "day"),
        Column("at", _("Moment"), "moment"),
        Column("reason", _("Reason"), value=lambda row: MoveReason(row.reason).label),
        Column("sku", _("SKU"), "code", value=lambda row: row.sku.code),
        Column("from", _("From"), "code", value=lambda row: row.from_location.code),
        Column("to", _("To"), "code", value=lambda row: row.to_location.code),
        Column("quantity", _("Quantity"), "number"),
        Column("value", _("Value"), "money", unit=_("CNY"), data=DataClass.COST),
        Column(
            "source",
            _("Document"),
            "code",
            value=lambda row: f"{row.source_type}:{row.source_id}",
            optional=True,
        ),
    )
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("reason", _("Reason"), choices=MoveReason.choices),
        Filter("day", _("Day"), "span"),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("Nothing has moved yet.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of moves that touch the actor's warehouses."""
        rows = Move.objects.select_related("sku", "from_location", "to_location")
        ids = scopes_of(actor)
        if ids is not None:
            rows = rows.filter(from_location__warehouse_id__in=ids) | rows.filter(
                to_location__warehouse_id__in=ids
            )
        if text := query.get("sku"):
            rows = rows.filter(sku__code=text)
        if reason := query.get("reason"):
            rows = rows.filter(reason=reason)
        if span := query.get("day"):
            rows = rows.filter(business_day__range=(span.first, span.last))
        return query.page(rows, orders={"id": "id"})


def _mine(rows: Any, actor: Actor, lookup: str) -> Any:
    ids = scopes_of(actor)
    return rows if ids is None else rows.filter(**{lookup: ids})
