"""Which goods must carry an expiry date, and what a scanned carton says of which SKU."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.selectors import codes
from inventory import gs1
from inventory.errors import UnknownDocument
from inventory.models import ShelfLife
from inventory.types import ScannedCarton

_NEEDS = """
SELECT s.id, s.code
FROM catalog_sku s
JOIN catalog_product p ON p.id = s.product_id
JOIN catalog_category c ON c.id = p.category_id
WHERE s.id = ANY (%s) AND inventory_needs_expiry(c.path)
"""


def needing_expiry(sku_ids: Collection[int]) -> dict[int, str]:
    """Return the codes of those SKUs that come in with an expiry date only. One query."""
    if not sku_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NEEDS, [list(sku_ids)])
        return dict(cursor.fetchall())


def shelf_lives() -> QuerySet[ShelfLife]:
    """Return what categories demand of their goods."""
    return ShelfLife.objects.select_related("category").order_by("-id")


def scanned(*, code: str, today: date) -> ScannedCarton:
    """Read a carton code and find the SKU it names.

    An item's own number counts one piece; a carton says how many with (37) or (30), else none are
    counted and the keeper types them. Raises BadInput, UnknownDocument.
    """
    said = gs1.read(code, today=today)
    if not said.gtin:
        raise UnknownDocument("inventory.carton_unnamed", _("The carton code names no goods."))
    wanted = gs1.items_of(said.gtin)
    found = codes.skus_by_barcode(barcodes=wanted)
    barcode = next((each for each in wanted if each in found), None)
    if barcode is None:
        raise UnknownDocument(
            "inventory.carton_unknown",
            _("No goods have the barcode %(gtin)s.") % {"gtin": said.gtin},
            gtin=said.gtin,
        )
    is_item = barcode.zfill(14) == said.gtin
    return ScannedCarton(
        sku_id=found[barcode],
        lot=said.lot,
        made_on=said.made_on,
        expires_on=said.expires_on,
        pieces=said.pieces or (1 if is_item else 0),
    )
