"""The metric dictionary of sales: one definition, one owner (HR-1.2-22)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from marketing.services.dictionary import query_of
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may
from ops.engines.metrics.choices import Direction, LimitKind, MetricKind
from ops.engines.metrics.definitions import define
from ops.engines.metrics.members import name_members
from ops.engines.metrics.types import SAME_WEEKDAYS, USUAL_SPREAD, Limit

_VIEW = may("marketing", "V")
_CLAUSES = ("HR-1.2-22",)
# When a day is out of range (HR-1.2-18): the limits the register leaves open, with their defaults.
_SPREAD: Final = (
    Limit(
        kind=LimitKind.Z_SCORE, low=Decimal(-3), high=Decimal(3), back=USUAL_SPREAD, least_days=14
    ),
)
_SWINGS: Final = (
    Limit(kind=LimitKind.RELATIVE, low=Decimal("-0.4"), high=Decimal("0.8"), back=SAME_WEEKDAYS),
    *_SPREAD,
)
_RATES: Final = (Limit(kind=LimitKind.ABSOLUTE, high=Decimal("0.15")), *_SPREAD)

name_members("channel", _("channel"), channels.names)

define(
    "gmv",
    _("GMV"),
    _("CNY"),
    Role.DATA_ANALYST,
    _("Sum of sale lines by business day; the company's figure adds channels that sell in CNY."),
    policy=_VIEW,
    scope="channel",
    drill="sales_daily",
    direction=Direction.UP,
    query=query_of("gmv"),
    limits=_SWINGS,
    clauses=_CLAUSES,
)
define(
    "orders",
    _("Orders"),
    _("orders"),
    Role.DATA_ANALYST,
    _("Orders that have a sale line and were not cancelled."),
    policy=_VIEW,
    scope="channel",
    drill="sales_daily",
    places=0,
    direction=Direction.UP,
    query=query_of("orders"),
    limits=_SWINGS,
    clauses=_CLAUSES,
)
define(
    "units",
    _("Units"),
    _("pieces"),
    Role.DATA_ANALYST,
    _("Quantity on sale lines."),
    policy=_VIEW,
    scope="channel",
    drill="sales_daily",
    places=0,
    direction=Direction.UP,
    query=query_of("units"),
    clauses=_CLAUSES,
)
define(
    "returns",
    _("Returned amount"),
    _("CNY"),
    Role.DATA_ANALYST,
    _("Sum of lines of accepted returns, by the day of the return."),
    policy=_VIEW,
    scope="channel",
    drill="sales_daily",
    direction=Direction.DOWN,
    query=query_of("returns"),
    clauses=_CLAUSES,
)
define(
    "aov",
    _("Average order value"),
    _("CNY"),
    Role.DATA_ANALYST,
    _("GMV divided by orders; over several days the sums are divided, never rates averaged."),
    policy=_VIEW,
    kind=MetricKind.RATIO,
    parts=(_("GMV"), _("Orders")),
    scope="channel",
    drill="sales_monthly",
    direction=Direction.UP,
    query=query_of("aov"),
    limits=_SPREAD,
    clauses=_CLAUSES,
)
define(
    "return_rate",
    _("Return rate"),
    _("share"),
    Role.DATA_ANALYST,
    _("Returned amount divided by GMV of the same days."),
    policy=_VIEW,
    kind=MetricKind.RATIO,
    parts=(_("Returned amount"), _("GMV")),
    scope="channel",
    drill="sales_monthly",
    places=6,
    direction=Direction.DOWN,
    query=query_of("return_rate"),
    limits=_RATES,
    clauses=_CLAUSES,
)
define(
    "customers",
    _("Customers"),
    _("people"),
    Role.DATA_ANALYST,
    _("Known customers with a sale line in the month, each once; the newest month counts."),
    policy=_VIEW,
    kind=MetricKind.LEVEL,
    scope="channel",
    drill="sales_monthly",
    places=0,
    direction=Direction.UP,
    query=query_of("customers"),
    clauses=_CLAUSES,
)
define(
    "repeat_rate",
    _("Repeat rate"),
    _("share"),
    Role.DATA_ANALYST,
    _("Customers with two or more orders in the month divided by customers of the month."),
    policy=_VIEW,
    kind=MetricKind.RATIO,
    parts=(_("Customers with two or more orders"), _("Customers")),
    scope="channel",
    drill="sales_monthly",
    places=6,
    direction=Direction.UP,
    query=query_of("repeat_rate"),
    clauses=_CLAUSES,
)
