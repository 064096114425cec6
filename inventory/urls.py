"""Addresses of the warehouse."""

from django.urls import re_path
from django.urls.resolvers import URLPattern

from inventory.api.documents import DOCUMENTS
from inventory.api.levels import AlertViewSet, LevelViewSet
from inventory.api.places import (
    LocationViewSet,
    LotViewSet,
    ShelfLifeViewSet,
    WarehouseViewSet,
)
from inventory.api.shipments import ShipmentViewSet
from inventory.api.stock import (
    BalanceViewSet,
    MoveViewSet,
    ReservationViewSet,
    StockViewSet,
    TraceView,
)
from inventory.views.addresses import SCREENS
from ops.engines.http.routes import ApiRoute

app_name = "inventory"

urlpatterns: list[URLPattern] = SCREENS
api: list[ApiRoute] = [
    ("warehouses", WarehouseViewSet, "warehouse"),
    ("locations", LocationViewSet, "location"),
    ("lots", LotViewSet, "lot"),
    ("shelf-lives", ShelfLifeViewSet, "shelf-life"),
    ("stock", StockViewSet, "stock"),
    ("stock/balances", BalanceViewSet, "stock-balance"),
    ("stock/moves", MoveViewSet, "stock-move"),
    ("stock/reservations", ReservationViewSet, "stock-reservation"),
    ("stock/alerts", AlertViewSet, "stock-alert"),
    ("stock/levels", LevelViewSet, "stock-level"),
    ("shipments", ShipmentViewSet, "shipment"),
    *DOCUMENTS,
]
api_urlpatterns: list[URLPattern] = [
    re_path(r"^stock/trace/?$", TraceView.as_view(), name="stock-trace"),
]
