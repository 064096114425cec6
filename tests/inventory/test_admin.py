"""Record screens: everything is there for the auditor, nothing beyond one's warehouses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.test import RequestFactory

from inventory import models
from inventory.services import closing, levels
from inventory.types import LevelDraft
from ops.engines.identity.choices import Role
from tests.engines.identity.factories import account
from tests.inventory.factories import AT, SYSTEM, TODAY, Shop

SHOWN = (
    models.Warehouse,
    models.Location,
    models.Lot,
    models.StockLevel,
    models.Move,
    models.Balance,
    models.Stock,
    models.Reservation,
    models.Shipment,
    models.GoodsReturn,
    models.StockAlert,
    models.RefusedIssue,
    models.DayClose,
    models.MonthClose,
)


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """Put one of many things into the warehouse."""
    shop.receive(shop.skus[0], 10)
    shop.ship(1, (shop.skus[0], 2))
    draft = LevelDraft(sku_id=shop.skus[1], warehouse_id=shop.warehouse.id, least=1)
    levels.set_levels(levels=[draft], actor=SYSTEM, at=AT)
    levels.watch(actor=SYSTEM, at=AT)
    closing.close_day(warehouse_id=shop.warehouse.id, day=TODAY, actor=SYSTEM, at=AT)
    closing.close_month(month=TODAY, actor=SYSTEM, at=datetime(2026, 12, 1, 1, tzinfo=UTC))
    return shop


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_screens_show_through_selectors_and_change_nothing(
    busy: Shop, model: type, rf: RequestFactory
) -> None:
    screen = admin.site._registry[model]
    auditor = account("auditor", Role.AUDITOR)
    keeper = account("keeper", Role.WAREHOUSE_KEEPER)
    seen = {}
    for user in (auditor, keeper):
        request = rf.get("/")
        request.user = user
        seen[user.username] = set(screen.get_queryset(request).values_list("pk", flat=True))
        assert screen.has_view_permission(request)
        assert not screen.has_change_permission(request)
        assert not screen.has_delete_permission(request)

    if model not in {models.Lot, models.GoodsReturn, models.RefusedIssue}:
        assert seen["auditor"]
    if model is models.Location:
        assert len(seen["keeper"]) == 4  # the virtual places
    elif model is not models.Lot:
        assert not seen["keeper"]
