"""How a voucher names the document it stands on, and where that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from finance.models import JournalEntry

_DOCUMENTS: Mapping[str, str] = {
    "inventory.receipt": "inventory:receipt",
    "inventory.shipment": "inventory:shipment",
    "inventory.stockcount": "inventory:count",
    "customers.order": "customers:order",
    "customers.return": "customers:return",
    "finance.manualentry": "finance:manual-entry",
}

_NAMES: Mapping[str, Any] = {
    "inventory.receipt": _("receipt no."),
    "inventory.shipment": _("shipment no."),
    "inventory.goodsreturn": _("goods return no."),
    "inventory.stockcount": _("stock count no."),
    "inventory.history": _("import no."),
    "customers.order": _("order no."),
    "customers.return": _("return no."),
    "finance.manualentry": _("manual entry no."),
}


def document_name(entry: JournalEntry) -> str:
    """Return how people call the document of a voucher."""
    return f"{_NAMES.get(entry.source_type, entry.source_type)} {entry.source_id}"


def document_href(entry: JournalEntry) -> str:
    """Return where the document of a voucher is shown, empty when it has no screen."""
    name = _DOCUMENTS.get(entry.source_type)
    if name is None or not entry.source_id.isdecimal():
        return ""
    try:
        return reverse(name, args=[int(entry.source_id)])
    except NoReverseMatch:
        return ""


def document_kinds() -> dict[str, str]:
    """Return the types of documents by the name people call them."""
    return {str(name): key for key, name in _NAMES.items()}
