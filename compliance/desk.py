"""What compliance puts on the desk: clauses, the trail, the audit pack; the auditor's cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.choices import ClauseState
from compliance.selectors import clauses
from compliance.services import attesting
from finance.selectors import settlement
from marketing.ports import Asked, Tile, tile
from ops.engines.audit import selectors as seals
from ops.engines.audit.types import Checked
from ops.engines.desk.formats import moment, short
from ops.engines.desk.screens import (
    Card,
    CardCount,
    CardData,
    CardLine,
    Command,
    Hit,
    Look,
    NavEntry,
    Place,
    SearchKind,
    card,
    command,
    nav,
    search_kind,
    word_actions,
)
from ops.engines.files.holders import declare_holder
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may, only
from ops.engines.reports import selectors as reports
from ops.engines.reports.choices import RunState

_VIEW = may("compliance", "V")
_BREAKS = may("finance", "V")
_LATE = timedelta(minutes=5)  # longer than this no fact waits for its seal
_OLDEST = 6  # clauses out of date named on the desk
_WATCHERS = (Role.COMPLIANCE_OFFICER, Role.AUDITOR)

declare_holder(attesting.SUBJECT, policy=may("compliance", "V"))
nav(
    NavEntry(
        key="clauses",
        title=_("Clauses"),
        url_name="compliance:clauses",
        policy=_VIEW,
        roles=_WATCHERS,
        order=10,
        icon="check",
        group=_("Compliance"),
    )
)
nav(
    NavEntry(
        key="trail",
        title=_("Audit trail"),
        url_name="compliance:facts",
        policy=may("compliance", "V", Role.AUDITOR),
        roles=(Role.AUDITOR,),
        order=20,
        icon="clock",
        group=_("Compliance"),
    )
)
nav(
    NavEntry(
        key="seals",
        title=_("Seals"),
        url_name="compliance:anchors",
        policy=may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER),
        roles=_WATCHERS,
        order=25,
        icon="lock",
        group=_("Compliance"),
    )
)
nav(
    NavEntry(
        key="permissions",
        title=_("Permission matrix"),
        url_name="compliance:permissions",
        policy=may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER),
        roles=_WATCHERS,
        order=28,
        icon="lock",
        group=_("Compliance"),
    )
)
nav(
    NavEntry(
        key="audit-pack",
        title=_("Audit pack"),
        url_name="desk:report",
        url_args=("audit_pack",),
        policy=only(Role.AUDITOR),
        roles=(Role.AUDITOR,),
        order=30,
        icon="download",
        group=_("Compliance"),
    )
)
nav(
    NavEntry(
        key="all-records",
        title=_("All records"),
        url_name="desk:find",
        policy=only(Role.AUDITOR, Role.COMPLIANCE_OFFICER),
        roles=_WATCHERS,
        order=40,
        icon="search",
        group=_("Compliance"),
    )
)
command(
    Command(
        key="check-bundle",
        title=_("Check a bundle"),
        url_name="compliance:bundle-check",
        policy=may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER),
    )
)
command(
    Command(
        key="clause-coverage",
        title=_("Clause coverage"),
        url_name="compliance:clauses",
        policy=_VIEW,
    )
)
word_actions(
    {
        "compliance.register_loaded": _("Register loaded"),
        "compliance.evidence_scanned": _("Evidence scanned"),
        "compliance.clause_attested": _("Vouched for a clause"),
        "compliance.proof_exported": _("Proof of a document exported"),
        "audit.bundle_made": _("Audit bundle made"),
        "audit.bundle_taken": _("Audit bundle downloaded"),
        "audit.bundle_checked": _("Audit bundle checked"),
        "audit.trail_checked": _("Audit trail checked"),
        "audit.key_rotated": _("Key of the seals handed over"),
        "reports.sealed": _("Report sealed"),
        "reports.downloaded": _("Report downloaded"),
        "reports.damaged": _("A damaged report was found"),
    }
)


def coverage_card(actor: Actor, at: datetime) -> CardData:
    """Return the clauses by state, how many are out of date, and the oldest of those."""
    found = clauses.overview()
    here = reverse("compliance:clauses")
    return CardData(
        counts=[
            *(
                CardCount(
                    title=state.label,
                    value=str(found.by_state[state.value]),
                    href=f"{here}?state={state.value}",
                )
                for state in ClauseState
            ),
            CardCount(
                title=_("Out of date"),
                value=str(len(found.stale)),
                href=f"{here}?tab=stale",
                is_alarm=bool(found.stale),
            ),
        ],
        lines=[
            CardLine(
                title=clause.title_zh,
                number=clause.code,
                figure=moment(clause.newest_at),
                href=reverse("compliance:clause", args=[clause.code]),
            )
            for clause in found.stale[:_OLDEST]
        ],
        total=found.total,
        cutoff=moment(found.scanned_at),
        href=here,
    )


def seals_card(actor: Actor, at: datetime) -> CardData:
    """Return how the seals stand: verdict, newest anchor, copies outside, facts that wait."""
    found = seals.standing()
    here = reverse("compliance:anchors")
    checked = found.checked
    copied = min((reached for _place, reached in found.copies), default=0)
    waits_long = found.oldest_waiting_at is not None and at - found.oldest_waiting_at > _LATE
    return CardData(
        counts=[
            CardCount(
                title=_("Chain"),
                value=_verdict(checked),
                note=moment(checked.at) if checked else "",
                href=reverse("compliance:fact", args=[checked.fact_id]) if checked else here,
                is_alarm=bool(checked and checked.differences),
            ),
            CardCount(
                title=_("Newest anchor"),
                value=f"#{found.number}" if found.number else "-",
                note=moment(found.sealed_at) if found.sealed_at else "",
                href=reverse("compliance:anchor", args=[found.number]) if found.number else here,
            ),
            CardCount(
                title=_("Copied outside"),
                value=f"#{copied}" if copied else "-",
                note=gettext("%(count)s places") % {"count": len(found.copies)},
                href=here,
                is_alarm=copied < found.number,
            ),
            CardCount(
                title=_("Not sealed yet"),
                value=str(found.waiting),
                note=moment(found.oldest_waiting_at) if found.oldest_waiting_at else "",
                href=reverse("compliance:facts"),
                is_alarm=waits_long,
            ),
        ],
        cutoff=moment(at),
        href=here,
    )


def _verdict(checked: Checked | None) -> str:
    if checked is None:
        return gettext("not checked yet")
    if not checked.differences:
        return gettext("intact")
    return gettext("%(count)s differences") % {"count": checked.differences}


def packs_card(actor: Actor, at: datetime) -> CardData:
    """Return the newest audit packs."""
    runs = reports.runs(name="audit_pack", actor=actor, limit=4)
    return CardData(
        lines=[
            CardLine(
                title=run.period,
                detail=run.requested_by,
                figure=run.sha256[:12],
                href=reverse("desk:report-run", args=[run.id]),
                state=RunState(run.state),
            )
            for run in runs
        ],
        empty=_("No audit pack was made yet. It is made on the fifth, or ask for one."),
        href=reverse("desk:report", args=["audit_pack"]),
    )


def find_clauses(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    """Find clauses by number, title or words; the exact number first."""
    typed = text.strip()
    found = clauses.clauses(text=typed)[:most]
    return [
        Hit(
            title=f"{clause.code} {clause.title_zh}",
            href=reverse("compliance:clause", args=[clause.code]),
            note=gettext("priority %(number)s") % {"number": clause.priority},
            is_exact=clause.code == typed.upper(),
        )
        for clause in found
    ]


card(
    Card(
        key="coverage",
        title=_("Clauses"),
        query=coverage_card,
        policy=_VIEW,
        roles=_WATCHERS,
        place=Place.WATCH,
        look=Look.FIGURES,
        order=1,
    )
)
card(
    Card(
        key="seals",
        title=_("Seals of the audit trail"),
        query=seals_card,
        policy=may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER),
        roles=_WATCHERS,
        place=Place.WATCH,
        look=Look.FIGURES,
        order=0,
    )
)
card(
    Card(
        key="audit-packs",
        title=_("Audit packs"),
        query=packs_card,
        policy=only(Role.AUDITOR),
        roles=(Role.AUDITOR,),
        place=Place.WORK,
        order=10,
    )
)
search_kind(
    SearchKind(
        key="clauses",
        title=_("Clauses"),
        find=find_clauses,
        policy=_VIEW,
        order=80,
        prefix="#",
    )
)


def open_breaks(asked: Asked) -> CardCount:
    """Return how many differences between statements and our side are open, and their sum."""
    count, amount = settlement.open_sum(settlement.breaks(actor=asked.actor))
    return CardCount(
        title=_("Open breaks"),
        value=str(count),
        note=short(amount),
        href=f"{reverse('desk:report', args=['payment_reconciliation'])}?period={asked.month}",
        is_alarm=count > 0,
    )


tile(Tile(key="breaks", title=_("Open breaks"), query=open_breaks, policy=_BREAKS, order=70))
