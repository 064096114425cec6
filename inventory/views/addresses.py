"""Addresses of the warehouse's screens."""

from django.urls import path
from django.urls.resolvers import URLPattern

from inventory.views import (
    counts,
    disposals,
    equipment,
    purchases,
    receipts,
    receiptsheets,
    shelflives,
    shipments,
    stock,
    variances,
)

SCREENS: list[URLPattern] = [
    path("inventory/stock/", stock.StockList.as_view(), name="stock"),
    path("inventory/balances/", stock.BalanceList.as_view(), name="balances"),
    path("inventory/moves/", stock.MoveList.as_view(), name="moves"),
    path("inventory/shipments/", shipments.ShipmentList.as_view(), name="shipments"),
    path("inventory/shipments/<int:pk>/", shipments.ShipmentScreen.as_view(), name="shipment"),
    path("inventory/suppliers/", purchases.SupplierList.as_view(), name="suppliers"),
    path("inventory/suppliers/new/", purchases.SupplierForm.as_view(), name="supplier-new"),
    path("inventory/suppliers/<int:pk>/", purchases.SupplierScreen.as_view(), name="supplier"),
    path("inventory/purchases/", purchases.PurchaseList.as_view(), name="purchases"),
    path("inventory/purchases/new/", purchases.PurchaseForm.as_view(), name="purchase-new"),
    path("inventory/purchases/<int:pk>/", purchases.PurchaseScreen.as_view(), name="purchase"),
    path("inventory/receipts/", receipts.ReceiptList.as_view(), name="receipts"),
    path("inventory/receipts/<int:pk>/", receipts.ReceiptScreen.as_view(), name="receipt"),
    path(
        "inventory/receipts/<int:pk>/count/",
        receiptsheets.ReceiptSheet.as_view(),
        name="receipt-count",
    ),
    path(
        "inventory/receipts/<int:pk>/count/found/",
        receiptsheets.ReceiptFoundForm.as_view(),
        name="receipt-found",
    ),
    path("inventory/shelf-lives/", shelflives.ShelfLifeList.as_view(), name="shelf-lives"),
    path("inventory/shelf-lives/new/", shelflives.ShelfLifeForm.as_view(), name="shelf-life-new"),
    path("inventory/variances/", variances.VarianceList.as_view(), name="variances"),
    path("inventory/counts/", counts.CountList.as_view(), name="counts"),
    path("inventory/counts/new/", counts.CountForm.as_view(), name="count-new"),
    path("inventory/counts/<int:pk>/", counts.CountScreen.as_view(), name="count"),
    path(
        "inventory/counts/<int:pk>/variance/",
        variances.VarianceScreen.as_view(),
        name="count-variance",
    ),
    path(
        "inventory/counts/<int:pk>/sheets/<int:sheet_no>/",
        counts.CountSheetScreen.as_view(),
        name="count-sheet",
    ),
    path(
        "inventory/counts/<int:pk>/sheets/<int:sheet_no>/found/",
        counts.FoundForm.as_view(),
        name="count-found",
    ),
    path("inventory/disposals/", disposals.DisposalList.as_view(), name="disposals"),
    path("inventory/disposals/<int:pk>/", disposals.DisposalScreen.as_view(), name="disposal"),
    path("inventory/equipment/", equipment.EquipmentList.as_view(), name="equipment"),
    path("inventory/equipment/new/", equipment.EquipmentForm.as_view(), name="equipment-new"),
    path(
        "inventory/equipment/<int:pk>/", equipment.EquipmentScreen.as_view(), name="equipment-piece"
    ),
    path("inventory/opening-rule/", equipment.OpeningRule.as_view(), name="opening-rule"),
]
