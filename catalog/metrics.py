"""The metric dictionary of content production (CAT-4.3-11)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.selectors import content_tasks
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may
from ops.engines.metrics.choices import Direction, MetricKind
from ops.engines.metrics.definitions import define
from ops.engines.metrics.members import name_members

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
