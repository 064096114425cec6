"""Reports of stock: what there was, what moved, what came in, went out and stayed (SCM-2.3-04)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory.selectors import movements
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import monthly
from ops.engines.kernel.policy import may
from ops.engines.reports.declarations import report
from ops.engines.reports.types import ReportQuery, Rows
from ops.engines.tables.writer import Column

_IN_OUT = """
WITH legs AS (
    SELECT m.sku_id, t.warehouse_id, m.business_day, m.quantity, m.value, true AS is_in
    FROM inventory_move m
    JOIN inventory_location f ON f.id = m.from_location_id
    JOIN inventory_location t ON t.id = m.to_location_id AND t.is_internal
    WHERE m.business_day <= %(last)s AND f.warehouse_id IS DISTINCT FROM t.warehouse_id
    UNION ALL
    SELECT m.sku_id, f.warehouse_id, m.business_day, m.quantity, m.value, false
    FROM inventory_move m
    JOIN inventory_location f ON f.id = m.from_location_id AND f.is_internal
    JOIN inventory_location t ON t.id = m.to_location_id
    WHERE m.business_day <= %(last)s AND f.warehouse_id IS DISTINCT FROM t.warehouse_id
), summed AS (
    SELECT sku_id, warehouse_id,
           coalesce(sum(CASE WHEN is_in THEN quantity ELSE -quantity END)
               FILTER (WHERE business_day < %(first)s), 0)::bigint AS opening,
           coalesce(sum(CASE WHEN is_in THEN value ELSE -value END)
               FILTER (WHERE business_day < %(first)s), 0.00) AS opening_value,
           coalesce(sum(quantity) FILTER (WHERE is_in AND business_day >= %(first)s), 0)::bigint
               AS quantity_in,
           coalesce(sum(value) FILTER (WHERE is_in AND business_day >= %(first)s), 0.00)
               AS value_in,
           coalesce(sum(quantity) FILTER (WHERE NOT is_in AND business_day >= %(first)s), 0)::bigint
               AS quantity_out,
           coalesce(sum(value) FILTER (WHERE NOT is_in AND business_day >= %(first)s), 0.00)
               AS value_out
    FROM legs
    WHERE %(scopes)s::bigint[] IS NULL OR warehouse_id = ANY (%(scopes)s::bigint[])
    GROUP BY sku_id, warehouse_id
)
SELECT w.code, k.code, k.name, s.opening, s.opening_value, s.quantity_in, s.value_in,
       s.quantity_out, s.value_out, s.opening + s.quantity_in - s.quantity_out,
       s.opening_value + s.value_in - s.value_out
FROM summed s
JOIN inventory_warehouse w ON w.id = s.warehouse_id
JOIN catalog_sku k ON k.id = s.sku_id
ORDER BY w.code, k.code COLLATE "C"
"""
_REFUSED = """
SELECT r.at, w.code, s.number, r.step, r.missing, r.person_id
FROM inventory_refusedissue r
JOIN inventory_shipment s ON s.id = r.shipment_id
JOIN inventory_warehouse w ON w.id = s.warehouse_id
WHERE (r.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %(first)s AND %(last)s
  AND (%(scopes)s::bigint[] IS NULL OR w.id = ANY (%(scopes)s::bigint[]))
ORDER BY r.id
"""
_READ = may("inventory", "E")


def _scopes(query: ReportQuery) -> list[int] | None:
    ids = query.scopes.get("warehouse")
    return None if ids is None else sorted(ids)


def _window(query: ReportQuery) -> dict[str, Any]:
    return {"first": query.period.first, "last": query.period.last, "scopes": _scopes(query)}


@report(
    "stock_closing",
    title=_("Closing stock"),
    columns=(
        Column("StockCode", _("SKU")),
        Column("closing", _("closing quantity"), "integer"),
    ),
    policy=_READ,
    key=("StockCode",),
    scopes=("warehouse",),
    closes="stock",
    clauses=["SCM-2.3-04"],
    about=_("Pieces owned at the end of the period, every SKU that ever moved until then."),
)
def stock_closing(query: ReportQuery) -> Rows:
    """Yield SKU code and pieces owned at the end of the period."""
    return query.sql(movements.CLOSING, _window(query))


@report(
    "stock_movements",
    title=_("Stock movements by reason"),
    columns=(
        Column("month", _("month")),
        Column("why", _("reason")),
        Column("lines", _("lines"), "integer"),
        Column("units", _("pieces"), "integer"),
    ),
    policy=_READ,
    key=("month", "why"),
    scopes=("warehouse",),
    closes="stock",
    clauses=["SCM-2.3-04"],
    about=_("What came in (+) and went out (-) of the house, by month and reason."),
)
def stock_movements(query: ReportQuery) -> Rows:
    """Yield month, reason, lines and signed pieces."""
    return query.sql(movements.BY_REASON, _window(query))


@report(
    "stock_in_out_onhand",
    title=_("In, out and on-hand"),
    columns=(
        Column("warehouse", _("warehouse")),
        Column("sku", _("SKU")),
        Column("name", _("name")),
        Column("opening", _("opening quantity"), "integer"),
        Column("opening_value", _("opening value"), "money"),
        Column("quantity_in", _("quantity in"), "integer"),
        Column("value_in", _("value in"), "money"),
        Column("quantity_out", _("quantity out"), "integer"),
        Column("value_out", _("value out"), "money"),
        Column("closing", _("closing quantity"), "integer"),
        Column("closing_value", _("closing value"), "money"),
    ),
    policy=_READ,
    key=("warehouse", "sku"),
    scopes=("warehouse",),
    closes="stock",
    # Draft two days before the month ends (HR-1.2-06: due before it ends).
    cadence=monthly(day=-3, at="07:00"),
    built_by="stock_month_report_build",
    audience=[Role.OPERATIONS_DIRECTOR, Role.STORE_MANAGER],
    clauses=["SCM-2.3-04", "HR-1.2-06", "HR-1.2-08"],
    about=_("By warehouse and SKU: what was there, came in, went out, and is there."),
)
def stock_in_out_onhand(query: ReportQuery) -> Rows:
    """Yield opening, in, out and closing quantity and value by warehouse and SKU."""
    return query.sql(_IN_OUT, _window(query))


@report(
    "refused_issue",
    title=_("Refused issues of goods"),
    columns=(
        Column("at", _("moment"), "datetime"),
        Column("warehouse", _("warehouse")),
        Column("shipment", _("shipment")),
        Column("step", _("step")),
        Column("missing", _("what was missing")),
        Column("person", _("tried by"), "integer"),
    ),
    policy=_READ,
    scopes=("warehouse",),
    cadence="monthly",
    audience=[Role.OPERATIONS_DIRECTOR, Role.STORE_MANAGER],
    clauses=["SCM-2.2-04"],
    about=_("Goods that did not leave because a paper was missing."),
)
def refused_issue(query: ReportQuery) -> Rows:
    """Yield refusals of the period in the order of time."""
    return query.sql(_REFUSED, _window(query))
