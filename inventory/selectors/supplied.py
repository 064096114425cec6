"""What suppliers delivered: registered queries of metrics, and whom a period judges (SCM-2.1-03).

Each query yields day, dimension, member, numerator, denominator for two days, both inside; the
whole house stands beside each supplier. Days are business days in Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Final

from inventory.models import Receipt, Supplier
from ops.engines.kernel.parse import BUSINESS_ZONE

_BY_SUPPLIER: Final = """
SELECT s.day, g.dimension, g.member, sum(s.good)::numeric, sum(s.whole)::numeric
  FROM ({source}) AS s(day, supplier_id, good, whole)
 CROSS JOIN LATERAL (VALUES ('', ''), ('supplier', s.supplier_id::text)) AS g(dimension, member)
 WHERE s.day BETWEEN %s AND %s
 GROUP BY 1, 2, 3
"""
_RECEIPTS: Final = """
       FROM inventory_receipt r JOIN inventory_purchaseorder p ON p.id = r.purchase_id"""
_OPENED: Final = "(r.opened_at AT TIME ZONE 'Asia/Shanghai')::date"

ON_TIME: Final = _BY_SUPPLIER.format(
    source=f"""
    SELECT {_OPENED}, p.supplier_id, ({_OPENED} <= p.expected_on)::int, 1
    {_RECEIPTS} WHERE p.expected_on IS NOT NULL"""
)
QUANTITY_RIGHT: Final = _BY_SUPPLIER.format(
    source=f"""
    SELECT {_OPENED}, p.supplier_id, (l.counted = l.noted)::int, 1
    {_RECEIPTS} JOIN inventory_receiptline l ON l.receipt_id = r.id
     WHERE l.counted IS NOT NULL"""
)
QUALITY_PASS: Final = _BY_SUPPLIER.format(
    source=f"""
    SELECT {_OPENED}, p.supplier_id, l.good, l.counted
    {_RECEIPTS} JOIN inventory_receiptline l ON l.receipt_id = r.id
     WHERE l.counted IS NOT NULL"""
)
REFUSED: Final = _BY_SUPPLIER.format(
    source=f"""
    SELECT {_OPENED}, p.supplier_id, (r.state = 'refused')::int, 1
    {_RECEIPTS} WHERE r.state <> 'counting'"""
)
# The former price is that of the supplier's newest earlier order of the same SKU, whenever sent.
PRICE_STABLE: Final = _BY_SUPPLIER.format(
    source="""
    SELECT day, supplier_id, (unit_cost <= former * 1.03)::int, 1
      FROM (SELECT (p.sent_at AT TIME ZONE 'Asia/Shanghai')::date AS day, p.supplier_id,
                   l.unit_cost, lag(l.unit_cost) OVER (
                       PARTITION BY p.supplier_id, l.sku_id ORDER BY p.sent_at, p.id) AS former
              FROM inventory_purchaseline l
              JOIN inventory_purchaseorder p ON p.id = l.purchase_id
             WHERE p.sent_at IS NOT NULL) AS priced
     WHERE former > 0"""
)


def suppliers_between(first: dt.date, last: dt.date) -> Iterator[tuple[int, str]]:
    """Return id and name of suppliers that delivered on these days, both inside."""
    rows = Receipt.objects.filter(
        opened_at__gte=dt.datetime.combine(first, dt.time.min, BUSINESS_ZONE),
        opened_at__lt=dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min, BUSINESS_ZONE),
    )
    named = rows.values_list("purchase__supplier_id", "purchase__supplier__name")
    return iter(named.order_by("purchase__supplier_id").distinct())


def names(members: Collection[str]) -> dict[str, str]:
    """Return the names of suppliers by their ids as text."""
    ids = [int(member) for member in members if member.isdigit()]
    rows = Supplier.objects.filter(pk__in=ids).values_list("id", "name")
    return {str(pk): name for pk, name in rows}


def suppliers_of(*, sku_ids: Collection[int]) -> list[tuple[int, str]]:
    """Return id and name of the suppliers goods of some SKUs were ever ordered from, by name."""
    rows = Supplier.objects.filter(purchases__lines__sku_id__in=sku_ids).distinct()
    return list(rows.order_by("name", "pk").values_list("pk", "name"))
