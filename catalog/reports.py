"""Reports of the catalogue: what the price patrol found, what nobody found by searching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.patrol import (
    CaseState,
    OutlierKind,
    OutlierState,
    Severity,
    ViolationKind,
)
from catalog.choices.search import MissDecision
from catalog.selectors import product_files
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import daily, monthly, several, weekly
from ops.engines.kernel.policy import may
from ops.engines.reports.declarations import report
from ops.engines.reports.types import ReportQuery, Rows
from ops.engines.tables.writer import Column

# Violations found, seen or handled in the period, and outliers found or decided in it.
_PATROL = """
SELECT v.found_at, h.code, k.code, k.name, v.kind, v.severity, v.shown_price, v.right_price,
       v.times_seen, v.state, v.handling, v.handled_at, v.number,
       EXISTS (SELECT 1 FROM catalog_offersuspension x WHERE x.violation_id = v.id)
FROM catalog_priceviolation v
JOIN catalog_channel h ON h.id = v.channel_id
JOIN catalog_sku k ON k.id = v.sku_id
WHERE (v.found_at AT TIME ZONE 'Asia/Shanghai')::date <= %(last)s
  AND (coalesce(v.handled_at, v.last_seen_at) AT TIME ZONE 'Asia/Shanghai')::date >= %(first)s
  AND (%(scopes)s::bigint[] IS NULL OR v.channel_id = ANY (%(scopes)s::bigint[]))
UNION ALL
SELECT o.found_at, h.code, k.code, k.name, o.kind, 'outlier', o.price, o.suggested, 1,
       CASE o.state WHEN 'open' THEN 'undecided' ELSE o.state END,
       coalesce(c.number, o.reason), o.decided_at, '', false
FROM catalog_priceoutlier o
JOIN catalog_channel h ON h.id = o.channel_id
JOIN catalog_sku k ON k.id = o.sku_id
LEFT JOIN catalog_pricechange c ON c.id = o.change_id
WHERE (o.found_at AT TIME ZONE 'Asia/Shanghai')::date <= %(last)s
  AND (coalesce(o.decided_at, o.found_at) AT TIME ZONE 'Asia/Shanghai')::date >= %(first)s
  AND (%(scopes)s::bigint[] IS NULL OR o.channel_id = ANY (%(scopes)s::bigint[]))
ORDER BY 1, 2, 3, 5
"""


_KIND, _SEVERITY, _STATE = 4, 5, 9
_WORDS: dict[str, Any] = {
    **dict(ViolationKind.choices),
    **dict(OutlierKind.choices),
    **dict(Severity.choices),
    **dict(OutlierState.choices),
    **dict(CaseState.choices),
    "outlier": _("price outlier"),
    "undecided": OutlierState.OPEN.label,
}


def _rows(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a figure to the cases, or suggestions, of its SKU."""
    del query
    is_case = bool(row.get("case"))
    name = "catalog:price_violations" if is_case else "catalog:price_outliers"
    return f"{reverse(name)}?sku={row['sku']}"


@report(
    "price_patrol",
    title=_("Price patrol"),
    columns=(
        Column("found_at", _("found at"), "datetime"),
        Column("channel", _("channel")),
        Column("sku", _("SKU")),
        Column("name", _("name")),
        Column("kind", _("kind")),
        Column("severity", _("severity")),
        Column("shown", _("price shown"), "money"),
        Column("meant", _("should be"), "money"),
        Column("times", _("times seen"), "integer"),
        Column("state", _("state")),
        Column("handling", _("handling")),
        Column("handled_at", _("handled at"), "datetime"),
        Column("case", _("case")),
        Column("suspended", _("taken off sale")),
    ),
    policy=may("catalog", "E"),
    scopes=("channel",),
    drill=dict.fromkeys(("shown", "meant", "times"), _rows),
    cadence=several(daily("04:00", back=1), monthly(day=1, at="04:30", back=1)),
    audience=[Role.OPERATIONS_SUPERVISOR, Role.COMPLIANCE_OFFICER],
    clauses=["CAT-4.2-03", "CAT-4.2-06"],
    about=_("Offers that were not what was approved, prices that stand out, and what was done."),
)
def price_patrol(query: ReportQuery) -> Rows:
    """Yield the cases and suggestions of the period in the order of time."""
    ids = query.scopes.get("channel")
    found = query.sql(
        _PATROL,
        {
            "first": query.period.first,
            "last": query.period.last,
            "scopes": None if ids is None else sorted(ids),
        },
    )
    return (_worded(row) for row in found)


def _worded(row: Sequence[Any]) -> tuple[Any, ...]:
    """Put the codes of a row into words."""
    cells = list(row)
    for place in (_KIND, _SEVERITY, _STATE):
        cells[place] = str(_WORDS.get(cells[place], cells[place]))
    cells[-1] = gettext("Yes") if cells[-1] else ""
    return tuple(cells)


_MISSES = """
SELECT m.week_on, m.word, m.times, m.decision,
       coalesce(array_to_string(s.words, ' = '), m.note), m.decided_at
FROM catalog_searchmiss m LEFT JOIN catalog_searchsynonym s ON s.id = m.synonym_id
WHERE m.week_on BETWEEN %(first)s::date - 6 AND %(last)s::date
ORDER BY m.week_on, m.times DESC, m.word
"""
_DECISIONS: dict[str, Any] = dict(MissDecision.choices)


def _miss(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a figure to the word, week by week."""
    del query
    return f"{reverse('catalog:search_misses')}?{urlencode({'word': row['word']})}"


@report(
    "search_misses",
    title=_("Searches without result"),
    columns=(
        Column("week", _("week from"), "date"),
        Column("word", _("word")),
        Column("times", _("times"), "integer"),
        Column("decision", _("decision")),
        Column("done", _("what was done")),
        Column("decided_at", _("decided at"), "datetime"),
    ),
    policy=may("catalog", "E"),
    drill={"times": _miss},
    cadence=weekly(1, "06:10"),
    audience=[Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR],
    clauses=["SYS-6.2-09"],
    about=_("Words by which nobody found anything, and what was decided about each."),
)
def search_misses(query: ReportQuery) -> Rows:
    """Yield the words of the weeks of the period, the commonest first."""
    found = query.sql(_MISSES, {"first": query.period.first, "last": query.period.last})
    return ((*row[:3], str(_DECISIONS.get(row[3], row[3])), *row[4:]) for row in found)


@report(
    "products_generic",
    title=_("Products as a file, one SKU a row"),
    columns=tuple(Column(key, key) for key in product_files.GENERIC),
    policy=may("catalog", "E"),
    formats={"csv", "xlsx"},
    undrilled="Each row is the SKU itself, found under its code.",
    audience=[Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR],
    about=_("What is not retired, as it stands when the file is made; it comes back by import."),
)
def products_generic(query: ReportQuery) -> Rows:
    """Yield the SKUs that are not retired in the layout of the profile `generic_products`."""
    return query.sql(product_files.GENERIC_ROWS, {})


@report(
    "products_shopify",
    title=_("Products as a file of Shopify"),
    columns=tuple(Column(f"c{n}", title) for n, title in enumerate(product_files.SHOPIFY)),
    policy=may("catalog", "E"),
    formats={"csv"},
    undrilled="Each row is the variant itself, found under its code.",
    audience=[Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR],
    about=_("One variant a row, prices left out; it comes back by import."),
)
def products_shopify(query: ReportQuery) -> Rows:
    """Yield the SKUs that are not retired, product by product, in the layout of Shopify."""
    return query.sql(product_files.SHOPIFY_ROWS, {})
