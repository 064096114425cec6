"""Addresses of the documents' API."""

from inventory.api.counts import CountViewSet
from inventory.api.purchases import PurchaseViewSet, SupplierViewSet
from inventory.api.receipts import DiscrepancyViewSet, ReceiptViewSet
from ops.engines.http.routes import ApiRoute

DOCUMENTS: list[ApiRoute] = [
    ("suppliers", SupplierViewSet, "supplier"),
    ("purchase-orders", PurchaseViewSet, "purchase-order"),
    ("receipts", ReceiptViewSet, "receipt"),
    ("receipt-discrepancies", DiscrepancyViewSet, "receipt-discrepancy"),
    ("stock-counts", CountViewSet, "stock-count"),
]
