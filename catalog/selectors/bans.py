"""Which goods are banned, and by what (CAT-4.3-05)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

from catalog.errors import bans as errors
from catalog.models import GoodsBan
from catalog.types.bans import BanInfo


def newest(*, product_id: int, source: str) -> BanInfo | None:
    """Return the newest ban of a product by one case, lifted or not."""
    row = GoodsBan.objects.filter(product_id=product_id, source=source).order_by("-pk").first()
    return None if row is None else info(row)


def standing(*, product_ids: Collection[int]) -> dict[int, str]:
    """Return what banned those of some products that may be sold nowhere. One query."""
    rows = GoodsBan.objects.filter(product_id__in=product_ids, lifted_at__isnull=True)
    return dict(rows.values_list("product_id", "source"))


def refuse_banned(product_id: int) -> None:
    """Raise GoodsBanned for goods that may be sold nowhere."""
    for source in standing(product_ids=[product_id]).values():
        raise errors.GoodsBanned(source)


def info(row: GoodsBan) -> BanInfo:
    """Return the plain form of a ban."""
    return BanInfo(**{field.name: getattr(row, field.name) for field in fields(BanInfo)})
