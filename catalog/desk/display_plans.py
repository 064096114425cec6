"""What display plans put on the desk, and the plan beside its decision (CAT-4.1-03)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ops.engines.desk.screens import NavEntry, nav, word_actions
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may

nav(
    NavEntry(
        key="display_plans", title=_("Display plans"), url_name="catalog:display_plans",
        policy=may("catalog", "V"),
        roles=(Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR),
        order=47, icon="desk", group=_("Goods and prices"),
    )
)  # fmt: skip
word_actions(
    {
        "catalog.slots_looked_at": _("looked which goods stand in the slots"),
        "catalog.shown_figures_taken": _("took over what a channel tells of its places"),
    }
)
