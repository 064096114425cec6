"""A replay as facts, tables, charts and one sentence, for draft, record and decision.

Everything is read from the kept report, so that all who look at it see the same figures. Names of
figures say their class: what carries "margin" is gone for whoever may not read costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import ports
from catalog.choices.impact import ImpactKind
from catalog.choices.prices import PriceChangeState
from catalog.choices.promotions import PromotionState
from catalog.selectors import impact
from catalog.types.impact import ReportInfo
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.screens import Chart, Column, Fact, FactGroup, Lines, Series, word_figures
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass, may_read

MOST_IN_CHART: Final = 12
HUNDRED: Final = Decimal(100)
ASSUMES = _(
    "A replay assumes that customers buy exactly what they bought: no demand is added or lost. It"
    " leaves returns out and takes the costs of now. What really comes stands beside it later."
)
COUPONS_USED = _("Everybody who could use the coupon is taken to have used it.")
NOT_CAPPED = _(
    "Limits over many orders (uses, pieces, budget) are not applied: the budget share says when"
    " they would be reached."
)

word_figures(
    {
        "replay_window_days": (_("Days replayed"), "number"),
        "replay_orders": (_("Real orders replayed"), "number"),
        "replay_customers": (_("Customers touched"), "number"),
        "replay_revenue_percent": (_("Revenue in the replay (%)"), "number"),
        "replay_margin_percent": (_("Margin in the replay (%)"), "number"),
        "replay_margin_change": (_("Margin change in the replay"), "money"),
        "replay_margin_even_percent": (_("Break-even needs more pieces (%)"), "number"),
        "replay_lines_below_floor": (_("Order lines under the floor"), "number"),
        "replay_at_risk": (_("Given up while it runs"), "money"),
        "replay_conflicts": (_("Conflicts"), "number"),
    }
)


def facts(report: ReportInfo, *, actor: Actor) -> FactGroup:
    """Return the figures of a forecast; each leads to the rows behind it."""
    found = report.figures
    said = [
        Fact(title=_("In one sentence"), value=sentence(report, actor=actor), is_wide=True),
        Fact(title=_("Days replayed"), value=_days(report.first, report.last)),
        Fact(title=_("Orders touched"), value=_count(found, "orders_moved"), href="#impact-orders"),
        Fact(title=_("Customers touched"), value=_count(found, "customers"), href="#impact-orders"),
        Fact(title=_("Pieces"), value=_count(found, "units"), href="#impact-skus"),
        _money(_("Revenue without it"), found, "revenue_before", "#impact-skus"),
        _money(_("Revenue with it"), found, "revenue_after", "#impact-skus"),
        _money(_("Really paid then"), found, "paid", "#impact-skus"),
        _money(_("Margin without it"), found, "margin_before", "#impact-skus", DataClass.COST),
        _money(_("Margin with it"), found, "margin_after", "#impact-skus", DataClass.COST),
        Fact(
            title=_("Break-even"),
            value=_even(found),
            data=DataClass.COST,
        ),
        Fact(
            title=_("Order lines under the floor"),
            value=gettext("%(count)s, new: %(new)s")
            % {"count": found["lines_below_floor"], "new": found["lines_newly_below_floor"]},
            href="#impact-skus",
        ),
        Fact(title=_("Shortest cover (days)"), value=found["lowest_cover"], href="#impact-skus"),
        Fact(title=_("SKUs that may sell out"), value=found["short_of_stock"], href="#impact-skus"),
        _money(_("Given up while it runs"), found, "at_risk", "#impact-skus"),
        Fact(title=_("Overlaps"), value=_count(found, "overlaps"), href="#impact-beside"),
    ]
    if found.get("budget"):
        said.append(_money(_("Budget"), found, "budget", ""))
        said.append(Fact(title=_("Share of the budget (%)"), value=found["budget_percent"]))
    if found.get("lowest_together"):
        said.append(_money(_("Lowest with all offers"), found, "lowest_together", "#impact-beside"))
    said += _worst(report, actor=actor)
    if found["lines_uncosted"]:
        said.append(Fact(title=_("Lines without known cost"), value=found["lines_uncosted"]))
    said.append(Fact(title=_("What it assumes"), value=assumptions(report), is_wide=True))
    return FactGroup(title=_("Impact on real orders"), facts=tuple(said))


def sentence(report: ReportInfo, *, actor: Actor | None = None) -> str:
    """Say the replay in one sentence; without margins to whoever may not read costs."""
    found = report.figures
    if not found["orders"]:
        return gettext("No real order of the last %(days)s days has these goods.") % {
            "days": found["window_days"]
        }
    said = gettext(
        "%(orders)s real orders of the last %(days)s days replayed: revenue %(revenue)s"
    ) % {
        "orders": f"{found['orders']:,}",
        "days": found["window_days"],
        "revenue": _signed(found["revenue_percent"]),
    }
    if may_read(DataClass.COST, actor) and found["margin_percent"] is not None:
        said += gettext(", margin %(percent)s (%(change)s)") % {
            "percent": _signed(found["margin_percent"]),
            "change": _with_sign(found["margin_change"]),
        }
        if found["margin_is_lost"]:
            said += gettext(", no quantity breaks even")
        elif found["margin_even_percent"] is not None and found["margin_even_units"]:
            said += gettext(", break-even needs %(more)s more pieces") % {
                "more": _signed(found["margin_even_percent"])
            }
    return gettext("%(sentence)s.") % {"sentence": said}


def assumptions(report: ReportInfo) -> str:
    """Say what the replay takes for granted."""
    words: list[Any] = [ASSUMES]
    found = report.figures
    if report.subject_type == "catalog.promotion":
        words.append(NOT_CAPPED)
    if found.get("takes_coupon"):
        words.append(COUPONS_USED)
    if found.get("sampled"):
        words.append(
            _(
                "So many different baskets that a fixed part of them stands for all: %(part)s of"
                " %(all)s orders. Amounts are of that part; what is given up is brought to all."
            )
            % {"part": f"{found['orders']:,}", "all": f"{found['sampled']:,}"}
        )
    return " ".join(str(one) for one in words)


def behind(request: RequestInfo) -> Sequence[Lines]:
    """Return the rows behind the forecast a request carries; none when nothing was replayed."""
    kept = impact.of_approval(approval_id=request.id, kind=ImpactKind.FORECAST)
    return () if kept is None else tables(kept)


def tables(report: ReportInfo) -> list[Lines]:
    """Return the rows behind the figures: goods, baskets, what else is live on them."""
    rows = report.rows
    links = ports.order_links(
        numbers={row["number"] for key in _BASKETS for row in rows.get(key, ())}
    )
    baskets = [
        Column(
            "number",
            _("Order number"),
            "code",
            name=True,
            href=lambda row: links.get(row["number"], ""),
        ),
        *_BASKET,
    ]
    return [
        Lines(
            _("Impact by SKU"), _SKUS, rows["skus"], anchor="impact-skus",
            note=_note(report), empty=_("No real order has these goods."),
        ),
        Lines(
            _("Baskets that lose most"), baskets, rows["deepest"], anchor="impact-orders",
            empty=_("No real order has these goods."),
        ),
        Lines(
            _("Also live on these goods"), _BESIDE, rows["beside"], anchor="impact-beside",
            empty=_("Nothing else is planned on these goods in this time."),
        ),
    ]  # fmt: skip


def outcome_table(outcome: ReportInfo, *, actor: Actor) -> Lines:
    """Return forecast against outcome, one figure a row."""
    compared = outcome.figures.get("compared", {})
    sees = may_read(DataClass.COST, actor)
    rows = [
        {"title": title, **compared[key]}
        for key, title in _COMPARED
        if key in compared and (sees or key != "margin")
    ]
    return Lines(
        _("Forecast and outcome"), _OUTCOME, rows, anchor="impact-outcome",
        note=gettext("Measured from %(first)s to %(last)s; the forecast is brought to %(days)s"
                     " days.")
        % {"first": outcome.first, "last": outcome.last, "days": outcome.window_days},
    )  # fmt: skip


def charts(report: ReportInfo) -> tuple[Chart, ...]:
    """Return revenue without and with, and the days of cover, of the most moved SKUs."""
    rows = report.rows["skus"][:MOST_IN_CHART]
    if not rows:
        return ()
    links = [reverse("catalog:sku", args=[row["sku_id"]]) for row in rows]
    shown = [
        Chart(
            key="replayed_revenue",
            title=_("Revenue without and with it, by SKU"),
            kind="bar",
            categories=[row["code"] for row in rows],
            series=(
                Series(_("Without it"), [Decimal(row["revenue_before"]) for row in rows],
                       is_muted=True),
                Series(_("With it"), [Decimal(row["revenue_after"]) for row in rows]),
            ),
            value_kind="money",
            hrefs=links,
            finding=gettext("Most moved: %(code)s.") % {"code": rows[0]["code"]},
        )
    ]  # fmt: skip
    if covered := [row for row in rows if row["cover_days"] is not None]:
        covered.sort(key=lambda row: Decimal(row["cover_days"]))
        shown.append(
            Chart(
                key="replayed_cover",
                title=_("Days of cover, by SKU"),
                kind="bar",
                categories=[row["code"] for row in covered],
                series=(Series(_("Days of cover"), [Decimal(r["cover_days"]) for r in covered]),),
                hrefs=[reverse("catalog:sku", args=[row["sku_id"]]) for row in covered],
                finding=gettext("Shortest: %(code)s, %(days)s days.")
                % {"code": covered[0]["code"], "days": covered[0]["cover_days"]},
            )
        )
    return tuple(shown)


def policy_words(report: ReportInfo) -> list[str | Promise]:
    """Return what the decision page says of a replay: its sentence, and what it assumes."""
    return [sentence(report), assumptions(report)]


_BASKETS: Final = ("deepest", "margin_thinnest")
_COMPARED: Final = (
    ("units", _("Pieces")),
    ("orders", _("Orders")),
    ("revenue", _("Revenue")),
    ("margin", _("Margin")),
)


def _decimal(key: str) -> Any:
    def read(row: Mapping[str, Any]) -> Decimal | None:
        return None if row.get(key) is None else Decimal(str(row[key]))

    return read


def _percent_of(key: str) -> Any:
    def read(row: Mapping[str, Any]) -> Decimal | None:
        return None if row.get(key) is None else Decimal(str(row[key])) / HUNDRED

    return read


def _warn(row: Mapping[str, Any]) -> str:
    return gettext("below the floor") if row["below_floor"] else ""


def _amount(key: str, title: Any) -> Column:
    return Column(key, title, "money", value=_decimal(key))


_AMOUNTS: Final = (
    _amount("revenue_before", _("Revenue without it")),
    _amount("revenue_after", _("Revenue with it")),
    _amount("margin_before", _("Margin without it")),
    _amount("margin_after", _("Margin with it")),
)
_SKUS: Final = (
    Column(
        "code", _("SKU"), "code", name=True, sub=_warn,
        href=lambda row: reverse("catalog:sku", args=[row["sku_id"]]),
    ),
    Column("name", _("Goods name")),
    Column("orders", _("Orders"), "number"),
    Column("units", _("Pieces"), "number"),
    *_AMOUNTS,
    Column("below_floor", _("Lines under the floor"), "number"),
    Column("cover_days", _("Days of cover"), "number", value=_decimal("cover_days")),
)  # fmt: skip
_BASKET: Final = (Column("units", _("Pieces"), "number"), *_AMOUNTS)


def _beside_href(row: Mapping[str, Any]) -> str:
    name = "catalog:promotion" if row["kind"] == "promotion" else "catalog:price_change"
    return reverse(name, args=[row["id"]])


def _beside_state(row: Mapping[str, Any]) -> Any:
    states = PromotionState if row["kind"] == "promotion" else PriceChangeState
    return states(row["state"])


_BESIDE: Final = (
    Column("number", _("Number"), "code", name=True, href=_beside_href),
    Column("title", _("Title")),
    Column("skus", _("SKUs"), "number"),
    Column("lowest", _("Lowest with all offers"), "money", value=_decimal("lowest")),
    Column(
        "is_conflict", _("Together"),
        value=lambda row: _("conflict") if row["is_conflict"] else _("combine"),
    ),
    Column("state", _("State"), "badge", value=_beside_state),
)  # fmt: skip
_OUTCOME: Final = (
    Column("title", _("Figure"), name=True),
    Column("forecast", _("Forecast"), "number", value=_decimal("forecast")),
    Column("outcome", _("Outcome"), "number", value=_decimal("outcome")),
    Column("percent", _("Differs by"), "pct", value=_percent_of("percent")),
)


def _note(report: ReportInfo) -> str:
    count = report.figures["skus"]
    if count <= len(report.rows["skus"]):
        return ""
    return gettext("The %(most)s most moved of %(count)s SKUs; the figures are over all.") % {
        "most": len(report.rows["skus"]),
        "count": f"{count:,}",
    }


def _worst(report: ReportInfo, *, actor: Actor) -> list[Fact]:
    found: list[Fact] = []
    named: Sequence[tuple[str, Any, DataClass]] = (
        ("deepest", _("Basket that loses most"), DataClass.INTERNAL),
        ("margin_thinnest", _("Basket that earns least"), DataClass.COST),
    )
    for key, title, data in named:
        rows = report.rows.get(key) or ()
        if rows and may_read(data, actor):
            first = rows[0]
            lost = Decimal(first["revenue_after"]) - Decimal(first["revenue_before"])
            worth = lost if data is DataClass.INTERNAL else Decimal(first["margin_after"])
            links = ports.order_links(numbers=[first["number"]])
            found.append(
                Fact(
                    title=title,
                    value=f"{first['number']} ({_with_sign(worth)})",
                    kind="code",
                    href=links.get(first["number"], ""),
                    data=data,
                )
            )
    return found


def _money(
    title: Any,
    found: Mapping[str, Any],
    key: str,
    href: str,
    data: DataClass = DataClass.INTERNAL,
) -> Fact:
    value = None if found.get(key) is None else Decimal(str(found[key]))
    return Fact(title=title, value=value, kind="money", href=href, data=data)


def _even(found: Mapping[str, Any]) -> str:
    if found["margin_is_lost"]:
        return gettext("no quantity makes up for it")
    if found["margin_even_units"] is None:
        return ""
    return gettext("%(count)s more pieces (%(percent)s)") % {
        "count": f"{found['margin_even_units']:,}",
        "percent": _signed(found["margin_even_percent"]),
    }


def _count(found: Mapping[str, Any], key: str) -> str:
    return f"{int(found[key]):,}"


def _days(first: date, last: date) -> str:
    return f"{first} – {last}"


def _signed(percent: Any) -> str:
    return "—" if percent is None else f"{_with_sign(percent, '')}%"


def _with_sign(value: Any, form: str = ",.2f") -> str:
    """Return a number with its sign, minus as printed."""
    return f"{Decimal(str(value)):+{form}}".replace("-", "−")
