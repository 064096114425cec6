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
        short = reserved_alone(wants, actor=actor, at=at)
        return {wants[0].source_id: short} if short else {}
    held = reservations.reserve_bulk(source_type=SOURCE, wants=wants, actor=actor, at=at)
    found = {
        order_id: tuple(_short(one.sku_code, one.available, one.needed) for one in short)
        for order_id, short in held.short.items()
    }
    # The wave leaves out orders that hold some goods already: their rest is held line by line.
    for order_id in sorted(held.already_source_ids):
        mine = [want for want in wants if want.source_id == order_id]
        if short := reserved_alone(mine, actor=actor, at=at):
            found[order_id] = short
    return found


def reserved_alone(
    wants: Sequence[BulkWant], *, actor: Actor, at: dt.datetime
) -> tuple[Complaint, ...]:
    """Hold goods for lines of one order, all or none; return what is short."""
    if not wants:
        return ()
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
        return tuple(_short(one["sku"], one["available"], one["needed"]) for one in short)
    return ()


def short_words(sku_code: str, available: int, needed: int) -> str:
    """Return in words what lacks of a SKU."""
    return _("%(available)s of %(sku)s available, %(needed)s needed.") % {
        "available": available,
        "sku": sku_code,
        "needed": needed,
    }


def _short(sku_code: str, available: int, needed: int) -> Complaint:
    return Complaint("/lines", "inventory.short", short_words(sku_code, available, needed))
