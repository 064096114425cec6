"""Which goods are banned, and by what (CAT-4.3-05)."""

from __future__ import annotations

from catalog.errors import bans as errors
from catalog.models import GoodsBan


def standing(*, product_id: int) -> GoodsBan | None:
    """Return the ban of a product that stands; None: the product may be sold."""
    return GoodsBan.objects.filter(product_id=product_id, lifted_at__isnull=True).first()


def newest(*, product_id: int, source: str) -> GoodsBan | None:
    """Return the newest ban of a product by one case, lifted or not."""
    return GoodsBan.objects.filter(product_id=product_id, source=source).order_by("-pk").first()


def refuse_banned(product_id: int) -> None:
    """Raise GoodsBanned for goods that may be sold nowhere."""
    if (ban := standing(product_id=product_id)) is not None:
        raise errors.GoodsBanned(ban.source)
