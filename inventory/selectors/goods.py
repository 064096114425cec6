"""Goods a document names: they are in the catalogue, or the document is refused."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from catalog.selectors import codes
from inventory.errors import UnknownDocument


def require_skus(*, sku_ids: Collection[int]) -> None:
    """Refuse SKUs that are not there. Raises UnknownDocument, naming them. One query."""
    missing = codes.unknown_skus(sku_ids=sku_ids)
    if missing:
        raise UnknownDocument("inventory.sku_unknown", _("There is no such SKU."), sku_ids=missing)
