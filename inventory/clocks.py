"""Time limits of the warehouse: what is left of goods gets its proposal."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from inventory.services import disposals
from ops.engines.clocks.declaring import clock
from ops.engines.clocks.kinds import Escalation
from ops.engines.clocks.limits import working_days
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may

clock(
    disposals.FILING,
    title=gettext_noop("Proposal for what is left of goods"),
    limit=working_days(10),
    area="inventory",
    role=Role.OPERATIONS_SPECIALIST,
    extend=may("inventory", "A", Role.OPERATIONS_SUPERVISOR),
    clauses=["CAT-4.1-05"],
    remind=(0.7,),
    escalate=(Escalation(working_days(3), Role.OPERATIONS_SUPERVISOR),),
)
