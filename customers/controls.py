"""What keeps the clauses of promotions in the order book, and the newest trace of each."""

from __future__ import annotations

from datetime import datetime

from customers.models import OrderDiscount, OrderGift
from customers.selectors import forbidden, promoted
from ops.engines.controls import control
from ops.engines.controls.verification import register


def _last_discount() -> datetime | None:
    rows = OrderDiscount.objects.order_by("-id")
    return rows.values_list("order__placed_at", flat=True).first()


def _last_gift() -> datetime | None:
    rows = OrderGift.objects.order_by("-id")
    return rows.values_list("order__placed_at", flat=True).first()


control("CAT-4.4-02", "constraint", "orderline_discounts_add_up", _last_discount)
control("CAT-4.4-02", "constraint", "orderdiscount_adds_up", _last_discount)
control("CAT-4.4-06", "constraint", "returnline_as_paid", _last_discount)
control("CAT-4.4-06", "record", "customers.orderdiscount", _last_discount)
control("CAT-4.4-07", "constraint", "ordergift_was_used", _last_gift)
control("CAT-4.4-07", "record", "customers.ordergift", _last_gift)
control("CAT-4.3-05", "record", "customers.forbiddensale", forbidden.newest)
control("CAT-4.3-05", "record", "customers.recallline", forbidden.newest)
control("CAT-4.3-05", "record", "customers.salepenalty", forbidden.newest)
control("CAT-4.3-05", "constraint", "forbiddensale_ends_when_done", forbidden.newest)

register("promotions", promoted.disagreements)
