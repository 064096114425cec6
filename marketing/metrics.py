"""The metric dictionary of sales: one definition, one owner (HR-1.2-22)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may
from ops.engines.metrics.choices import MetricKind
from ops.engines.metrics.definitions import define

_VIEW = may("marketing", "V")
_CLAUSES = ("HR-1.2-22",)

define(
    "gmv",
    _("GMV"),
    _("CNY"),
    Role.DATA_ANALYST,
    _("Sum of sale lines by business day; the company's figure adds channels that sell in CNY."),
    policy=_VIEW,
    scope="channel",
    drill="sales_daily",
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
    clauses=_CLAUSES,
)
