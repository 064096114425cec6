"""Channels show what may be sold: free stock less the channel's buffer (CAT-4.3-10).

Every figure is told once, by one statement a channel, whatever the number of SKUs. A message is a
fact in the outbox; whoever is connected to a channel reads its figures by it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog import ports
from catalog.choices.shown_stock import SyncWhy
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.events import StockToShow
from catalog.models import Channel, ChannelBuffer, Sku, StockPush
from catalog.types.shown_stock import SeenStock, SyncReport
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

SET: Final = may("catalog", "C", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
SEE: Final = may("catalog", "C")
_NEXT: Final = "SELECT nextval(pg_get_serial_sequence('catalog_stockpush', 'id'))"
# What goods on the shelf may show, and none of those that left it; told anew is what changed, and
# what the channel was seen showing otherwise after it was told.
_TELL: Final = """
WITH free AS MATERIALIZED (
    SELECT * FROM ({free}) AS f(sku_id, pieces)
    WHERE %(skus)s::bigint[] IS NULL OR sku_id = ANY(%(skus)s::bigint[])
), buffers AS MATERIALIZED (
    SELECT DISTINCT ON (sku_id) sku_id, pieces FROM catalog_channelbuffer
    WHERE channel_id = %(channel)s ORDER BY sku_id, id DESC
), shelf AS MATERIALIZED (
    SELECT k.id AS sku_id
    FROM catalog_listingshelf s
    JOIN catalog_sku k ON k.product_id = s.product_id AND k.kind = 'goods' AND k.state = 'active'
    WHERE s.channel_id = %(channel)s AND s.during @> %(at)s::timestamptz
      AND (%(skus)s::bigint[] IS NULL OR k.id = ANY(%(skus)s::bigint[]))
), told AS MATERIALIZED (
    SELECT * FROM catalog_shownstock
    WHERE channel_id = %(channel)s
      AND (%(skus)s::bigint[] IS NULL OR sku_id = ANY(%(skus)s::bigint[]))
), due AS MATERIALIZED (
    SELECT coalesce(h.sku_id, w.sku_id) AS sku_id, w.sku_id IS NULL AS is_new,
           coalesce(f.pieces, 0) AS available,
           coalesce(own.pieces, every.pieces, 0) AS buffer,
           CASE WHEN h.sku_id IS NULL THEN 0
                ELSE greatest(coalesce(f.pieces, 0) - coalesce(own.pieces, every.pieces, 0), 0)
           END AS pieces,
           w.pieces AS told, w.seen, w.seen_at, coalesce(w.seen_at > w.told_at, false) AS is_seen
    FROM shelf h
    FULL JOIN told w ON w.sku_id = h.sku_id
    LEFT JOIN free f ON f.sku_id = coalesce(h.sku_id, w.sku_id)
    LEFT JOIN buffers own ON own.sku_id = coalesce(h.sku_id, w.sku_id)
    LEFT JOIN buffers every ON every.sku_id IS NULL
), found AS MATERIALIZED (
    SELECT d.*, CASE WHEN is_seen AND seen <> told AND seen <> pieces THEN 'differed'
                     WHEN is_new OR told <> pieces THEN 'changed' END AS kind
    FROM due d
), fresh AS MATERIALIZED (
    SELECT * FROM found WHERE kind IS NOT NULL
), kept AS (
    INSERT INTO catalog_shownstock AS w (channel_id, sku_id, pieces, told_at, source)
    SELECT %(channel)s, sku_id, pieces, %(at)s, '' FROM fresh ORDER BY sku_id
    ON CONFLICT (channel_id, sku_id) DO UPDATE
       SET pieces = excluded.pieces, told_at = excluded.told_at
), logged AS (
    INSERT INTO catalog_stocksyncentry
        (push_id, sku_id, kind, stood, seen_at, available, buffer, pieces)
    SELECT %(push)s, sku_id, kind, CASE kind WHEN 'differed' THEN seen ELSE told END,
           CASE kind WHEN 'differed' THEN seen_at END, available, buffer, pieces
    FROM fresh ORDER BY sku_id
)
SELECT count(*), count(*) FILTER (WHERE kind = 'differed') FROM fresh
"""
_SEEN: Final = """
INSERT INTO catalog_shownstock AS w (channel_id, sku_id, pieces, told_at, seen, seen_at, source)
SELECT %(channel)s, g.sku_id, 0, g.seen_at - interval '1 second', g.pieces, g.seen_at, %(source)s
FROM unnest(%(skus)s::bigint[], %(pieces)s::bigint[], %(seen)s::timestamptz[])
    AS g(sku_id, pieces, seen_at)
ORDER BY g.sku_id
ON CONFLICT (channel_id, sku_id) DO UPDATE
   SET seen = excluded.seen, seen_at = excluded.seen_at, source = excluded.source
 WHERE w.seen_at IS NULL OR w.seen_at < excluded.seen_at
"""


def push_changed(*, sku_ids: Collection[int], actor: Actor, at: datetime) -> SyncReport:
    """Tell every channel that shows some SKUs their figures, where these are others now."""
    if not sku_ids:
        return SyncReport()
    chosen = sorted(set(sku_ids))
    channels = _channels_showing(chosen, at)
    return _summed(
        [
            _tell(channel, why=SyncWhy.CHANGE, actor=actor, at=at, sku_ids=chosen)
            for channel in channels
        ]
    )


def sync(*, actor: Actor, at: datetime) -> SyncReport:
    """Compare what every channel shows with what it may show; correct and log what differs.

    Each channel commits for itself. Where a connection answers `catalog.channel_figures`, the
    channel is read first; otherwise what was last imported counts.
    """
    done = []
    for channel in Channel.objects.order_by("pk").values_list("pk", flat=True):
        seen = ports.channel_figures(channel_id=channel, at=at)
        if seen:
            take_seen(channel_id=channel, rows=seen, source="connection", actor=actor, at=at)
        done.append(_tell(channel, why=SyncWhy.SCAN, actor=actor, at=at))
    return _summed(done)


def take_seen(
    *, channel_id: int, rows: Sequence[SeenStock], source: str, actor: Actor, at: datetime
) -> int:
    """Take over how many pieces a channel shows; an older look never replaces a newer one.

    Returns how many figures are newer than what was known. Raises BadInput for a look into the
    future or a figure that is no number of pieces.
    """
    SEE.require(actor)
    if any(row.seen_at > at for row in rows):
        raise BadInput(
            "catalog.seen_in_future", _("This moment has not come yet."), field="seen_at"
        )
    if any(not 0 <= row.pieces <= parse.MAX_QUANTITY for row in rows):
        raise BadInput("input.integer", _("Not a whole number."), field="pieces")
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(channel_id)
        cursor.execute(
            _SEEN,
            {
                "channel": channel_id,
                "source": source[:200],
                "skus": array(row.sku_id for row in rows),
                "pieces": array(row.pieces for row in rows),
                "seen": array(row.seen_at for row in rows),
            },
        )
        changed = int(cursor.rowcount)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.channel_stock_seen",
            obj=("catalog.channel", channel_id),
            body={"source": source, "rows": len(rows), "changed": changed},
        )
        return changed


def set_buffer(
    *,
    channel_id: int,
    pieces: int,
    reason: str,
    actor: Actor,
    at: datetime,
    sku_id: int | None = None,
) -> SyncReport:
    """Hold pieces back from what a channel shows, of one SKU or of all; told at once.

    Raises Forbidden, ThingMissing (also out of scope), ReasonNeeded, BadInput.
    """
    SET.require(actor)
    words = parse.text(reason, most=200).strip()
    if not words:
        raise ReasonNeeded
    if not 0 <= pieces <= parse.MAX_QUANTITY:
        raise BadInput("input.integer", _("Not a whole number."), field="pieces")
    allowed = actor.scope_ids("channel", "catalog", "C")
    if allowed is not None and channel_id not in allowed:
        raise ThingMissing("channel", channel_id)
    if sku_id is not None and not Sku.objects.filter(pk=sku_id).exists():
        raise ThingMissing("sku", sku_id)
    with transaction.atomic():
        _lock(channel_id)
        made = ChannelBuffer.objects.create(
            channel_id=channel_id,
            sku_id=sku_id,
            pieces=pieces,
            reason=words,
            set_by=actor.person_id,
            set_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.buffer_set",
            obj=("catalog.channelbuffer", made.pk),
            body={"channel": channel_id, "sku": sku_id, "pieces": pieces, "reason": words},
        )
        return _tell(
            channel_id,
            why=SyncWhy.BUFFER,
            actor=actor,
            at=at,
            sku_ids=None if sku_id is None else [sku_id],
        )


def _tell(
    channel_id: int,
    *,
    why: SyncWhy,
    actor: Actor,
    at: datetime,
    sku_ids: Collection[int] | None = None,
) -> SyncReport:
    """Write what is new, and announce it in the same transaction; nothing is written without."""
    free = ports.channel_free(channel_id=channel_id)
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(channel_id)
        cursor.execute(_NEXT)
        push_id = int(cursor.fetchone()[0])
        values: dict[str, Any] = {
            **free.values,
            "channel": channel_id,
            "at": at,
            "skus": None if sku_ids is None else array(sku_ids),
            "push": push_id,
        }
        cursor.execute(_TELL.format(free=free.sql), values)
        told, differed = cursor.fetchone()
        if not told:
            return SyncReport()
        StockPush.objects.create(
            pk=push_id, channel_id=channel_id, why=why, at=at, told=told, differed=differed
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.stock_told",
            obj=("catalog.channel", channel_id),
            body={"push": push_id, "why": str(why), "told": told, "differed": differed},
        )
        publish(StockToShow(push_id=push_id, channel_id=channel_id))
    return SyncReport(told=told, differed=differed)


def _lock(channel_id: int) -> None:
    """Let two looks at one channel follow each other; raises ThingMissing."""
    rows = Channel.objects.select_for_update(of=("self",), no_key=True)
    if rows.filter(pk=channel_id).first() is None:
        raise ThingMissing("channel", channel_id)


def _channels_showing(sku_ids: Sequence[int], at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT s.channel_id FROM catalog_sku k"
            " JOIN catalog_listingshelf s ON s.product_id = k.product_id"
            "  AND s.during @> %s::timestamptz"
            " WHERE k.id = ANY(%s::bigint[]) ORDER BY 1",
            [at, array(sku_ids)],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _summed(reports: Sequence[SyncReport]) -> SyncReport:
    return SyncReport(
        told=sum(one.told for one in reports), differed=sum(one.differed for one in reports)
    )
