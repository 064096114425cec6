"""The figures of a price change as tables, charts and sentences, for draft and decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.models import ReferencePrice
from catalog.rules.prices import DEFAULT_POLICY
from catalog.types.prices import LineFigures
from ops.engines.desk.screens import Chart, Column, Lines, Series

MOST_IN_CHART = 12
HUNDRED = Decimal(100)


def _share(key: str) -> Any:
    def read(row: Any) -> Decimal | None:
        value = row.get(key) if isinstance(row, dict) else getattr(row, key)
        return None if value is None else Decimal(value) / HUNDRED

    return read


def _warn(row: LineFigures) -> str:
    if row.is_below_floor:
        return gettext("below the floor")
    return gettext("outside the band") if row.is_outside_band else ""


COLUMNS = (
    Column("code", _("SKU"), "code", name=True, sub=_warn),
    Column("name", _("Goods name")),
    Column("old", _("Now"), "money"),
    Column("new", _("Proposed"), "money"),
    Column("change_percent", _("Moves by"), "pct", value=_share("change_percent")),
    Column("window_percent", _("In the window"), "pct", value=_share("window_percent")),
    Column("margin_old", _("Margin now"), "pct", value=_share("margin_old")),
    Column("margin_new", _("Margin then"), "pct", value=_share("margin_new")),
    Column("floor", _("Floor"), "money"),
    Column("rival", _("Rival"), "money"),
    Column("struck", _("Struck out"), "money"),
    Column("cover_days", _("Days of cover"), "number"),
)


def table(lines: Sequence[LineFigures]) -> Lines:
    """Return old and new side by side, the deepest cut first."""
    is_struck = any(line.struck is not None for line in lines)
    shown = COLUMNS if is_struck else tuple(c for c in COLUMNS if c.key != "struck")
    return Lines(_("Old and new"), shown, lines)


_POLICY: tuple[tuple[str, str | Promise], ...] = (
    ("starts_on", _("In force from")),
    ("review_on", _("Review until")),
    ("target_margin", _("Target margin (%)")),
    ("floor_margin", _("Floor margin (%)")),
    ("ceiling_margin", _("Ceiling margin (%)")),
    ("band", _("Band (%)")),
    ("window_days", _("Changes count together for (days)")),
    ("above_rival", _("Above rivals at most (%)")),
    ("under_rival", _("Below rivals at most (%)")),
)


POLICY_KEYS = tuple(key for key, _title in _POLICY)
# What the form suggests before anybody set a policy.
USUAL_POLICY: Mapping[str, Any] = MappingProxyType(
    {key: value for key, value in asdict(DEFAULT_POLICY).items() if value is not None}
)


def policy_table(line: Mapping[str, Any]) -> Lines:
    """Return the figures of one version of a policy, one a row."""
    rows = [
        {"title": title, "value": _("no limit") if line[key] is None else line[key]}
        for key, title in _POLICY
    ]
    return Lines(
        _("Price policy"),
        (Column("title", _("Figure"), name=True), Column("value", _("Value"))),
        rows,
    )


def proofs(found: Sequence[ReferencePrice]) -> Lines:
    """Return the proofs of struck-out prices: the lowest deal of each window, and its order."""
    return Lines(_("Proof of struck-out prices"), _PROOFS, found)


def _order(row: ReferencePrice) -> str:
    if row.evidence:
        deal = row.evidence[0]
        return f"{deal['order']}/{deal['line']}"
    return row.file.name if row.file else ""


_PROOFS = (
    Column(
        "sku",
        _("SKU"),
        "code",
        name=True,
        value=lambda row: row.sku.code,
        href=lambda row: reverse("catalog:reference_price", args=[row.pk]),
    ),
    Column("kind", _("Rests on"), value=lambda row: row.name or row.get_kind_display()),
    Column("price", _("May be struck out at most"), "money"),
    Column("since_at", _("From"), "moment"),
    Column("until_at", _("Until"), "moment"),
    Column("deals", _("Deals"), "number"),
    Column("evidence", _("Lowest deal"), "code", value=_order),
)


def charts(lines: Sequence[LineFigures]) -> tuple[Chart, ...]:
    """Return the margin of the deepest cuts before and after."""
    shown = [line for line in lines if line.margin_new is not None][:MOST_IN_CHART]
    if not shown:
        return ()
    return (
        Chart(
            key="margins",
            title=_("Margin before and after"),
            kind="bar",
            categories=[line.code for line in shown],
            series=(
                Series(_("Now"), [line.margin_old for line in shown], is_muted=True),
                Series(_("Proposed"), [line.margin_new for line in shown]),
            ),
            unit="%",
            finding=_finding(shown),
        ),
    )


def policy_words(outside: int, below: int) -> list[tuple[str, str | Promise]]:
    """Say where the proposal lies, and why that calls whom."""
    words: list[tuple[str, str | Promise]] = []
    if outside:
        words.append(
            (
                "warning",
                ngettext(
                    "%(count)s price is outside the band: the operations manager decides too.",
                    "%(count)s prices are outside the band: the operations manager decides too.",
                    outside,
                )
                % {"count": outside},
            )
        )
    if below:
        words.append(
            (
                "warning",
                ngettext(
                    "%(count)s price is below the floor: the operations director decides last.",
                    "%(count)s prices are below the floor: the operations director decides last.",
                    below,
                )
                % {"count": below},
            )
        )
    return words


def _finding(shown: Sequence[LineFigures]) -> str:
    lowest = min(shown, key=lambda line: line.margin_new or Decimal(0))
    return gettext("Lowest margin: %(code)s with %(margin)s %%.") % {
        "code": lowest.code,
        "margin": lowest.margin_new,
    }
