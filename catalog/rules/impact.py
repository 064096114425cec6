"""The arithmetic of a forecast: shares, break-even, what a proposal gives up over its own time.

Pure; a forecast never assumes that customers buy more or less than they did.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any, Final

from catalog.types.impact import Replay, Totals, Window

CENT: Final = Decimal("0.01")
TENTH: Final = Decimal("0.1")
HUNDRED: Final = Decimal(100)
WINDOWS: Final = (30, 90, 180)
USUAL_WINDOW: Final = 90


def window_before(day: date, days: int) -> Window:
    """Return the whole business days before a day; the day itself is not over."""
    return Window(days=days, first=day - timedelta(days=days), last=day - timedelta(days=1))


def percent(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """Return by how many per cent (one decimal) something moves; None from nothing or unknown.

    The size of what was there counts, so a loss that grows is a fall.
    """
    if before is None or after is None or not before:
        return None
    return ((after - before) / abs(before) * HUNDRED).quantize(TENTH, rounding=ROUND_HALF_UP)


def share(part: Decimal | None, whole: Decimal) -> Decimal | None:
    """Return the per cent (one decimal) a margin is of its revenue."""
    if part is None or not whole:
        return None
    return (part / whole * HUNDRED).quantize(TENTH, rounding=ROUND_HALF_UP)


def break_even(units: int, before: Decimal | None, after: Decimal | None) -> int | None:
    """Return how many pieces more must be sold to earn the margin of before.

    None when the margin is unknown, or when no quantity makes up for it: every further piece
    earns nothing or costs money.
    """
    if before is None or after is None:
        return None
    if after >= before:
        return 0
    if after <= 0:
        return None
    return int((units * (before - after) / after).to_integral_value(rounding=ROUND_CEILING))


def run_days(starts_at: datetime, ends_at: datetime | None, window_days: int) -> Decimal:
    """Return how long the proposal runs in days; one without an end counts as the window."""
    if ends_at is None:
        return Decimal(window_days)
    return Decimal((ends_at - starts_at) / timedelta(days=1))


def over(amount: Decimal, *, days: Decimal, window_days: int) -> Decimal:
    """Return what an amount of the window comes to in so many days, to the cent."""
    return (amount * days / window_days).quantize(CENT, rounding=ROUND_HALF_UP)


def given_up(totals: Totals) -> Decimal:
    """Return the revenue given up over the window; what gains revenue gives nothing up."""
    return max(totals.revenue_before - totals.revenue_after, Decimal(0))


def figures(
    replay: Replay, *, window: Window, days: Decimal, budget: Decimal | None = None
) -> dict[str, Any]:
    """Return the figures of a report by name; `days` is how long the proposal runs.

    Names say the class of data: whoever may not read costs never sees those with "margin".
    """
    found = replay.totals
    at_risk = over(given_up(found), days=days, window_days=window.days)
    if replay.sampled and found.orders:  # a part of the baskets stands for all of them
        at_risk = (at_risk * replay.sampled / found.orders).quantize(CENT, ROUND_HALF_UP)
    more = break_even(found.units, found.margin_before, found.margin_after)
    conflicts = sum(one.is_conflict for one in replay.beside)
    lowest = min((one.lowest for one in replay.beside if one.lowest is not None), default=None)
    return {
        "window_days": window.days,
        "run_days": days.quantize(TENTH, rounding=ROUND_HALF_UP),
        "orders_all": found.orders_all,
        "orders": found.orders,
        "orders_moved": found.orders_moved,
        "customers": found.customers,
        "lines": found.lines,
        "skus": found.skus,
        "units": found.units,
        "paid": found.paid,
        "revenue_before": found.revenue_before,
        "revenue_after": found.revenue_after,
        "revenue_percent": percent(found.revenue_before, found.revenue_after),
        "given_up": given_up(found),
        "margin_before": found.margin_before,
        "margin_after": found.margin_after,
        "margin_change": _difference(found.margin_before, found.margin_after),
        "margin_percent": percent(found.margin_before, found.margin_after),
        "margin_even_units": more,
        "margin_even_percent": _of(more, found.units),
        "margin_is_lost": found.margin_after is not None and found.margin_after <= 0,
        "lines_uncosted": found.lines_uncosted,
        "lines_below_floor": found.lines_below_floor,
        "lines_newly_below_floor": found.lines_newly_below_floor,
        "lowest_cover": replay.lowest_cover,
        "short_of_stock": replay.short_of_stock,
        "at_risk": at_risk,
        "budget": budget,
        "budget_percent": None if not budget else share(at_risk, budget),
        "overlaps": len(replay.beside),
        "conflicts": conflicts,
        "lowest_together": lowest,
        "sampled": replay.sampled,
        "distinct": replay.distinct,
    }


def headline(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures a decision cites, under names of their own."""
    return {f"replay_{name}": found[name] for name in HEADLINE}


HEADLINE: Final = (
    "window_days", "orders", "customers", "revenue_percent", "margin_percent", "margin_change",
    "margin_even_percent", "lines_below_floor", "at_risk", "conflicts",
)  # fmt: skip


COMPARED: Final = ("units", "orders", "revenue", "margin")


def compared(
    forecast: Mapping[str, Any], outcome: Mapping[str, Any], *, window_days: int
) -> dict[str, dict[str, Any]]:
    """Return forecast, outcome and their distance in per cent by figure.

    The forecast is brought to as many days as were measured. What was forecast is the replay with
    the proposal; what was paid is the outcome.
    """
    rows: dict[str, dict[str, Any]] = {}
    for name in COMPARED:
        key = name if name in {"units", "orders"} else f"{name}_after"
        said, came = forecast.get(key), outcome.get(key)
        expected = None if said is None else Decimal(str(said)) * window_days
        expected = None if expected is None else (expected / int(forecast["window_days"]))
        real = None if came is None else Decimal(str(came))
        rows[name] = {
            "forecast": None if expected is None else expected.quantize(CENT, ROUND_HALF_UP),
            "outcome": real,
            "percent": percent(expected, real),
        }
    return rows


def _difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before


def _of(more: int | None, units: int) -> Decimal | None:
    if more is None or not units:
        return None
    return (Decimal(more) / units * HUNDRED).quantize(TENTH, rounding=ROUND_HALF_UP)
