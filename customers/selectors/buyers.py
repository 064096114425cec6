"""What is known of buyers before their order is in the book."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from customers.choices import OrderKind, OrderState
from customers.models import Customer, Order


def who_bought(*, codes: Collection[str], channel_id: int) -> set[str]:
    """Return those buyers (by the channel's code) with an order that was not cancelled."""
    bought = Order.objects.filter(customer_id=OuterRef("pk"), kind=OrderKind.SALE)
    rows = Customer.objects.filter(channel_id=channel_id, code__in=codes)
    found = rows.filter(Exists(bought.exclude(state=OrderState.CANCELLED)))
    return set(found.values_list("code", flat=True))
