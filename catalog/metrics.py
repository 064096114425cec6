"""The metric dictionary of the catalogue: prices as approved, content approved at once."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from catalog.selectors import content_tasks, penalties
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may
from ops.engines.metrics.choices import Direction, MetricKind
from ops.engines.metrics.definitions import define
from ops.engines.metrics.members import name_members
from ops.engines.metrics.types import Query

_VIEW = may("catalog", "V")
_CLAUSES = ("CAT-4.2-03",)

CHANNEL_METRICS: Final = ("price_offers_right", "price_penalty_points")

define(
    "price_offers_right",
    _("Offers shown as approved"),
    _("share"),
    Role.COMPLIANCE_OFFICER,
    _("Offers the price patrol found as approved, of those it looked at, round by round."),
    policy=_VIEW,
    kind=MetricKind.RATIO,
    parts=(_("Offers as approved"), _("Offers looked at")),
    scope="channel",
    dimensions=("channel",),
    direction=Direction.UP,
    query=Query(penalties.RIGHT),
    drill="/price-patrols/?channel={member}",
    places=6,
    clauses=_CLAUSES,
)
define(
    "price_penalty_points",
    _("Penalty points of prices"),
    _("points"),
    Role.COMPLIANCE_OFFICER,
    _("Points of price violations confirmed against the channel on the day; none taken back."),
    policy=_VIEW,
    scope="channel",
    dimensions=("channel",),
    direction=Direction.DOWN,
    query=Query(penalties.POINTS),
    drill="/price-penalties/?channel={member}",
    places=0,
    clauses=_CLAUSES,
)

name_members("worker", _("worker"), content_tasks.person_members)

define(
    "content_first_pass",
    _("First-pass rate of content"),
    _("share"),
    Role.WEB_EDITING_SUPERVISOR,
    _("Tasks approved without being sent back, of all tasks approved; on the day of approval."),
    policy=may("catalog", "A", Role.WEB_EDITING_SUPERVISOR, Role.OPERATIONS_SUPERVISOR),
    kind=MetricKind.RATIO,
    parts=(_("approved at once"), _("tasks approved")),
    scope="channel",
    dimensions=("worker",),
    places=6,
    direction=Direction.UP,
    drill="/content-tasks/?tab=over&worker={member}",
    query=content_tasks.first_pass(),
    clauses=("CAT-4.3-11",),
)
