"""Holding goods for orders: each whole or not at all, told in words what lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from customers.services.steps import SOURCE
from customers.types import Complaint
from inventory.errors import StockShort
from inventory.services import reservations
from inventory.types import BulkWant, Source, Want
from ops.engines.kernel.actor import Actor


def reserved(
    wants: Sequence[BulkWant], *, actor: Actor, at: dt.datetime
) -> Mapping[int, tuple[Complaint, ...]]:
    """Hold goods for orders, each whole or not at all; return what is short by order."""
    orders = {want.source_id for want in wants}
    if not wants:
        return {}
    if len(orders) == 1:
        return _reserved_alone(wants, actor=actor, at=at)
    held = reservations.reserve_bulk(source_type=SOURCE, wants=wants, actor=actor, at=at)
    return {
        order_id: tuple(_short(one.sku_code, one.available, one.needed) for one in short)
        for order_id, short in held.short.items()
    }


def _reserved_alone(
    wants: Sequence[BulkWant], *, actor: Actor, at: dt.datetime
) -> Mapping[int, tuple[Complaint, ...]]:
    order_id = wants[0].source_id
    lines = [
        Want(
            line=want.line,
            sku_id=want.sku_id,
            warehouse_id=want.warehouse_id,
            quantity=want.quantity,
        )
        for want in wants
    ]
    try:
        reservations.reserve(
            source=Source(type=SOURCE, id=order_id), wants=lines, actor=actor, at=at
        )
    except StockShort as refusal:
        short: Sequence[Mapping[str, Any]] = refusal.context["short"]
        return {order_id: tuple(_short(s["sku"], s["available"], s["needed"]) for s in short)}
    return {}


def _short(sku_code: str, available: int, needed: int) -> Complaint:
    return Complaint(
        "/lines",
        "inventory.short",
        _("%(available)s of %(sku)s available, %(needed)s needed.")
        % {"available": available, "sku": sku_code, "needed": needed},
    )
