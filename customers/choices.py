"""Words of the order book, with the one table of legal transitions (SCM-2.4-03)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrderState(TextChoices):
    """Steps of an order."""

    PLACED = "placed", _("placed")
    PAID = "paid", _("paid")
    CONFIRMED = "confirmed", _("confirmed")
    ALLOCATED = "allocated", _("allocated")
    PICKED = "picked", _("picked")
    PACKED = "packed", _("packed")
    SHIPPED = "shipped", _("shipped")
    DELIVERED = "delivered", _("delivered")
    RECEIVED = "received", _("received")
    CLOSED = "closed", pgettext_lazy("order book", "closed")
    CANCELLED = "cancelled", _("cancelled")
    REFUNDING = "refunding", _("refunding")


class OrderKind(TextChoices):
    """What a document in the order book is."""

    SALE = "sale", _("sale")
    CORRECTION = "correction", _("correction")


class OrderPath(TextChoices):
    """Which way an order takes; only a declared path may skip a step."""

    PREPAID = "prepaid", _("paid in advance")
    COD = "cod", _("cash on delivery")
    HISTORY = "history", _("taken over from before go-live")


class LineKind(TextChoices):
    """What a line counts as: only a sale line is turnover."""

    SALE = "sale", _("sale")
    GIFT = "gift", _("gift")
    CORRECTION = "correction", _("correction")


class ReturnState(TextChoices):
    """Steps of a return in its simplest form (SCM-2.4-08)."""

    REQUESTED = "requested", _("requested")
    ACCEPTED = "accepted", pgettext_lazy("order book", "accepted")
    REFUSED = "refused", pgettext_lazy("order book", "refused")
    REFUNDED = "refunded", _("refunded")
    CLOSED = "closed", pgettext_lazy("order book", "closed")


_S = OrderState
_FORWARD: Final = (
    (_S.PAID, _S.CONFIRMED),
    (_S.CONFIRMED, _S.ALLOCATED),
    (_S.ALLOCATED, _S.PICKED),
    (_S.PICKED, _S.PACKED),
    (_S.PACKED, _S.SHIPPED),
    (_S.SHIPPED, _S.DELIVERED),
    (_S.DELIVERED, _S.RECEIVED),
    (_S.RECEIVED, _S.CLOSED),
    (_S.SHIPPED, _S.CLOSED),
    (_S.DELIVERED, _S.CLOSED),
    (_S.CONFIRMED, _S.CANCELLED),
    (_S.ALLOCATED, _S.CANCELLED),
    (_S.PICKED, _S.ALLOCATED),
    (_S.PLACED, _S.CANCELLED),
    (_S.PAID, _S.CANCELLED),
    (_S.SHIPPED, _S.REFUNDING),
    (_S.DELIVERED, _S.REFUNDING),
    (_S.RECEIVED, _S.REFUNDING),
    (_S.CLOSED, _S.REFUNDING),
    (_S.REFUNDING, _S.CLOSED),
)

TRANSITIONS: Final[Mapping[OrderPath, frozenset[tuple[OrderState, OrderState]]]] = MappingProxyType(
    {
        OrderPath.PREPAID: frozenset({(_S.PLACED, _S.PAID), *_FORWARD}),
        OrderPath.COD: frozenset({(_S.PLACED, _S.CONFIRMED), *_FORWARD}),
        # History arrives in its last state and may only be refunded afterwards.
        OrderPath.HISTORY: frozenset(
            {(_S.CLOSED, _S.REFUNDING), (_S.SHIPPED, _S.REFUNDING), (_S.REFUNDING, _S.CLOSED)}
        ),
    }
)

# Where an order may be born: live ones at the beginning, history where it ended.
FIRST_STATES: Final[Mapping[OrderPath, frozenset[OrderState]]] = MappingProxyType(
    {
        OrderPath.PREPAID: frozenset({_S.PLACED, _S.PAID, _S.CONFIRMED, _S.ALLOCATED}),
        OrderPath.COD: frozenset({_S.PLACED, _S.CONFIRMED, _S.ALLOCATED}),
        OrderPath.HISTORY: frozenset({_S.CLOSED, _S.SHIPPED, _S.CANCELLED}),
    }
)

RETURN_STEPS: Final[frozenset[tuple[ReturnState, ReturnState]]] = frozenset(
    {
        (ReturnState.REQUESTED, ReturnState.ACCEPTED),
        (ReturnState.REQUESTED, ReturnState.REFUSED),
        (ReturnState.ACCEPTED, ReturnState.REFUNDED),
        (ReturnState.REFUNDED, ReturnState.CLOSED),
    }
)


class Purpose(TextChoices):
    """Why someone looks at personal data (CRM-3.1-03)."""

    SHIPPING = "shipping", _("shipping")
    AFTER_SALES = "after_sales", _("after-sales")
    COMPLAINT = "complaint", _("complaint")
    PRIVACY = "privacy", _("privacy request")
    OTHER = "other", _("other")


class PersonalField(TextChoices):
    """Personal texts that can be shown one at a time."""

    NAME = "name", _("name")
    PHONE = "phone", _("phone")
    ADDRESS = "address", _("address")


class ForbiddenKind(TextChoices):
    """Why goods may not be sold (CAT-4.3-05)."""

    COUNTERFEIT = "counterfeit", _("counterfeit")
    SHODDY = "shoddy", _("shoddy")
    INFRINGING = "infringing", _("infringing")
    PROHIBITED = "prohibited", _("prohibited")


class CaseState(TextChoices):
    """Life of a case of forbidden goods."""

    OPEN = "open", pgettext_lazy("forbidden goods", "open")
    CLOSED = "closed", pgettext_lazy("forbidden goods", "closed")


class PenaltyMeasure(TextChoices):
    """What is done to who supplied or sold forbidden goods."""

    WARNING = "warning", _("warning")
    FINE = "fine", _("fine")
    SUSPENSION = "suspension", _("no further dealings")


class TierSource(TextChoices):
    """How the tier of a buyer came into the book."""

    FILE = "file", pgettext_lazy("tier of a buyer", "file")
    SCREEN = "screen", pgettext_lazy("tier of a buyer", "screen")
    API = "api", pgettext_lazy("tier of a buyer", "API")
    COMPUTED = "computed", pgettext_lazy("tier of a buyer", "computed")
