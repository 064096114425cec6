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

TROUBLES: Final = {
    "short": _("Too little stock"),
    "address": _("Address"),
    "refunding": _("Being refunded"),
    "price": _("Below the price"),
    "repeated": _("Suspected duplicates"),
}
# Reasons to hold which are troubles of their own.
OTHER_HOLDS: Final = ("customers.no_warehouse", "customers.by_hand")

# Why a step is not taken with an order, without naming it: rows are grouped by these.
REFUSALS: Final = {
    "inventory.short": _("too little stock"),
    "customers.order_missing": _("not among your orders"),
    "customers.order_state": _("this step does not follow in their state"),
    "customers.unpaid": _("not paid yet"),
    "customers.below_price": _("below the approved price; a supervisor must confirm"),
    "customers.no_warehouse": _("no warehouse"),
    "customers.held": _("on hold; lift the hold first"),
    "customers.not_held": _("not on hold"),
    "customers.unconfirmed": _("not confirmed yet"),
    "customers.same_warehouse": _("served by this warehouse already"),
    "customers.parcel_picked": _("parcel picked; the warehouse must reopen it"),
    "customers.parcel_left": _("goods have left"),
    "customers.all_there": _("all goods are held; choose the pieces on the order's page"),
    "customers.goods_came": _("all goods are there; confirm it"),
    "customers.nothing_there": _("nothing of it is in stock"),
    "customers.one_piece": _("a single piece cannot be divided"),
    "customers.divided": _("divided; its parts leave one by one"),
    "customers.no_recipient": _("recipient not known to us"),
    "customers.merge_alone": _("no other order goes to the same recipient"),
}


def refusal_words(code: str, reason: str) -> str:
    """Return why a step was not taken, without the order's number where we have such words."""
    return str(REFUSALS.get(code, reason))


def hold_words(reason: str) -> str:
    """Return the reasons an order is held, in words; free text stays as it was typed."""
    return ", ".join(str(HOLDS.get(code, code)) for code in reason.split(",") if code)
