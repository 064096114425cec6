"""Whom and where orders go to, as a keyed hash: equal when they may share a parcel.

Names and addresses are never compared in SQL; what is stored is a hash under a key outside the
database, and only while the order waits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from customers.models import Order, OrderRecipient
from customers.selectors import book
from customers.services import texts
from ops.engines.kernel import crypto

_SPACE = re.compile(r"\s+")


def index_recipients(*, order_ids: Collection[int]) -> None:
    """Write the hashes of orders that wait to be shipped; those written before stay."""
    known = OrderRecipient.objects.filter(order_id__in=order_ids).values("order_id")
    waiting = Order.objects.filter(pk__in=order_ids, state__in=book.TO_SHIP).exclude(pk__in=known)
    opened = texts.opened_recipients(order_ids=list(waiting.values_list("pk", flat=True)))
    OrderRecipient.objects.bulk_create(
        [
            OrderRecipient(order_id=order_id, index=recipient_index(recipient))
            for order_id, recipient in sorted(opened.items())
            if recipient.get("name") and recipient.get("address")
        ],
        ignore_conflicts=True,
    )


def forget(*, order_ids: Collection[int]) -> None:
    """Drop the hashes of orders that have left or were cancelled."""
    OrderRecipient.objects.filter(order_id__in=order_ids).delete()


def recipient_index(recipient: Mapping[str, str]) -> str:
    """Return the keyed hash of name, phone and address; spaces and width make no difference."""
    parts = (_SPACE.sub("", recipient.get(key, "")) for key in ("name", "phone", "address"))
    return crypto.blind_index("|".join(parts), purpose="recipient")
