"""The figures of a price change as tables, charts and sentences, for draft and decision."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

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
    Column("margin_old", _("Margin now"), "pct", value=_share("margin_old")),
    Column("margin_new", _("Margin then"), "pct", value=_share("margin_new")),
    Column("floor", _("Floor"), "money"),
    Column("rival", _("Rival"), "money"),
    Column("cover_days", _("Days of cover"), "number"),
)


def table(lines: Sequence[LineFigures]) -> Lines:
    """Return old and new side by side, the deepest cut first."""
    return Lines(_("Old and new"), COLUMNS, lines)


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
