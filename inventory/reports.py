"""Reports of stock: what there was, what moved, what came in, went out and stayed (SCM-2.3-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.choices import EquipmentKind, MoveReason
from inventory.selectors import movements, places
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import monthly
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.policy import may
from ops.engines.reports import periods
from ops.engines.reports.declarations import report
from ops.engines.reports.types import Difference, ReportQuery, Rows, Section, Sections
from ops.engines.scorecards import selectors as scorecards
from ops.engines.scorecards.choices import CardState
from ops.engines.sheets import reporting
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
_DISCREPANCIES = """
SELECT d.reported_at, w.code, r.number, d.number, s.name, k.code, l.noted, l.counted, l.good,
       l.mismatch, l.finding, d.choice, d.treatment, d.value, d.state, d.decided_at
FROM inventory_receiptdiscrepancy d
JOIN inventory_receipt r ON r.id = d.receipt_id
JOIN inventory_warehouse w ON w.id = r.warehouse_id
JOIN inventory_purchaseorder p ON p.id = r.purchase_id
JOIN inventory_supplier s ON s.id = p.supplier_id
JOIN inventory_receiptline l ON l.discrepancy_id = d.id
JOIN catalog_sku k ON k.id = l.sku_id
WHERE (d.reported_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %(first)s AND %(last)s
  AND (%(scopes)s::bigint[] IS NULL OR r.warehouse_id = ANY (%(scopes)s::bigint[]))
ORDER BY d.reported_at, d.number, l.line_no
"""
_VARIANCES = """
SELECT c.number, w.code, c.kind, c.state, c.closed_at, p.code, k.code, coalesce(t.code, ''),
       l.book_quantity, l.expected, l.counted, l.recounted, l.variance, l.value, l.cause,
       l.responsible, l.treatment, l.note, coalesce(a.number, ''), c.posted_on
FROM inventory_stockcount c
JOIN inventory_warehouse w ON w.id = c.warehouse_id
JOIN inventory_countline l ON l.count_id = c.id AND l.variance <> 0
JOIN inventory_location p ON p.id = l.location_id
JOIN catalog_sku k ON k.id = l.sku_id
LEFT JOIN inventory_lot t ON t.id = l.lot_id
LEFT JOIN approvals_request a ON a.id = c.approval_id
WHERE c.state IN ('review', 'submitted', 'approved', 'posted')
  AND (c.closed_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %(first)s AND %(last)s
  AND (%(scopes)s::bigint[] IS NULL OR c.warehouse_id = ANY (%(scopes)s::bigint[]))
ORDER BY c.number, p.code COLLATE "C", k.code COLLATE "C", l.id
"""
_EQUIPMENT = """
SELECT w.code, e.code, e.kind, e.place, e.inspected_on, e.next_inspection_on,
       CASE WHEN e.next_inspection_on < (%(at)s AT TIME ZONE 'Asia/Shanghai')::date
            THEN 'yes' ELSE '' END
FROM inventory_safetyequipment e JOIN inventory_warehouse w ON w.id = e.warehouse_id
WHERE e.is_active AND (%(scopes)s::bigint[] IS NULL OR w.id = ANY (%(scopes)s::bigint[]))
ORDER BY e.next_inspection_on, w.code COLLATE "C", e.code COLLATE "C"
"""
_CHECKS = ("warehouse_opening", "warehouse_closing", "warehouse_safety")
# The documents behind what was entered since a moment, at most eight a SKU.
_ENTERED_SINCE = """
SELECT k.code, (array_agg(DISTINCT m.source_type || ':' || m.source_id))[1:8]
FROM inventory_move m
JOIN catalog_sku k ON k.id = m.sku_id
WHERE k.code = ANY (%(codes)s) AND m.at > %(since)s AND m.business_day <= %(last)s
GROUP BY k.code
"""
_READ = may("inventory", "E")


def _scopes(query: ReportQuery) -> list[int] | None:
    ids = query.scopes.get("warehouse")
    return None if ids is None else sorted(ids)


def _window(query: ReportQuery) -> dict[str, Any]:
    return {"first": query.period.first, "last": query.period.last, "scopes": _scopes(query)}


def _moves(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a SKU's figure to the moves of the period that make it."""
    code = row.get("sku") or row["StockCode"]
    return f"{reverse('inventory:moves')}?{urlencode({'sku': code, 'day': _days(query)})}"


def _moves_until(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from what was there to all moves of the SKU until the period ended."""
    code = row.get("sku") or row["StockCode"]
    days = f"1900-01-01..{query.period.last.isoformat()}"
    return f"{reverse('inventory:moves')}?{urlencode({'sku': code, 'day': days})}"


def _moves_before(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from an opening figure to all moves of the SKU before the period."""
    days = f"1900-01-01..{(query.period.first - dt.timedelta(days=1)).isoformat()}"
    return f"{reverse('inventory:moves')}?{urlencode({'sku': row['sku'], 'day': days})}"


def _moves_of_month(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a month's figure to the moves of that month for that reason."""
    month = periods.parse(row["month"])
    first, last = max(month.first, query.period.first), min(month.last, query.period.last)
    asked = {"day": f"{first.isoformat()}..{last.isoformat()}"}
    if row["why"] in MoveReason.values:
        asked["reason"] = row["why"]
    return f"{reverse('inventory:moves')}?{urlencode(asked)}"


def _receipt(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead to the receipt a line was reported on."""
    del query
    return f"{reverse('inventory:receipts')}?{urlencode({'number': row['receipt']})}"


def _count(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead to the count a difference was found in."""
    del query
    return f"{reverse('inventory:counts')}?{urlencode({'number': row['count']})}"


def _days(query: ReportQuery) -> str:
    return f"{query.period.first.isoformat()}..{query.period.last.isoformat()}"


def _causes(query: ReportQuery, since: dt.datetime, rows: Sequence[Difference]) -> list[list[str]]:
    """Name the documents of moves entered since the version before, SKU by SKU."""
    codes = sorted({str(row.key[-1]) for row in rows})
    asked = {**_window(query), "since": since, "codes": codes}
    found = {code: list(said) for code, said in query.sql(_ENTERED_SINCE, asked)}
    return [found.get(str(row.key[-1]), []) for row in rows]


@report(
    "stock_closing",
    title=_("Closing stock"),
    columns=(
        Column("StockCode", _("SKU")),
        Column("closing", _("closing quantity"), "integer"),
    ),
    policy=_READ,
    key=("StockCode",),
    drill={"closing": _moves_until},
    causes=_causes,
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
    drill={"lines": _moves_of_month, "units": _moves_of_month},
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
    data=DataClass.COST,
    policy=_READ,
    key=("warehouse", "sku"),
    drill={
        "opening": _moves_before,
        "opening_value": _moves_before,
        "quantity_in": _moves,
        "value_in": _moves,
        "quantity_out": _moves,
        "value_out": _moves,
        "closing": _moves_until,
        "closing_value": _moves_until,
    },
    causes=_causes,
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
    undrilled="Its only number is the person who tried; each row is the refusal itself.",
    cadence="monthly",
    audience=[Role.OPERATIONS_DIRECTOR, Role.STORE_MANAGER],
    clauses=["SCM-2.2-04"],
    about=_("Goods that did not leave because a paper was missing."),
)
def refused_issue(query: ReportQuery) -> Rows:
    """Yield refusals of the period in the order of time."""
    return query.sql(_REFUSED, _window(query))


@report(
    "receipt_discrepancy",
    title=_("Receipt discrepancies"),
    columns=(
        Column("at", _("moment"), "datetime"),
        Column("warehouse", _("warehouse")),
        Column("receipt", _("receipt")),
        Column("report", _("discrepancy report")),
        Column("supplier", _("supplier")),
        Column("sku", _("SKU")),
        Column("noted", _("on the note"), "integer"),
        Column("counted", _("counted"), "integer"),
        Column("good", _("good"), "integer"),
        Column("mismatch", _("difference")),
        Column("finding", _("finding")),
        Column("choice", _("choice of the keeper")),
        Column("treatment", _("proposed treatment")),
        Column("value", _("value"), "money"),
        Column("state", _("state")),
        Column("decided_at", _("decided at"), "datetime"),
    ),
    data=DataClass.COST,
    policy=_READ,
    scopes=("warehouse",),
    drill=dict.fromkeys(("receipt", "noted", "counted", "good", "value"), _receipt),
    cadence="monthly",
    audience=[Role.OPERATIONS_DIRECTOR, Role.STORE_MANAGER],
    clauses=["HR-1.2-06", "HR-1.2-08", "SCM-2.2-02", "SCM-2.2-03"],
    about=_("Goods that differed from their note, what was proposed and decided."),
)
def receipt_discrepancy(query: ReportQuery) -> Rows:
    """Yield the reported lines of the period in the order of time."""
    return query.sql(_DISCREPANCIES, _window(query))


@report(
    "stock_count_variance",
    title=_("Differences of stock counts"),
    columns=(
        Column("count", _("stock count")),
        Column("warehouse", _("warehouse")),
        Column("kind", _("kind")),
        Column("state", _("state")),
        Column("closed_at", _("counting closed at"), "datetime"),
        Column("location", _("location")),
        Column("sku", _("SKU")),
        Column("lot", _("lot")),
        Column("book", _("book"), "integer"),
        Column("expected", _("book when counted"), "integer"),
        Column("counted", _("first count"), "integer"),
        Column("recounted", _("recount"), "integer"),
        Column("variance", _("variance"), "integer"),
        Column("value", _("value"), "money"),
        Column("cause", _("cause")),
        Column("responsible", _("responsible")),
        Column("treatment", _("treatment")),
        Column("note", _("note")),
        Column("approval", _("approval")),
        Column("posted_on", _("posted on"), "date"),
    ),
    data=DataClass.COST,
    policy=_READ,
    scopes=("warehouse",),
    drill=dict.fromkeys(
        ("count", "book", "expected", "counted", "recounted", "variance", "value"), _count
    ),
    cadence="quarterly",
    audience=[Role.OPERATIONS_DIRECTOR, Role.STORE_MANAGER],
    clauses=["HR-1.2-08", "SCM-2.3-05", "SCM-2.3-06", "SCM-2.3-07"],
    about=_("Every difference with its cause, who answers for it and what was approved."),
)
def stock_count_variance(query: ReportQuery) -> Rows:
    """Yield the differences of counts closed in the period."""
    return query.sql(_VARIANCES, _window(query))


@report(
    "supplier_evaluation",
    title=_("Supplier evaluation"),
    columns=(
        Column("supplier", _("supplier")),
        Column("score", _("score"), "decimal"),
        Column("grade", _("grade")),
        Column("before", _("score before"), "decimal"),
        Column("trend", _("change"), "decimal"),
        Column("state", _("state")),
        Column("decision", _("decision")),
    ),
    policy=_READ,
    key=("supplier",),
    period_kinds={"quarter"},
    cadence="quarterly",
    formats={"xlsx", "pdf"},
    audience=(Role.OPERATIONS_MANAGER, Role.PURCHASING_OFFICER),
    clauses=["SCM-2.1-03"],
    about=_("Score and grade of every supplier that delivered, against its quarter before."),
    undrilled="A score is its supplier's card, which shows every criterion with its evidence.",
)
def supplier_evaluation(query: ReportQuery) -> Rows:
    """Yield supplier, score, grade, score before, change, state and what was decided."""
    return _scored(query)


def _scored(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    found = scorecards.results(
        key="supplier_evaluation", period=query.period.text, actor=query.actor
    )
    for card, former in found:
        before = former.score if former else None
        moved = None if card.score is None or before is None else card.score - before
        state = str(CardState(card.state).label)
        yield (card.subject_name, card.score, card.grade, before, moved, state, card.comment)


_EQUIPMENT_COLUMNS = (
    Column("warehouse", _("Warehouse")),
    Column("code", _("Code")),
    Column("kind", _("Kind")),
    Column("place", _("Place")),
    Column("inspected_on", _("Last inspection"), "date"),
    Column("next_inspection_on", _("Next inspection"), "date"),
    Column("overdue", _("Overdue")),
)


@report(
    "warehouse_safety",
    title=_("Warehouse checks and safety"),
    columns=_EQUIPMENT_COLUMNS,
    policy=_READ,
    scopes=("warehouse",),
    cadence="weekly",
    audience=(Role.STORE_MANAGER, Role.OPERATIONS_DIRECTOR),
    clauses=["SCM-2.2-09", "SCM-2.2-10", "SCM-2.2-15"],
    about=_("Opening and closing checks, inspections, what was found, and safety equipment."),
)
def warehouse_safety(query: ReportQuery) -> Rows:
    """Yield the sheets opened in the period, the cases they raised, and the equipment."""
    named = reporting.parameters(_CHECKS, **_window(query), at=query.at)
    checks = reporting.check_rows(query.sql(reporting.CHECKS_SQL, named), places=places.names())
    cases = reporting.case_rows(query.sql(reporting.CASES_SQL, named))
    equipment = (
        (house, code, str(EquipmentKind(kind).label), *days, now("Yes") if late else "")
        for house, code, kind, *days, late in query.sql(_EQUIPMENT, named)
    )
    return Sections(
        [
            Section("checks", _("Checks"), reporting.CHECKS, checks),
            Section("cases", _("Cases"), reporting.CASES, cases),
            Section("equipment", _("Safety equipment"), _EQUIPMENT_COLUMNS, equipment),
        ]
    )
