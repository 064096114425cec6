"""Prices from before go-live, brought in by the import account."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from catalog.services import listing_takeover
from catalog.types.prices import OpeningPrice
from ops.engines.approvals import services as approvals
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json

_WRITE = """
INSERT INTO catalog_pricerange (sku_id, channel_id, price, valid, kind, approval_id)
SELECT o.sku, %(channel)s, o.price, tstzrange(o.since, o.until), 'opening', %(approval)s
FROM unnest(%(skus)s::bigint[], %(prices)s::numeric[], %(since)s::timestamptz[],
            %(until)s::timestamptz[]) AS o(sku, price, since, until)
ORDER BY o.sku, o.since
"""


def open_prices(
    *,
    channel_id: int,
    prices: Sequence[OpeningPrice],
    source: str,
    actor: Actor,
    at: datetime,
) -> int:
    """Take over prices that were in force before go-live, under one opening request.

    Later approved changes cut the open ones. The goods stand on the channel's shelf from now on, as
    they did before: what was for sale needs no listing first. Returns how many were written. Raises
    RequesterMayNotAsk for anybody but the import account, IntegrityError for overlapping ranges.
    """
    if not prices:
        return 0
    rows = [[p.sku_id, p.price, p.since, p.until] for p in prices]
    digest = hashlib.sha256(canonical_json(rows).encode()).hexdigest()
    with transaction.atomic():
        request = approvals.open_as_history(
            flow="price_change",
            subject=("catalog.channel", channel_id),
            number=source[:64],
            title=source[:200],
            content={"channel": channel_id, "rows": len(rows), "rows_sha256": digest},
            actor=actor,
            at=at,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                _WRITE,
                {
                    "channel": channel_id,
                    "approval": request.id,
                    "skus": [p.sku_id for p in prices],
                    "prices": [p.price for p in prices],
                    "since": [p.since for p in prices],
                    "until": [p.until for p in prices],
                },
            )
        listing_takeover.take_over(
            channel_id=channel_id,
            sku_ids={p.sku_id for p in prices},
            source=source,
            actor=actor,
            at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.prices_opened",
            obj=("catalog.channel", channel_id),
            body={"source": source, "prices": len(rows), "rows_sha256": digest},
        )
        return len(rows)
