"""What the shell itself declares: approvals, my requests, inbox, jobs, reports, imports."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy

from ops.engines.approvals import selectors as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.desk import approving, checks, rulings, watching
from ops.engines.desk import deadlines as deadlines  # noqa: PLC0414 - it declares its own
from ops.engines.desk.declarations import (
    Card,
    CardData,
    Command,
    Counter,
    Look,
    NavEntry,
    Place,
    Text,
    card,
    command,
    nav,
)
from ops.engines.desk.histories import word_actions
from ops.engines.desk.states import Tone, register_states
from ops.engines.documents import rules as documents
from ops.engines.documents.policies import READ as READ_RULES
from ops.engines.events import selectors as events
from ops.engines.events.policies import READ
from ops.engines.files.holders import declare_holder
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN, Policy, may

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
        "sources.opened": gettext_lazy("opened the source"),
        "sources.changed": gettext_lazy("changed what the source owes"),
        "sources.closed": gettext_lazy("closed the source"),
        "sources.file_sent": gettext_lazy("sent a file"),
        "sources.file_read": gettext_lazy("read the file"),
        "periods.exception_granted": gettext_lazy("gave leave to post into shut days"),
        "periods.exception_confirmed": gettext_lazy("confirmed leave to post"),
        "periods.exception_ended": gettext_lazy("took leave to post back"),
        "jobs.cadence_changed": gettext_lazy("changed the cadence"),
        "jobs.started_by_hand": gettext_lazy("started the run by hand"),
        "jobs.failed": gettext_lazy("the run was given up"),
        "events.delivery_retried": gettext_lazy("had a delivery tried again"),
        "reports.run_asked": gettext_lazy("asked for the report"),
        "reports.downloaded": gettext_lazy("fetched the report"),
        "documents.drafted": gettext_lazy("wrote the draft"),
        "documents.published": gettext_lazy("published the version"),
        "documents.effective": gettext_lazy("put the version in force"),
        "documents.superseded": gettext_lazy("a newer version took its place"),
        "documents.abolished": gettext_lazy("ended the rule"),
        "documents.returned": gettext_lazy("gave the version back"),
        "documents.acknowledged": gettext_lazy("read and understood it"),
        "documents.interpreted": gettext_lazy("said what a passage means"),
        "documents.printed": gettext_lazy("printed it"),
        "notices.preferred": gettext_lazy("changed the wishes for mail"),
        "reports.confirmed": gettext_lazy("confirmed the figures"),
        "desk.exported": gettext_lazy("exported a list"),
        "files.stored": gettext_lazy("added a file"),
        "scorecards.weights_set": gettext_lazy("set the weights"),
        "scorecards.opened": gettext_lazy("opened the cards"),
        "scorecards.marked": gettext_lazy("marked"),
        "scorecards.confirmed": gettext_lazy("confirmed the score"),
        "scorecards.published": gettext_lazy("published the score"),
        "scorecards.objected": gettext_lazy("objected"),
        "scorecards.objection_decided": gettext_lazy("decided the objection"),
        "scorecards.finalised": gettext_lazy("ended the days to object"),
        "metrics.target_set": gettext_lazy("set the target"),
        "metrics.anomaly_reported": gettext_lazy("reported the figure"),
        "metrics.anomaly_explained": gettext_lazy("explained the figure"),
        "metrics.anomaly_closed": gettext_lazy("closed the case of the figure"),
        "http.denied": gettext_lazy("was refused for lack of a right"),
    }
)
declare_holder(documents.SUBJECT, policy=READ_RULES)
rulings.declare()
register_states({RequestState.WITHDRAWN: Tone.NEUTRAL, RequestState.VOIDED: Tone.NEUTRAL})
checks.declare()


EVERYBODY, SYSTEMS = gettext_lazy("Everybody"), gettext_lazy("Systems")
_SEE_SYSTEMS, _SYSTEMS_ROLE = may("ops", "V"), Role.INFORMATION_SUPERVISOR


def parked_facts(_actor: Actor, _at: datetime) -> int | None:
    """Count the deliveries that wait for a person."""
    return events.parked_count()


def _entry(
    key: str,
    title: Text,
    icon: str,
    order: int,
    *roles: str,
    group: Text = EVERYBODY,
    policy: Policy = SIGNED_IN,
    counter: Counter | None = None,
) -> NavEntry:
    """Return an entry of the shell's own: its key is the name of its address."""
    return NavEntry(
        key=key,
        title=title,
        url_name=f"desk:{key}",
        policy=policy,
        roles=roles,
        order=order,
        icon=icon,
        group=group,
        counter=counter,
    )


for _each in (
    _entry("approvals", gettext_lazy("Approvals"), "check", 5, *DECIDERS, *ASKERS, group=""),
    _entry("reports", gettext_lazy("Reports"), "chart", 60, *REPORT_READERS),
    _entry("documents", gettext_lazy("Rule library"), "file", 65),
    _entry("scorecards", gettext_lazy("Scorecards"), "count", 70, Role.PURCHASING_OFFICER),
    _entry("periods", gettext_lazy("Periods"), "lock", 70, policy=_SEE_SYSTEMS),
    _entry("metrics", gettext_lazy("Metrics"), "chart", 75, Role.DATA_ANALYST),
    _entry("cases", gettext_lazy("Figures out of range"), "alert", 76, Role.DATA_ANALYST),
    _entry("imports", gettext_lazy("Imports"), "upload", 50, _SYSTEMS_ROLE, Role.DATA_ANALYST),
    _entry("sources", gettext_lazy("Outside sources"), "inbox", 52, Role.DATA_ANALYST),
    _entry("inbox", gettext_lazy("Inbox"), "bell", 90),
    _entry("jobs", gettext_lazy("Jobs"), "run", 40, _SYSTEMS_ROLE, group=SYSTEMS,
           policy=_SEE_SYSTEMS),
    _entry("outbox", gettext_lazy("Outbox"), "inbox", 45, _SYSTEMS_ROLE, group=SYSTEMS,
           policy=READ, counter=parked_facts),
):  # fmt: skip
    nav(_each)
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
    return approving.own_card(approvals.at_hand(actor=actor, at=at).mine)


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
card(
    Card(
        key="out-of-range",
        title=gettext_lazy("Figures out of range"),
        query=watching.out_of_range,
        roles=(Role.DATA_ANALYST, Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_DIRECTOR),
        place=Place.WATCH,
        look=Look.TILES,
        order=5,
        url_name="desk:cases",
    )
)
