"""Goods a document names: they are in the catalogue, or the document is refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from catalog.selectors import codes, selection
from catalog.types.selection import Barred
from inventory.errors import NotReady, UnknownDocument


def require_skus(*, sku_ids: Collection[int]) -> None:
    """Refuse SKUs that are not there. Raises UnknownDocument, naming them. One query."""
    missing = codes.unknown_skus(sku_ids=sku_ids)
    if missing:
        raise UnknownDocument("inventory.sku_unknown", _("There is no such SKU."), sku_ids=missing)


def require_buyable(*, sku_ids: Collection[int]) -> None:
    """Refuse goods that may not be bought: out of the range, or new without an approved proposal.

    Raises NotReady, naming them and what to do (SCM-2.4-02, CAT-4.1-05). One query.
    """
    barred = selection.barred_from_purchase(sku_ids=sku_ids)
    if gone := [each for each in barred if each.why in ("retired", "dropped")]:
        words = _("%(codes)s are out of the range; nothing more is bought of them.")
        raise _not_bought("inventory.sku_retired", words, gone)
    if barred:
        words = _("%(codes)s are new and have no approved proposal: propose the product first.")
        raise _not_bought("inventory.sku_unselected", words, barred)


def _not_bought(code: str, words: str, barred: Sequence[Barred]) -> NotReady:
    told = words % {"codes": ", ".join(each.code for each in barred[:5])}
    return NotReady(code, told, sku_ids=[each.sku_id for each in barred])
