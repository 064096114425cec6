"""Goods that were for sale before us stand on the shelf as they are: taken over at go-live."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from ops.engines.approvals import services as approvals
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array

_NEW: Final = """
SELECT DISTINCT s.product_id FROM catalog_sku s
WHERE s.id = ANY(%(skus)s::bigint[]) AND s.kind = 'goods' AND NOT EXISTS (
    SELECT 1 FROM catalog_listing l
    WHERE l.product_id = s.product_id AND l.channel_id = %(channel)s)
ORDER BY 1
"""
_WRITE: Final = """
WITH listings AS (
    INSERT INTO catalog_listing (number, product_id, channel_id, opened_at)
    SELECT 'LST-' || p || '-' || %(channel)s, p, %(channel)s, %(at)s
    FROM unnest(%(products)s::bigint[]) AS p ORDER BY p
    RETURNING id, product_id
)
INSERT INTO catalog_listingshelf (listing_id, product_id, channel_id, approval_id, how, during)
SELECT id, product_id, %(channel)s, %(approval)s, 'opening', tstzrange(NULL, NULL) FROM listings
"""


def take_over(
    *, channel_id: int, sku_ids: Collection[int], source: str, actor: Actor, at: datetime
) -> int:
    """Put the products of SKUs on the shelf of a channel where they have no listing there yet.

    One opening request for all of them. Returns how many are new. Raises RequesterMayNotAsk for
    anybody but the import account.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEW, {"skus": array(sku_ids), "channel": channel_id})
        products = [pk for (pk,) in cursor.fetchall()]
        if not products:
            return 0
        request = approvals.open_as_history(
            flow="listing",
            subject=("catalog.channel", channel_id),
            number=source[:64],
            title=source[:200],
            content={"channel": channel_id, "products": len(products), "source": source},
            actor=actor,
            at=at,
        )
        cursor.execute(
            _WRITE,
            {
                "products": array(products),
                "channel": channel_id,
                "approval": request.id,
                "at": at,
            },
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.listings_taken_over",
            obj=("catalog.channel", channel_id),
            body={"source": source, "listings": len(products)},
        )
        return len(products)
