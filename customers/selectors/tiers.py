"""The tiers of buyers as they are read: at a moment, and their story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from customers.models import CustomerTier


def tiers_at(*, customer_ids: Collection[int], at: dt.datetime) -> dict[int, str]:
    """Return the tier of each buyer at a moment; those without one are absent. One query."""
    rows = CustomerTier.objects.filter(customer_id__in=customer_ids, valid__contains=at)
    return dict(rows.values_list("customer_id", "tier"))


def story(*, customer_id: int) -> list[CustomerTier]:
    """Return every tier a buyer had, has or is to have, newest record first."""
    return list(CustomerTier.objects.filter(customer_id=customer_id).order_by("-pk"))
