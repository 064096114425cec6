"""Suppliers, orders, receipts and counts as this actor may see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Count, Model, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.selectors import codes
from inventory.choices import ReceiptState
from inventory.errors import UnknownDocument
from inventory.models import (
    CountLine,
    CountSheet,
    Location,
    Lot,
    PurchaseOrder,
    Receipt,
    ReceiptDiscrepancy,
    StockCount,
    Supplier,
    Warehouse,
)
from inventory.selectors.stock import scopes_of
from ops.engines.kernel.actor import Actor

T = TypeVar("T", bound=Model)


def suppliers(*, actor: Actor) -> QuerySet[Supplier]:
    """Return the suppliers; they belong to the house, not to a warehouse."""
    del actor
    return Supplier.objects.order_by("-id")


def purchases(*, actor: Actor) -> QuerySet[PurchaseOrder]:
    """Return purchase orders for the actor's warehouses."""
    rows = PurchaseOrder.objects.select_related("supplier", "warehouse").order_by("-id")
    return _mine(rows, actor)


def receipts(*, actor: Actor) -> QuerySet[Receipt]:
    """Return receipts of the actor's warehouses."""
    rows = Receipt.objects.select_related("purchase", "purchase__supplier", "warehouse")
    return _mine(rows.order_by("-id"), actor)


def is_receipt_of(actor: Actor, receipt_id: str) -> bool:
    """Say whether a receipt lies in the actor's warehouses; who may see it sees its files."""
    return receipt_id.isdigit() and receipts(actor=actor).filter(pk=int(receipt_id)).exists()


def receipt_of_discrepancy(discrepancy_id: int) -> int:
    """Return the receipt a discrepancy report is on; it must exist."""
    rows = ReceiptDiscrepancy.objects.filter(pk=discrepancy_id)
    return int(rows.values_list("receipt_id", flat=True).get())


def discrepancies(*, actor: Actor) -> QuerySet[ReceiptDiscrepancy]:
    """Return discrepancy reports of the actor's warehouses."""
    rows = ReceiptDiscrepancy.objects.select_related("receipt").order_by("-id")
    return _mine(rows, actor, "receipt__warehouse_id__in")


def stock_counts(*, actor: Actor) -> QuerySet[StockCount]:
    """Return stock counts of the actor's warehouses."""
    return _mine(StockCount.objects.select_related("warehouse").order_by("-id"), actor)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One sheet: its place, how far it is, who signed."""

    sheet_no: int
    location: str
    lines_total: int
    lines_done: int
    keeper_id: int | None
    keeper_at: datetime | None
    finance_id: int | None
    finance_at: datetime | None


def sheets(*, count: StockCount) -> list[SheetRow]:
    """Return the sheets of a count with how much of each is counted."""
    rows = (
        CountSheet.objects.filter(count=count)
        .annotate(total=Count("lines"), done=Count("lines", filter=Q(lines__counted__gte=0)))
        .order_by("sheet_no")
        .values_list(
            "sheet_no",
            "location__code",
            "total",
            "done",
            "keeper_id",
            "keeper_at",
            "finance_id",
            "finance_at",
        )
    )
    return [SheetRow(*row) for row in rows]


def is_blind(receipt: Receipt) -> bool:
    """Say whether ordered and noted quantities are still kept from everybody who counts."""
    return receipt.state == ReceiptState.COUNTING


BLIND_FIELDS = (
    "id",
    "sku_id",
    "sku__code",
    "sku__name",
    "sku__barcode",
    "lot_id",
    "lot__code",
    "counted",
    "counted_by",
)


def blind_lines(
    *, count_id: int, sheet_no: int, after: int = 0, limit: int = 500
) -> list[dict[str, Any]]:
    """Return a keyset page of a sheet without book and variance: they never leave the server.

    The columns are chosen in the query, so that no answer can hold what must not be known.
    """
    rows = (
        CountLine.objects.filter(count_id=count_id, sheet__sheet_no=sheet_no, pk__gt=after)
        .order_by("pk")
        .values(*BLIND_FIELDS)[:limit]
    )
    return [dict(row) for row in rows]


def variances(*, count: StockCount) -> QuerySet[CountLine]:
    """Return the lines that differ or wait for a recount, the dearest first."""
    return (
        CountLine.objects.filter(count=count)
        .filter(~Q(variance=0) | Q(needs_recount=True))
        .select_related("sku", "lot", "location")
        .order_by("value", "id")
    )


def sku_ids(*, wanted: Collection[str]) -> dict[str, int]:
    """Return SKU ids by code. Raises UnknownDocument naming codes that are not there."""
    found = codes.skus_by_code(codes=wanted)
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise UnknownDocument(
            "inventory.sku_unknown", _("There is no such SKU."), skus=missing[:50]
        )
    return found


def warehouse_id(*, code: str) -> int:
    """Return the id of a warehouse. Raises UnknownDocument."""
    return _id(Warehouse.objects.filter(code=code))


def supplier_id(*, code: str) -> int:
    """Return the id of a supplier. Raises UnknownDocument."""
    return _id(Supplier.objects.filter(code=code))


def location_id(*, warehouse: int, code: str) -> int:
    """Return the id of a place of a warehouse. Raises UnknownDocument."""
    return _id(Location.objects.filter(warehouse_id=warehouse, code=code))


def lot_id(*, sku: int, code: str) -> int:
    """Return the id of a lot of a SKU. Raises UnknownDocument."""
    return _id(Lot.objects.filter(sku_id=sku, code=code))


def _id(rows: QuerySet[Any]) -> int:
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise UnknownDocument("inventory.code_unknown", _("There is nothing of this code."))
    return int(found)


def _mine(rows: QuerySet[T], actor: Actor, lookup: str = "warehouse_id__in") -> QuerySet[T]:
    ids = scopes_of(actor)
    return rows if ids is None else rows.filter(**{lookup: ids})
