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
from catalog.choices.ranges import Ground, Verdict
from catalog.choices.search import MissDecision
from catalog.rules.listing import filing
from catalog.selectors import channels, listing_files, product_files, ranges
from ops.engines.identity.choices import Role
from ops.engines.jobs.cadences import daily, monthly, several, weekly
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.policy import may
from ops.engines.reports.declarations import report
from ops.engines.reports.types import ReportQuery, Rows, Section, Sections
from ops.engines.tables.writer import Column

# Violations found, seen or handled in the period, and outliers found or decided in it.
_PATROL = """
SELECT v.found_at, h.code, k.code, k.name, v.kind, v.severity, v.shown_price, v.right_price,
       v.times_seen, v.state, v.handling, v.handled_at, v.number,
       EXISTS (SELECT 1 FROM catalog_offersuspension x WHERE x.violation_id = v.id),
       (SELECT y.points FROM catalog_pricepenalty y
        WHERE y.violation_id = v.id AND y.revoked_at IS NULL)
FROM catalog_priceviolation v
JOIN catalog_channel h ON h.id = v.channel_id
JOIN catalog_sku k ON k.id = v.sku_id
WHERE (v.found_at AT TIME ZONE 'Asia/Shanghai')::date <= %(last)s
  AND (coalesce(v.handled_at, v.last_seen_at) AT TIME ZONE 'Asia/Shanghai')::date >= %(first)s
  AND (%(scopes)s::bigint[] IS NULL OR v.channel_id = ANY (%(scopes)s::bigint[]))
UNION ALL
SELECT o.found_at, h.code, k.code, k.name, o.kind, 'outlier', o.price, o.suggested, 1,
       CASE o.state WHEN 'open' THEN 'undecided' ELSE o.state END,
       coalesce(c.number, o.reason), o.decided_at, '', false, NULL
FROM catalog_priceoutlier o
JOIN catalog_channel h ON h.id = o.channel_id
JOIN catalog_sku k ON k.id = o.sku_id
LEFT JOIN catalog_pricechange c ON c.id = o.change_id
WHERE (o.found_at AT TIME ZONE 'Asia/Shanghai')::date <= %(last)s
  AND (coalesce(o.decided_at, o.found_at) AT TIME ZONE 'Asia/Shanghai')::date >= %(first)s
  AND (%(scopes)s::bigint[] IS NULL OR o.channel_id = ANY (%(scopes)s::bigint[]))
ORDER BY 1, 2, 3, 5
"""


_KIND, _SEVERITY, _STATE, _OFF_SALE = 4, 5, 9, 13
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
        Column("points", _("penalty points"), "integer"),
    ),
    policy=may("catalog", "E"),
    scopes=("channel",),
    drill=dict.fromkeys(("shown", "meant", "times", "points"), _rows),
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
    cells[_OFF_SALE] = gettext("Yes") if cells[_OFF_SALE] else ""
    return tuple(cells)


# What stands on a shelf now, and what was decided about versions in the period; the first hand-in
# after an approval that was approved itself passed at first.
_QUALITY = """
WITH shelf AS (
    SELECT l.id, l.channel_id, l.percent, coalesce(l.verified_at, l.opened_at) AS verified_at
    FROM catalog_listing l
    WHERE EXISTS (SELECT FROM catalog_listingshelf f
                  WHERE f.listing_id = l.id AND f.during @> %(at)s::timestamptz)
), standing AS (
    SELECT channel_id, count(*) AS listings, count(*) FILTER (WHERE percent = 100) AS complete,
           round(avg(percent), 1) AS average,
           count(*) FILTER (WHERE verified_at > %(at)s::timestamptz - interval '90 days') AS fresh
    FROM shelf GROUP BY channel_id
), tasks AS (
    SELECT l.channel_id, count(*) AS open FROM catalog_listingtask t
    JOIN catalog_listing l ON l.id = t.listing_id WHERE t.done_at IS NULL GROUP BY 1
), decided AS (
    SELECT (r.scope_ids ->> 'channel')::bigint AS channel_id, r.state, r.closed_at,
           lag(r.state) OVER (PARTITION BY r.subject_id ORDER BY r.closed_at, r.id) AS before
    FROM approvals_request r
    WHERE r.flow = 'listing' AND r.kind = 'ordinary' AND r.state IN ('approved', 'returned')
), work AS (
    SELECT channel_id, count(*) FILTER (WHERE state = 'approved') AS approved,
           count(*) FILTER (WHERE state = 'returned') AS returned,
           count(*) FILTER (WHERE before IS DISTINCT FROM 'returned') AS firsts,
           count(*) FILTER (WHERE state = 'approved' AND before IS DISTINCT FROM 'returned')
               AS passed
    FROM decided
    WHERE (closed_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %(first)s AND %(last)s
    GROUP BY channel_id
)
SELECT h.code, coalesce(s.listings, 0), coalesce(s.complete, 0), s.average, coalesce(s.fresh, 0),
       coalesce(t.open, 0), coalesce(w.approved, 0), coalesce(w.returned, 0),
       round(100.0 * w.passed / nullif(w.firsts, 0), 1)
FROM catalog_channel h
LEFT JOIN standing s ON s.channel_id = h.id
LEFT JOIN tasks t ON t.channel_id = h.id
LEFT JOIN work w ON w.channel_id = h.id
WHERE (%(scopes)s::bigint[] IS NULL OR h.id = ANY (%(scopes)s::bigint[]))
ORDER BY h.code
"""
_RETURNS = """
SELECT d.opinion, count(*) FROM approvals_decision d
JOIN approvals_request r ON r.id = d.request_id
WHERE r.flow = 'listing' AND d.verdict = 'return'
  AND (d.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %(first)s AND %(last)s
  AND (%(scopes)s::bigint[] IS NULL
       OR (r.scope_ids ->> 'channel')::bigint = ANY (%(scopes)s::bigint[]))
GROUP BY d.opinion ORDER BY 2 DESC, 1
"""
_QUALITY_COLUMNS = (
    Column("channel", _("channel")),
    Column("listings", _("on the shelf"), "integer"),
    Column("complete", _("complete"), "integer"),
    Column("average", _("average percent"), "decimal"),
    Column("fresh", _("verified in 90 days"), "integer"),
    Column("tasks", _("open tasks"), "integer"),
    Column("approved", _("versions approved"), "integer"),
    Column("returned", _("versions returned"), "integer"),
    Column("first_pass", _("first-pass rate %"), "decimal"),
)
_RETURN_COLUMNS = (Column("reason", _("reason")), Column("returns", _("returns"), "integer"))


def _listings_of(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a figure of a channel to its listings."""
    del query
    found = channels.ids_of([str(row["channel"])])
    return f"{reverse('catalog:listings')}?channel={found[0] if found else ''}"


def _tasks_of(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from the open tasks of a channel to them."""
    del query
    found = channels.ids_of([str(row["channel"])])
    return f"{reverse('catalog:listing_tasks')}?channel={found[0] if found else ''}"


@report(
    "listing_quality",
    title=_("Listing quality"),
    columns=_QUALITY_COLUMNS,
    policy=may("catalog", "E"),
    scopes=("channel",),
    drill={
        **dict.fromkeys(
            ("listings", "complete", "average", "fresh", "approved", "returned", "first_pass"),
            _listings_of,
        ),
        "tasks": _tasks_of,
    },
    cadence="weekly",
    formats={"xlsx", "csv", "json"},
    audience=[Role.WEB_EDITING_SUPERVISOR],
    clauses=["CAT-4.3-01", "CAT-4.3-07", "CAT-4.3-09"],
    about=_("How complete and fresh listings are, how many pass at first, why others return."),
)
def listing_quality(query: ReportQuery) -> Rows:
    """Yield the channels with their listings and versions, then the returns by reason."""
    ids = query.scopes.get("channel")
    values = {
        "first": query.period.first,
        "last": query.period.last,
        "at": query.at,
        "scopes": None if ids is None else sorted(ids),
    }
    return Sections(
        [
            Section("channels", _("Channels"), _QUALITY_COLUMNS, query.sql(_QUALITY, values)),
            Section(
                "returns", _("Returns by reason"), _RETURN_COLUMNS, query.sql(_RETURNS, values)
            ),
        ]
    )


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
        Column("word", _("search word")),
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


# The months of the period: every SKU with its figures, its place, the proposal and the decision.
_STRUCTURE = """
SELECT to_char(v.month, 'YYYY-MM'), c.name, k.code, k.name, r.rank, r.score, r.pieces, r.revenue,
       r.margin, r.margin_percent, r.stock, r.turns, r.returned, r.return_rate, r.proposal,
       ARRAY(SELECT jsonb_array_elements_text(r.grounds)), r.decision, r.note, r.decided_at
FROM catalog_rangereviewrow r
JOIN catalog_rangereview v ON v.id = r.review_id
JOIN catalog_sku k ON k.id = r.sku_id
JOIN catalog_product p ON p.id = k.product_id
JOIN catalog_category c ON c.id = p.category_id
WHERE v.month BETWEEN %(first)s AND %(last)s
  AND (%(scopes)s::bigint[] IS NULL OR p.category_id = ANY (%(scopes)s::bigint[]))
ORDER BY v.month, r.rank
"""
_VERDICTS: dict[str, Any] = dict(Verdict.choices)
_GROUNDS: dict[str, Any] = dict(Ground.choices)


def _reviewed(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a figure of a SKU to its row in the review, with sales, stock and returns."""
    del query
    found = ranges.row_of(month=str(row["month"]), code=str(row["sku"]))
    return reverse("catalog:range_row", args=[found]) if found else reverse("catalog:range_reviews")


@report(
    "product_structure",
    title=_("Range review"),
    columns=(
        Column("month", _("month")),
        Column("category", _("category")),
        Column("sku", _("SKU")),
        Column("name", _("name")),
        Column("rank", _("rank"), "integer"),
        Column("score", _("score"), "decimal"),
        Column("pieces", _("pieces sold"), "integer"),
        Column("revenue", _("revenue"), "money"),
        Column("margin", _("margin"), "money"),
        Column("margin_percent", _("margin (%)"), "decimal"),
        Column("stock", _("stock at the end"), "integer"),
        Column("turns", _("turnovers a year"), "decimal"),
        Column("returned", _("pieces returned"), "integer"),
        Column("return_rate", _("return rate (%)"), "decimal"),
        Column("proposal", _("verdict proposed")),
        Column("grounds", _("grounds")),
        Column("decision", _("decision")),
        Column("note", _("note")),
        Column("decided_at", _("decided at"), "datetime"),
    ),
    policy=may("catalog", "E"),
    data=DataClass.COST,
    scopes=("category",),
    drill=dict.fromkeys(
        (
            "rank", "score", "pieces", "revenue", "margin", "margin_percent", "stock", "turns",
            "returned", "return_rate",
        ),
        _reviewed,
    ),
    cadence=monthly(day=3, at="05:40", back=1),
    formats={"xlsx"},
    audience=[Role.OPERATIONS_SUPERVISOR],
    clauses=["CAT-4.1-05"],
    about=_("Every SKU by margin, turnover and returns: what was proposed and what was decided."),
)  # fmt: skip
def product_structure(query: ReportQuery) -> Rows:
    """Yield the SKUs of the reviewed months by rank."""
    ids = query.scopes.get("category")
    found = query.sql(
        _STRUCTURE,
        {
            "first": query.period.first,
            "last": query.period.last,
            "scopes": None if ids is None else sorted(ids),
        },
    )
    return (_judged(row) for row in found)


def _judged(row: Sequence[Any]) -> tuple[Any, ...]:
    """Put proposal, grounds and decision of a row into words."""
    cells = list(row)
    cells[14] = str(_VERDICTS[cells[14]])
    cells[15] = "、".join(str(_GROUNDS[one]) for one in cells[15])
    cells[16] = str(_VERDICTS.get(cells[16], ""))
    return tuple(cells)


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


@report(
    "listings_generic",
    title=_("Listing texts as a file, one listing a row"),
    columns=tuple(Column(key, key) for key in filing.COLUMNS),
    policy=may("catalog", "E"),
    scopes=("channel",),
    formats={"csv", "xlsx"},
    undrilled="Each row is the listing itself, found under its product's code.",
    audience=[Role.OPERATIONS_SUPERVISOR, Role.WEB_EDITING_SUPERVISOR],
    about=_(
        "What an edit would begin with: the draft, else what is live; it comes back by import."
    ),
)
def listings_generic(query: ReportQuery) -> Rows:
    """Yield the texts of listings that are not retired, in the layout of `generic_listings`."""
    ids = query.scopes.get("channel")
    scopes = None if ids is None else sorted(ids)
    return query.sql(listing_files.ROWS, {"at": query.at, "scopes": scopes})
