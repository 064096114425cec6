"""How codes of the order book read on screens."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

HOLDS: Final = {
    "inventory.short": _("too little stock"),
    "inventory.reservation_broken": _("held goods are gone"),
    "customers.below_price": _("below the approved price"),
    "customers.address_incomplete": _("address incomplete"),
    "customers.no_warehouse": _("no warehouse"),
    "customers.by_hand": _("held by hand"),
}


def hold_words(reason: str) -> str:
    """Return the reasons an order is held, in words; free text stays as it was typed."""
    return ", ".join(str(HOLDS.get(code, code)) for code in reason.split(",") if code)
