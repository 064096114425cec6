"""Alerts and levels as they are read."""

from __future__ import annotations

from django.db.models import QuerySet

from inventory.models import RefusedIssue, StockAlert, StockLevel
from inventory.selectors.stock import scopes_of
from ops.engines.kernel.actor import Actor


def alerts(*, actor: Actor) -> QuerySet[StockAlert]:
    """Return the alerts of the actor's warehouses (SCM-2.3-01)."""
    every = StockAlert.objects.select_related("sku", "warehouse")
    ids = scopes_of(actor)
    return every if ids is None else every.filter(warehouse_id__in=ids)


def levels(*, actor: Actor) -> QuerySet[StockLevel]:
    """Return the levels set in the actor's warehouses."""
    every = StockLevel.objects.select_related("sku", "warehouse")
    ids = scopes_of(actor)
    return every if ids is None else every.filter(warehouse_id__in=ids)


def refused_issues(*, actor: Actor) -> QuerySet[RefusedIssue]:
    """Return the refused issues of the actor's warehouses (SCM-2.2-04)."""
    every = RefusedIssue.objects.select_related("shipment", "shipment__warehouse")
    ids = scopes_of(actor)
    return every if ids is None else every.filter(shipment__warehouse_id__in=ids)
