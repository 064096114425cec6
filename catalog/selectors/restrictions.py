"""Which goods may not be offered, whatever shelf they stand on (CAT-4.1-03, CAT-4.1-04)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from catalog.models import GoodsBan, Sku
from catalog.rules.listing.goods import may_be_sold
from catalog.selectors import listing_grounds
from ops.engines.kernel.parse import business_day


def restricted(*, sku_ids: Collection[int], at: datetime) -> set[int]:
    """Return which SKUs are under restriction at a moment, in every channel. At most three queries.

    Restricted is what a ban of goods stands on, and what a hard entry of the forbidden goods names
    by its category, brand, or a word in the name of product or SKU. Forbidden pictures and soft
    entries are judged with the listing.
    """
    if not sku_ids:
        return set()
    stands = Q(lifted_at__isnull=True) | Q(lifted_at__gt=at)
    bans = GoodsBan.objects.filter(stands, banned_at__lte=at, product__skus__in=sku_ids)
    barred = set(bans.values_list("product__skus", flat=True)) & set(sku_ids)
    entries = [entry for entry in listing_grounds.bans(day=business_day(at)) if entry.is_hard]
    if not entries:
        return barred
    rows = Sku.objects.filter(pk__in=sku_ids).values_list(
        "pk", "name", "product__name", "product__brand", "product__category__path"
    )
    return barred | {
        pk
        for pk, name, product, brand, path in rows
        if not may_be_sold(entries, names=(name, product), brand=brand, path=path)
    }
