"""Which goods may not be offered, whatever shelf they stand on (CAT-4.1-03, CAT-4.1-04)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from catalog import ports
from catalog.models import Sku
from catalog.rules.listing.goods import may_be_sold
from catalog.selectors import listing_grounds
from ops.engines.kernel.parse import business_day


def restricted(*, sku_ids: Collection[int], channel_id: int, at: datetime) -> set[int]:
    """Return which SKUs are under restriction in a channel at a moment. Two queries and the port.

    Restricted is what a hard entry of the forbidden goods names (its category, brand, or a word in
    the name of product or SKU), and what the apps above answer `catalog.restricted_skus` with.
    Forbidden pictures and soft entries are judged with the listing.
    """
    if not sku_ids:
        return set()
    barred = set(ports.restricted_skus(sku_ids=sku_ids, channel_id=channel_id, at=at))
    bans = [ban for ban in listing_grounds.bans(day=business_day(at)) if ban.is_hard]
    if not bans:
        return barred
    rows = Sku.objects.filter(pk__in=sku_ids).values_list(
        "pk", "name", "product__name", "product__brand", "product__category__path"
    )
    return barred | {
        pk
        for pk, name, product, brand, path in rows
        if not may_be_sold(bans, names=(name, product), brand=brand, path=path)
    }
