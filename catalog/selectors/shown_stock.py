"""What channels show of our stock, what they were told, and the log of differences."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.db.models import F, Q, QuerySet

from catalog.models import ChannelBuffer, ShownStock, StockPush, StockSyncEntry
from catalog.types.shown_stock import Figure
from ops.engines.kernel.actor import Actor

# The channel's own code goes first: it is what the other side knows.
_FIGURES = """
SELECT e.sku_id, coalesce(min(x.code), min(k.code)), min(e.pieces)
FROM catalog_stocksyncentry e
JOIN catalog_stockpush p ON p.id = e.push_id
JOIN catalog_sku k ON k.id = e.sku_id
LEFT JOIN catalog_externalcode x ON x.sku_id = e.sku_id AND x.channel_id = p.channel_id
WHERE e.push_id = %s GROUP BY e.sku_id ORDER BY e.sku_id
"""

DIFFERS = Q(seen_at__gt=F("told_at")) & ~Q(seen=F("pieces"))


def shown(*, actor: Actor) -> QuerySet[ShownStock]:
    """Return the figures of the actor's channels."""
    rows = ShownStock.objects.select_related("channel", "sku")
    mine = actor.scope_ids("channel", "catalog")
    return rows if mine is None else rows.filter(channel_id__in=mine)


def log(*, actor: Actor) -> QuerySet[StockSyncEntry]:
    """Return the log of the actor's channels: every figure that was told anew."""
    rows = StockSyncEntry.objects.select_related("push__channel", "sku")
    mine = actor.scope_ids("channel", "catalog")
    return rows if mine is None else rows.filter(push__channel_id__in=mine)


def buffers(*, actor: Actor) -> QuerySet[ChannelBuffer]:
    """Return every buffer of the actor's channels that was ever set, newest first."""
    rows = ChannelBuffer.objects.select_related("channel", "sku")
    mine = actor.scope_ids("channel", "catalog")
    return rows if mine is None else rows.filter(channel_id__in=mine)


def figures(*, push_id: int) -> list[Figure]:
    """Return what a message tells a channel, under the channel's own codes where it has them."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [push_id])
        return [Figure(*row) for row in cursor.fetchall()]


def newest_push() -> dt.datetime | None:
    """Return when a channel was last told its stock: evidence of CAT-4.3-10."""
    return StockPush.objects.order_by("-pk").values_list("at", flat=True).first()
