"""What the shell itself declares: approvals, my requests, inbox, jobs, reports, imports."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy

from ops.engines.approvals import selectors as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.desk import approving, checks
from ops.engines.desk import deadlines as deadlines  # noqa: PLC0414 - it declares its own
from ops.engines.desk.declarations import (
    Card,
    CardData,
    CardLine,
    Command,
    NavEntry,
    Place,
    card,
    command,
    nav,
)
from ops.engines.desk.histories import word_actions
from ops.engines.desk.states import Tone, register_states
from ops.engines.events import selectors as events
from ops.engines.events.policies import READ
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN, may

DECIDERS = (
    Role.EXECUTIVE,
    Role.OPERATIONS_DIRECTOR,
    Role.OPERATIONS_MANAGER,
    Role.STORE_MANAGER,
    Role.OPERATIONS_SUPERVISOR,
    Role.WEB_EDITING_SUPERVISOR,
    Role.FINANCE_MANAGER,
    Role.COMPLIANCE_OFFICER,
    Role.DEPARTMENT_HEAD,
)
REPORT_READERS = (
    Role.EXECUTIVE,
    Role.OPERATIONS_DIRECTOR,
    Role.OPERATIONS_MANAGER,
    Role.STORE_MANAGER,
    Role.FINANCE_OFFICER,
    Role.FINANCE_MANAGER,
    Role.DATA_ANALYST,
    Role.INFORMATION_SUPERVISOR,
    Role.HR_OFFICER,
    Role.DEPARTMENT_HEAD,
)
ASKERS = (
    Role.OPERATIONS_SPECIALIST,
    Role.PURCHASING_OFFICER,
    Role.EDITOR,
    Role.DESIGNER,
    Role.CUSTOMER_SERVICE_AGENT,
    Role.HR_OFFICER,
)

word_actions(
    {
        "approvals.submitted": gettext_lazy("handed in the request"),
        "approvals.step_approve": gettext_lazy("approved"),
        "approvals.step_opinion": gettext_lazy("gave an opinion"),
        "approvals.step_return": gettext_lazy("returned the request"),
        "approvals.withdrawn": gettext_lazy("withdrew the request"),
        "approvals.voided": gettext_lazy("changed the request, which voids it"),
        "approvals.commented": gettext_lazy("commented"),
        "approvals.refused": gettext_lazy("was refused"),
        "approvals.asked": gettext_lazy("asked a question"),
        "approvals.answered": gettext_lazy("answered"),
        "approvals.escalated": gettext_lazy("time limit passed, next level named"),
        "tables.batch_previewed": gettext_lazy("brought a file"),
        "tables.batch_imported": gettext_lazy("imported the file"),
        "tables.batch_refused": gettext_lazy("the file was refused"),
        "periods.exception_granted": gettext_lazy("gave leave to post into shut days"),
        "periods.exception_confirmed": gettext_lazy("confirmed leave to post"),
        "periods.exception_ended": gettext_lazy("took leave to post back"),
        "jobs.cadence_changed": gettext_lazy("changed the cadence"),
        "jobs.started_by_hand": gettext_lazy("started the run by hand"),
        "jobs.failed": gettext_lazy("the run was given up"),
        "events.delivery_retried": gettext_lazy("had a delivery tried again"),
        "reports.downloaded": gettext_lazy("fetched the report"),
        "reports.confirmed": gettext_lazy("confirmed the figures"),
        "desk.exported": gettext_lazy("exported a list"),
        "files.stored": gettext_lazy("added a file"),
        "http.denied": gettext_lazy("was refused for lack of a right"),
    }
)
register_states({RequestState.WITHDRAWN: Tone.NEUTRAL, RequestState.VOIDED: Tone.NEUTRAL})
checks.declare()


def parked_facts(_actor: Actor, _at: datetime) -> int | None:
    """Count the deliveries that wait for a person."""
    return events.parked_count()


nav(
    NavEntry(
        key="approvals",
        title=gettext_lazy("Approvals"),
        url_name="desk:approvals",
        policy=SIGNED_IN,
        roles=(*DECIDERS, *ASKERS),
        order=5,
        icon="check",
    )
)
nav(
    NavEntry(
        key="inbox",
        title=gettext_lazy("Inbox"),
        url_name="desk:inbox",
        policy=SIGNED_IN,
        order=90,
        icon="bell",
        group=gettext_lazy("Everybody"),
    )
)
nav(
    NavEntry(
        key="reports",
        title=gettext_lazy("Reports"),
        url_name="desk:reports",
        policy=SIGNED_IN,
        roles=REPORT_READERS,
        order=60,
        icon="chart",
        group=gettext_lazy("Everybody"),
    )
)
nav(
    NavEntry(
        key="jobs",
        title=gettext_lazy("Jobs"),
        url_name="desk:jobs",
        policy=may("ops", "V"),
        roles=(Role.INFORMATION_SUPERVISOR,),
        order=40,
        icon="run",
        group=gettext_lazy("Systems"),
    )
)
nav(
    NavEntry(
        key="periods",
        title=gettext_lazy("Periods"),
        url_name="desk:periods",
        policy=may("ops", "V"),
        order=70,
        icon="lock",
        group=gettext_lazy("Everybody"),
    )
)
nav(
    NavEntry(
        key="outbox",
        title=gettext_lazy("Outbox"),
        url_name="desk:outbox",
        policy=READ,
        roles=(Role.INFORMATION_SUPERVISOR,),
        order=45,
        icon="inbox",
        group=gettext_lazy("Systems"),
        counter=parked_facts,
    )
)
nav(
    NavEntry(
        key="imports",
        title=gettext_lazy("Imports"),
        url_name="desk:imports",
        policy=SIGNED_IN,
        roles=(Role.INFORMATION_SUPERVISOR, Role.DATA_ANALYST),
        order=50,
        icon="upload",
        group=gettext_lazy("Everybody"),
    )
)
command(
    Command(
        key="my-requests",
        title=gettext_lazy("My requests"),
        url_name="desk:approvals",
        policy=SIGNED_IN,
    )
)


def to_decide(actor: Actor, at: datetime) -> CardData:
    """Return what waits for this person's decision."""
    return approving.card_of(approvals.inbox(actor=actor, at=at), actor=actor)


def on_the_way(actor: Actor, at: datetime) -> CardData:
    """Return this person's own open requests."""
    mine = approvals.asked_by(actor=actor, limit=20)
    still = [item for item in mine if item.state == RequestState.SUBMITTED]
    return CardData(
        lines=[
            CardLine(
                title=item.title,
                number=item.number,
                detail=item.flow_title,
                href=reverse("desk:approval", args=[item.id]),
                state=RequestState(item.state),
            )
            for item in still[:5]
        ],
        total=len(still),
        href=f"{reverse('desk:approvals')}?tab=mine" if still else "",
    )


card(
    Card(
        key="approvals",
        title=gettext_lazy("For me to decide"),
        query=to_decide,
        roles=DECIDERS,
        place=Place.DECIDE,
        order=1,
    )
)
card(
    Card(
        key="my-requests",
        title=gettext_lazy("On the way"),
        query=on_the_way,
        roles=(*DECIDERS, *ASKERS, Role.WAREHOUSE_KEEPER, Role.FINANCE_OFFICER),
        place=Place.MINE,
        order=90,
    )
)
