"""Which warehouse serves which channel."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from customers.models import ChannelRoute
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor


def set_route(
    *,
    channel_id: int,
    warehouse_id: int,
    actor: Actor,
    at: dt.datetime,
    ship_within_hours: int = 48,
) -> None:
    """Name the warehouse that serves a channel and how fast it must ship (SCM-2.4-11)."""
    wanted = {"warehouse_id": warehouse_id, "ship_within_hours": ship_within_hours}
    with transaction.atomic():
        former = ChannelRoute.objects.filter(channel_id=channel_id).values(*wanted).first()
        if former == wanted:
            return
        ChannelRoute.objects.update_or_create(channel_id=channel_id, defaults=wanted)
        audit.record(
            actor=actor,
            at=at,
            action="customers.route_set",
            obj=("catalog.channel", channel_id),
            body={"before": former, "after": wanted},
        )


def warehouse_of(channel_id: int) -> int | None:
    """Return the warehouse that serves a channel; None while none does."""
    routes = ChannelRoute.objects.filter(channel_id=channel_id)
    return routes.values_list("warehouse_id", flat=True).first()


def ship_within_hours(channel_id: int) -> int:
    """Return how many hours after payment a channel's orders must ship; 48 unless told."""
    routes = ChannelRoute.objects.filter(channel_id=channel_id)
    return routes.values_list("ship_within_hours", flat=True).first() or 48
