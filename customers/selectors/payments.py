"""Our side of a reconciliation: what buyers paid for orders, and what returns owe them.

`PAYMENTS` is the same as a SELECT over the parameters channel, first and last (business days), so
that a million payments can be matched inside the database without one Python object.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection

PAYMENTS: Final = """
    SELECT o.external_no AS order_no, '' AS refund_no, 'PAY' AS kind, o.total AS amount,
           o.paid_at AS occurred_at, 'customers.order' AS source_type, o.id AS source_id
      FROM customers_order o
     WHERE o.channel_id = %(channel)s AND o.kind = 'sale' AND o.state <> 'cancelled'
       AND o.total > 0
       AND o.paid_at >= %(first)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
       AND o.paid_at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    UNION ALL
    SELECT coalesce(o.external_no, r.external_no), r.external_no, 'REFUND', r.total,
           coalesce(r.decided_at, r.requested_at), 'customers.return', r.id
      FROM customers_return r LEFT JOIN customers_order o ON o.id = r.order_id
     WHERE r.channel_id = %(channel)s AND r.state NOT IN ('requested', 'refused')
       AND r.total > 0
       AND coalesce(r.decided_at, r.requested_at)
           >= %(first)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
       AND coalesce(r.decided_at, r.requested_at)
           < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
"""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money we expect in a channel's statement: PAY comes in, REFUND goes out; amounts above 0.

    `source_type` and `source_id` name the order or the return.
    """

    order_no: str
    refund_no: str
    kind: str
    amount: Decimal
    occurred_at: dt.datetime
    source_type: str
    source_id: int


def payments_for_matching(*, channel_id: int, first: dt.date, last: dt.date) -> list[Payment]:
    """Return the payments and refunds of a channel on business days `first` to `last`.

    A cancelled order expects none; a return counts once it was accepted (FIN-7.3-01).
    """
    with connection.cursor() as cursor:
        cursor.execute(PAYMENTS, {"channel": channel_id, "first": first, "last": last})
        return [Payment(*row) for row in cursor.fetchall()]
