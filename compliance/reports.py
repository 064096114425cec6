"""Reports for the auditor: clause coverage, decisions, the trail, and the monthly audit pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from compliance.choices import CHAPTERS, CONTROL_KINDS, ClauseState, Outcome
from compliance.selectors import clauses, judging, permissions, trail
from ops.engines.approvals.choices import RequestState, Verdict
from ops.engines.approvals.flows import flows
from ops.engines.audit import selectors as seals
from ops.engines.audit.anchors import line_of
from ops.engines.audit.models import Anchor
from ops.engines.desk.words import role_name
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.kernel.policy import may, only
from ops.engines.periods import selectors as books
from ops.engines.periods.choices import PeriodState
from ops.engines.reports.choices import Format
from ops.engines.reports.declarations import Member, Report, catalogue, pack, report
from ops.engines.reports.types import ReportQuery, Sections
from ops.engines.tables.limits import EXCEL_ROWS
from ops.engines.tables.writer import Column

_READ = may("compliance", "E")
_PDF_ROWS: Final = 20_000  # what the PDF renderer takes
# What the pack holds, by the name inside it; a report nobody declared is named as absent.
_MEMBERS: Final = (
    ("journal", "journal"),
    ("trial_balance", "trial_balance"),
    ("stock_in_out_onhand", "stock_in_out_onhand"),
    ("price_changes", "price_changes"),
    ("approvals_decided", "approvals_decided"),
    ("payment_reconciliation", "payment_reconciliation"),
    ("stock_count_variance", "stock_count_variance"),
    ("receipt_discrepancy", "receipt_discrepancy"),
    ("audit_facts", "audit_facts"),
)
_NOT_KEPT: Final = (_("promotions"), _("penalties"), _("incidents"))


def _clause(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a clause's figures to what stands behind them."""
    del query
    return reverse("compliance:clause", args=[row["clause"]])


def _facts(row: Mapping[str, Any], query: ReportQuery) -> str:
    """Lead from a sum of facts to the trail."""
    days = f"{query.period.first.isoformat()}..{query.period.last.isoformat()}"
    return f"{reverse('compliance:facts')}?{urlencode({'action': row['action'], 'day': days})}"


@report(
    "clause_coverage",
    title=_("Clause coverage"),
    columns=(
        Column("clause", _("Clause")),
        Column("title", _("Title")),
        Column("chapter", _("Chapter")),
        Column("owner", _("Owner")),
        Column("priority", _("Priority"), "integer"),
        Column("state", _("State")),
        Column("implementation", _("Implemented by")),
        Column("tests_passed", _("Tests passed"), "integer"),
        Column("tests_failed", _("Tests failed"), "integer"),
        Column("tests_not_run", _("Tests not run"), "integer"),
        Column("newest_evidence", _("Newest evidence"), "datetime"),
        Column("gap", _("Gap")),
    ),
    policy=may("compliance", "V"),
    cadence="monthly",
    audience=(Role.COMPLIANCE_OFFICER, Role.AUDITOR, Role.OPERATIONS_DIRECTOR),
    clauses=("GEN-1.1-03",),
    key=("clause",),
    drill=dict.fromkeys(
        ("clause", "priority", "tests_passed", "tests_failed", "tests_not_run"), _clause
    ),
    about=_("How every clause stands now, whatever the period; judged anew for each version."),
)
def clause_coverage(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per clause with what implements it and what is missing."""
    stored = {clause.code: clause for clause in clauses.clauses()}
    for each in judging.judge(at=query.at):
        clause = stored[each.code]
        yield (
            each.code,
            clause.title_zh,
            str(CHAPTERS[clause.chapter]),
            "、".join(role_name(actor.lower().replace(" ", "_")) for actor in clause.actors),
            clause.priority,
            str(ClauseState(each.state).label),
            gettext("; ").join(f"{CONTROL_KINDS[c.kind]} {c.name}" for c in each.controls),
            each.count(Outcome.PASSED),
            each.count(Outcome.FAILED),
            each.count(Outcome.NOT_RUN),
            each.newest,
            _gap(each),
        )


@report(
    "permission_matrix",
    title=_("Permission matrix"),
    columns=(
        Column("position", _("Position")),
        Column("kind", _("Kind")),
        Column("name", _("Declared as")),
        Column("doors", _("Doors")),
        Column("area", _("Area")),
        Column("right", _("Right")),
        Column("reach", _("Reach")),
        Column("objects", _("Confined by")),
        Column("data", _("Class of data")),
    ),
    policy=may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER),
    formats=(Format.XLSX, Format.CSV),
    cadence="monthly",
    audience=(Role.AUDITOR, Role.COMPLIANCE_OFFICER),
    clauses=("SYS-6.3-02",),
    key=("position", "kind", "name"),
    about=_("Every position at everything declared, as the doors stand now, whatever the period."),
)
def permission_matrix(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per position and declared thing it may reach."""
    for row in permissions.matrix():
        yield (
            row.position,
            row.kind,
            row.name,
            " ".join(row.routes),
            row.area,
            row.right,
            row.reach,
            row.objects,
            row.data,
        )


@report(
    "approvals_decided",
    title=_("Approvals decided"),
    columns=(
        Column("number", _("Number")),
        Column("title", _("Request")),
        Column("flow", _("Flow")),
        Column("requester", _("Requested by")),
        Column("submitted_at", _("Handed in at"), "datetime"),
        Column("step", _("Step"), "integer"),
        Column("verdict", _("Verdict")),
        Column("decider", _("Decided by")),
        Column("role", _("Position")),
        Column("decided_at", _("Decided at"), "datetime"),
        Column("opinion", _("Opinion")),
        Column("state", _("State of the request now")),
        Column("content_hash", _("Content hash")),
        Column("same_content", _("Decided on this content")),
        Column("figures", _("Figures shown")),
    ),
    policy=_READ,
    audience=(Role.AUDITOR, Role.COMPLIANCE_OFFICER),
    clauses=("FIN-7.3-06",),
    key=("number", "step", "decided_at"),
    undrilled="Its only number is the step; each row is the decision itself.",
)
def approvals_decided(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield one row per decision: who asked, who decided, on which content and figures."""
    titles = {key: str(flow.title) for key, flow in flows().items()}
    for row in trail.decided(query, query.period.first, query.period.last):
        (number, title, flow, asker, asked, step, verdict, who, role, at, said, state, *rest) = row
        content_hash, is_same, figures = rest
        yield (
            number,
            title,
            titles.get(flow, flow),
            asker,
            asked,
            step,
            str(Verdict(verdict).label),
            who,
            role_name(role),
            at,
            said,
            str(RequestState(state).label),
            content_hash,
            gettext("Yes") if is_same else gettext("No"),
            figures,
        )


@report(
    "price_changes",
    title=_("Price changes approved"),
    columns=(
        Column("number", _("Number")),
        Column("channel", _("Channel")),
        Column("sku", _("SKU")),
        Column("old_price", _("Old price"), "money"),
        Column("new_price", _("New price"), "money"),
        Column("margin_before", _("Margin before"), "decimal"),
        Column("margin_after", _("Margin after"), "decimal"),
        Column("floor", _("Floor price"), "money"),
        Column("rival", _("Rival price"), "money"),
        Column("starts_at", _("From"), "datetime"),
        Column("ends_at", _("Until"), "datetime"),
        Column("reason", _("Reason")),
        Column("requester", _("Requested by")),
        Column("decider", _("Decided by")),
        Column("role", _("Position")),
        Column("decided_at", _("Decided at"), "datetime"),
        Column("content_hash", _("Content hash")),
    ),
    policy=_READ,
    audience=(Role.AUDITOR, Role.COMPLIANCE_OFFICER),
    clauses=("FIN-7.3-06", "CAT-4.2-05"),
    key=("number", "sku"),
    undrilled="Each row is the approved line itself, found under its number.",
)
def price_changes(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield every line of every price change approved in the period, as it was approved."""
    names = {each.id: each.name for each in channels.visible(actor=query.actor)}
    for row in trail.approved_prices(query, query.period.first, query.period.last):
        number, channel, *middle, role, decided_at, content_hash = row
        yield (
            number,
            names.get(channel, str(channel)),
            *middle,
            role_name(role),
            decided_at,
            content_hash,
        )


@report(
    "audit_facts",
    title=_("Audit facts by action"),
    columns=(
        Column("action", _("Action")),
        Column("actor_kind", _("Done by")),
        Column("facts", _("Facts"), "integer"),
        Column("persons", _("Persons"), "integer"),
        Column("first_at", _("First time"), "datetime"),
        Column("last_at", _("Last time"), "datetime"),
        Column("first_fact", _("First fact number"), "integer"),
        Column("last_fact", _("Last fact number"), "integer"),
        Column("leaves_sha256", _("Hash over all leaves")),
    ),
    policy=_READ,
    audience=(Role.AUDITOR,),
    clauses=("FIN-7.3-06", "SYS-6.3-09"),
    key=("action", "actor_kind"),
    drill=dict.fromkeys(("facts", "persons", "first_fact", "last_fact"), _facts),
)
def audit_facts(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """Yield the facts of the period summed by action, with a hash over their leaves in order."""
    return trail.fact_sums(query, query.period.first, query.period.last)


@pack(
    "audit_pack",
    title=_("Monthly audit pack"),
    policy=only(Role.AUDITOR),
    period_kinds={"month"},
    built_by="audit_pack_build",
    audience=(Role.AUDITOR,),
    clauses=("FIN-7.3-06",),
    about=_("Journal, stock, prices, approvals, reconciliation and the trail of one month."),
)
def audit_pack(query: ReportQuery) -> list[Member]:
    """List what the month holds, each as XLSX, CSV and PDF, and a page that says what is absent."""
    members, notes = [], []
    for file, name in _MEMBERS:
        declared = catalogue().get(name)
        if not isinstance(declared, Report):
            notes.append(
                gettext("%(file)s: this installation keeps no such report.") % {"file": file}
            )
            continue
        if query.period.kind not in declared.period_kinds:
            notes.append(gettext("%(file)s: is not made for months.") % {"file": file})
            continue
        formats = _formats(_count(declared, query))
        members.append(Member(file=file, report=name, formats=formats))
        notes.append(f"{file}: {', '.join(formats)}")
    notes += [gettext("%(what)s: not kept here yet.") % {"what": what} for what in _NOT_KEPT]
    anchor = seals.newest_anchor()
    page = "\n".join([_standing(query), _sealed(anchor), *notes, ""]).encode()
    if anchor is not None:
        line = f"{line_of(anchor)}\n".encode()
        members.append(Member(file="anchor.jsonl", attach=lambda _query: line))
    return [*members, Member(file="contents.txt", attach=lambda _query: page)]


def _sealed(anchor: Anchor | None) -> str:
    """Return the newest anchor in words: printed, it is one more copy outside the database."""
    if anchor is None:
        return gettext("Audit trail: nothing is sealed yet.")
    return gettext(
        "Audit trail: anchor %(number)s over %(facts)s facts, sealed at %(at)s, root %(root)s,"
        " key %(key)s."
    ) % {
        "number": anchor.pk,
        "facts": anchor.tree_size,
        "at": anchor.sealed_at.astimezone(BUSINESS_ZONE).isoformat(timespec="seconds"),
        "root": bytes(anchor.root).hex(),
        "key": anchor.key_id,
    }


def _standing(query: ReportQuery) -> str:
    state = books.state_on(module="ledger", day=query.period.last)
    if state == PeriodState.CLOSED:
        return gettext("Books of %(month)s: closed.") % {"month": query.period.text}
    return gettext("Books of %(month)s: not closed; every figure may still change.") % {
        "month": query.period.text
    }


def _count(declared: Report, query: ReportQuery) -> int:
    """Count the rows of a member, stopping where no sheet could hold them."""
    rows = declared.query(query)
    tables = [part.rows for part in rows.sections] if isinstance(rows, Sections) else [rows]
    return sum(1 for table in tables for _row in islice(table, EXCEL_ROWS + 1))


def _formats(rows: int) -> tuple[str, ...]:
    """Return the formats that hold so many rows; CSV holds any number."""
    sheet = ("xlsx",) if rows < EXCEL_ROWS else ()
    paper = ("pdf",) if rows <= _PDF_ROWS else ()
    return (*sheet, "csv", *paper)


def _gap(each: Any) -> str:
    gaps = []
    if not each.controls:
        gaps.append(gettext("nothing declared keeps it"))
    if not each.tests:
        gaps.append(gettext("no test proves it"))
    elif each.count(Outcome.FAILED):
        gaps.append(gettext("a test fails"))
    elif not each.count(Outcome.PASSED):
        gaps.append(gettext("its tests were not run at this version"))
    if each.newest is None:
        gaps.append(gettext("no evidence yet"))
    elif each.is_stale:
        gaps.append(gettext("evidence is too old"))
    return gettext("; ").join(gaps)
