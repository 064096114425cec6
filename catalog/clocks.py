"""Time limits of the catalogue: policies come up for review, price cases are handled."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from catalog.choices.content_tasks import TaskStep
from catalog.rules import content_tasks
from catalog.rules.feedback import USUAL_DAYS
from catalog.services import (
    content_log,
    delisting,
    feedback,
    patrol,
    policies,
    selecting,
    upkeep,
)
from ops.engines.clocks.declaring import clock
from ops.engines.clocks.kinds import Escalation
from ops.engines.clocks.limits import days, hours, working_days, working_hours
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may

clock(
    policies.REVIEW,
    title=gettext_noop("Yearly review of a price policy"),
    limit=days(365),
    area="catalog",
    role=Role.OPERATIONS_MANAGER,
    extend=may("catalog", "A", Role.OPERATIONS_DIRECTOR),
    clauses=["CAT-4.2-04"],
    remind=(0.92,),
    escalate=(Escalation(days(14), Role.OPERATIONS_DIRECTOR),),
)
clock(
    patrol.HANDLING,
    title=gettext_noop("Handling of a price violation"),
    limit=working_days(2),
    area="catalog",
    role=Role.OPERATIONS_SUPERVISOR,
    extend=may("catalog", "A", Role.OPERATIONS_MANAGER),
    clauses=["CAT-4.2-03"],
    remind=(0.5,),
    escalate=(Escalation(working_days(1), Role.OPERATIONS_MANAGER),),
)
clock(
    upkeep.UPKEEP,
    title=gettext_noop("Upkeep of a listing"),
    limit=days(7),
    area="catalog",
    role=Role.OPERATIONS_SPECIALIST,
    extend=may("catalog", "A", Role.OPERATIONS_SUPERVISOR),
    clauses=["CAT-4.3-01", "CAT-4.3-09"],
    remind=(0.7,),
    escalate=(Escalation(days(7), Role.OPERATIONS_SUPERVISOR),),
)
clock(
    delisting.STATING,
    title=gettext_noop("Reason of a delisting at once"),
    limit=hours(24),
    area="catalog",
    role=Role.COMPLIANCE_OFFICER,
    extend=may("catalog", "A", Role.OPERATIONS_DIRECTOR),
    clauses=["CAT-4.3-08"],
    remind=(0.5,),
    escalate=(Escalation(hours(24), Role.OPERATIONS_DIRECTOR),),
)
clock(
    selecting.SOURCING,
    title=gettext_noop("Sourcing of an approved product"),
    limit=working_days(10),
    area="catalog",
    role=Role.PURCHASING_OFFICER,
    extend=may("catalog", "A", Role.OPERATIONS_MANAGER),
    clauses=["SCM-2.4-02"],
    remind=(0.5,),
    escalate=(Escalation(working_days(3), Role.OPERATIONS_SUPERVISOR),),
)

# What is waited for at each step; how long each kind gives it is declared with the steps.
_AWAITED = {
    TaskStep.WANTED: gettext_noop("Naming who works on a content task"),
    TaskStep.ASSIGNED: gettext_noop("First version of copy"),
    TaskStep.BRIEFED: gettext_noop("Taking on a briefed design"),
    TaskStep.ACCEPTED: gettext_noop("First version of a design"),
    TaskStep.DRAFTED: gettext_noop("Handing in a content task"),
    TaskStep.SUBMITTED: gettext_noop("Review of a content task"),
    TaskStep.RETURNED: gettext_noop("New version of what came back"),
    TaskStep.APPROVED: gettext_noop("Release of an approved content task"),
}
for _kind, _stages in content_tasks.STAGES.items():
    for _stage in _stages:
        clock(
            content_log.clock_of(_kind, _stage.step),
            title=_AWAITED[_stage.step],
            limit=working_hours(_stage.hours),
            area="catalog",
            role=(content_tasks.WORKERS[_kind] if _stage.is_workers else content_tasks.SUPERVISOR),
            extend=may("catalog", "A", content_tasks.SUPERVISOR),
            clauses=["CAT-4.3-12" if _kind == "design" else "CAT-4.3-11"],
            remind=(0.75,),
            escalate=(
                Escalation(
                    working_hours(8),
                    content_tasks.SUPERVISOR if _stage.is_workers else Role.OPERATIONS_SUPERVISOR,
                ),
            ),
        )
clock(
    feedback.REPLY,
    title=gettext_noop("Reply to feedback on a product"),
    limit=working_days(USUAL_DAYS),
    area="catalog",
    role=Role.OPERATIONS_SPECIALIST,
    extend=may("catalog", "A", Role.OPERATIONS_SUPERVISOR),
    clauses=["HR-1.2-02"],
    remind=(0.5,),
    escalate=(
        Escalation(working_days(1), Role.OPERATIONS_SUPERVISOR),
        Escalation(working_days(3), Role.OPERATIONS_MANAGER),
    ),
)
