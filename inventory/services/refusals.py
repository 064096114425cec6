"""What the database refused, said in words: translated once, by the name of the constraint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from inventory.errors import DayClosed, OpeningUnsigned, StockShort
from inventory.types import MoveDraft
from ops.engines.kernel.arrays import array
from ops.engines.kernel.errors import OpsError, RuleViolation

_SHORT = """
SELECT s.code, l.code, coalesce(t.code, ''), coalesce(b.on_hand, 0), u.needed
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
     AS u(place, sku, lot, needed, n)
JOIN inventory_location l ON l.id = u.place AND l.is_internal
JOIN catalog_sku s ON s.id = u.sku
LEFT JOIN inventory_lot t ON t.id = u.lot
LEFT JOIN inventory_balance b ON b.location_id = u.place AND b.sku_id = u.sku
                             AND b.lot_id IS NOT DISTINCT FROM u.lot
WHERE coalesce(b.on_hand, 0) < u.needed
ORDER BY u.n
"""


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the constraint that refused, else of the column that must be filled."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None:
        return ""
    return str(diagnosis.column_name or diagnosis.constraint_name or "")


def detail_of(error: IntegrityError) -> str:
    """Return the detail the database gave with its refusal."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return (diagnosis.message_detail or "") if diagnosis is not None else ""


def is_closed_period(error: IntegrityError) -> bool:
    """Say whether the period of the module refused."""
    return "period_closed" in str(error)


def of_posting(error: IntegrityError, moves: Sequence[MoveDraft], day: date) -> Exception:
    """Return the refusal a posting meets; an unknown constraint stays the error it was."""
    name = constraint_of(error)
    if name == "move_day_open":
        return day_closed(day)
    if is_closed_period(error):
        return period_closed(day)
    if name == "move_after_opening_check":
        return opening_unsigned(day)
    if name in _SAYINGS:
        return RuleViolation(f"inventory.{name}", str(_SAYINGS[name]()))
    if name in _TOO_LITTLE:
        return _short(moves)
    return error


def day_closed(day: date) -> DayClosed:
    """Return the refusal of a closed day (SCM-2.3-02)."""
    return DayClosed(
        "inventory.day_closed",
        _("%(day)s is closed in this warehouse; post to the current day with reference.")
        % {"day": day.isoformat()},
        day=day.isoformat(),
    )


def opening_unsigned(day: date) -> OpeningUnsigned:
    """Return the refusal of goods that move before the opening check is signed (SCM-2.2-09)."""
    return OpeningUnsigned(
        "inventory.opening_unsigned",
        _("The opening check of %(day)s is not signed yet; goods come and go after it is.")
        % {"day": day.isoformat()},
        day=day.isoformat(),
    )


def period_closed(day: date) -> DayClosed:
    """Return the refusal of a closed month (SCM-2.3-02)."""
    return DayClosed(
        "inventory.period_closed",
        _("The stock period of %(day)s is not open; post to the current day with reference.")
        % {"day": day.isoformat()},
        day=day.isoformat(),
    )


def _short(moves: Sequence[MoveDraft]) -> OpsError:
    needed: Counter[tuple[int, int, int | None]] = Counter()
    for move in moves:
        needed[move.from_location_id, move.sku_id, move.lot_id] += move.quantity
        needed[move.to_location_id, move.sku_id, move.lot_id] -= move.quantity
    keys = list(needed)
    with connection.cursor() as cursor:
        cursor.execute(
            _SHORT,
            [
                array(place for place, _sku, _lot in keys),
                array(sku for _place, sku, _lot in keys),
                array(lot for _place, _sku, lot in keys),
                array(needed[key] for key in keys),
            ],
        )
        rows = cursor.fetchall()
    if not rows:
        return RuleViolation(
            "inventory.transfer_in_same_posting",
            _("Goods that arrive by a transfer cannot leave in the same posting."),
        )
    short = [
        {"sku": sku, "location": place, "lot": lot, "available": have, "needed": need}
        for sku, place, lot, have, need in rows
    ]
    return StockShort(
        "inventory.stock_short",
        _("Not enough stock: %(list)s.")
        % {"list": "; ".join(f"{s['sku']} {s['available']} < {s['needed']}" for s in short[:20])},
        short=short,
    )


_TOO_LITTLE = frozenset(
    {
        "balance_never_negative",
        "stock_never_oversold",
        "stock_owned_covers_on_hand",
        "stock_value_sane",
        "stock_nothing_is_worth_nothing",
        "value",
    }
)
_SAYINGS = {
    "move_quantity_positive": lambda: _("A move needs a quantity of at least one."),
    "move_between_two_places": lambda: _("Goods move between two different places."),
    "move_reversed_once": lambda: _("This move was reversed before."),
    "move_late_document_is_older": lambda: _("A late document is older than the day of posting."),
    "balance_lot_of_its_sku": lambda: _("The lot belongs to another SKU."),
    "move_unit_cost_sane": lambda: _("A unit cost is a number that is not below zero."),
    "move_value_sane": lambda: _("A value is a number that is not below zero."),
}
