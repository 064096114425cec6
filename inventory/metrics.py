"""The metric dictionary of purchasing: what suppliers deliver, by supplier and day (SCM-2.1-03)."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from inventory.selectors import supplied
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may
from ops.engines.metrics.choices import Direction, MetricKind
from ops.engines.metrics.definitions import Text, define
from ops.engines.metrics.members import name_members
from ops.engines.metrics.types import Query

_VIEW = may("inventory", "V")
_ROWS = "/inventory/suppliers/{member}/"
_CLAUSES = ("SCM-2.1-03",)

SUPPLIER_METRICS: Final = (
    "supplier_on_time",
    "supplier_quantity_right",
    "supplier_quality_pass",
    "supplier_refused_receipts",
    "supplier_price_stable",
)

name_members("supplier", _("supplier"), supplied.names)


def _rate(
    key: str, title: Text, formula: Text, parts: tuple[Text, Text], sql: str, *, good: Direction
) -> None:
    define(
        key,
        title,
        _("share"),
        Role.PURCHASING_OFFICER,
        formula,
        policy=_VIEW,
        kind=MetricKind.RATIO,
        parts=parts,
        dimensions=("supplier",),
        direction=good,
        query=Query(sql),
        drill=_ROWS,
        places=6,
        clauses=_CLAUSES,
    )


_rate(
    "supplier_on_time",
    _("Deliveries on time"),
    _("Receipts opened on or before the expected day of their order, of those with such a day."),
    (_("Receipts on time"), _("Receipts with an expected day")),
    supplied.ON_TIME,
    good=Direction.UP,
)
_rate(
    "supplier_quantity_right",
    _("Quantity as on the note"),
    _("Receipt lines counted as noted, of all counted lines."),
    (_("Lines as noted"), _("Lines counted")),
    supplied.QUANTITY_RIGHT,
    good=Direction.UP,
)
_rate(
    "supplier_quality_pass",
    _("Goods without fault"),
    _("Pieces found good at receiving, of the pieces counted."),
    (_("Good pieces"), _("Pieces counted")),
    supplied.QUALITY_PASS,
    good=Direction.UP,
)
_rate(
    "supplier_refused_receipts",
    _("Refused receipts"),
    _("Receipts refused, of all receipts that were counted or refused."),
    (_("Receipts refused"), _("Receipts")),
    supplied.REFUSED,
    good=Direction.DOWN,
)
_rate(
    "supplier_price_stable",
    _("Prices held"),
    _(
        "Lines of orders sent at no more than 3 % above the supplier's former price of the SKU, "
        "of the lines that have a former price."
    ),
    (_("Lines at a held price"), _("Lines with a former price")),
    supplied.PRICE_STABLE,
    good=Direction.UP,
)
