"""Screens of compliance: the clauses and their proof, the trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import words
from compliance.choices import CHAPTERS, Basis, ClauseKind, ClauseState, Outcome
from compliance.models import Clause
from compliance.rules import longest_silence
from compliance.selectors import asking, clauses, judging
from compliance.services import attesting
from compliance.types import ControlEvidence, Judgement, Overview
from ops.engines.desk.screens import (
    Action,
    Badge,
    Chart,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Series,
    Tab,
    Tone,
)
from ops.engines.desk.words import AREAS
from ops.engines.identity.choices import Role
from ops.engines.jobs.declarations import jobs
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.reports.declarations import catalogue

_VIEW = may("compliance", "V")
_TRAIL = may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER)
_ATTEST = may("compliance", "C", Role.COMPLIANCE_OFFICER)


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause of the list."""

    id: int
    code: str
    position: int
    pk: int
    title: str
    chapter: str
    priority: int
    state: Any
    newest_at: dt.datetime | None
    controls: int
    passed: int
    note: str


class ClauseList(ListScreen):
    """`/clauses/`: every clause, how it stands, by state and chapter (GEN-1.1-03)."""

    policy = _VIEW
    title = _("Clauses")
    nav = "clauses"
    template_name = "compliance/clauses.html"
    columns = (
        Column("code", _("Number"), name=True, sort=True),
        Column("title", _("Title"), sub=lambda row: row.chapter),
        Column("state", _("State"), "badge"),
        Column("newest_at", _("Newest evidence"), "moment", sub=lambda row: row.note),
        Column("controls", _("Controls"), "number"),
        Column("passed", _("Tests passed"), "number"),
        Column("priority", _("Priority"), "number"),
    )
    filters = (
        Filter("q", _("Number or words"), "text"),
        Filter("state", _("State"), choices=ClauseState.choices),
        Filter("chapter", _("Chapter"), choices=tuple(CHAPTERS.items())),
        Filter("kind", _("Kind"), choices=ClauseKind.choices),
        Filter("app", _("Area"), choices=tuple(AREAS.items())),
    )
    tabs = (
        Tab("all", _("All clauses")),
        Tab("missing", _("Missing"), count=lambda _actor, _at: _number(state="missing")),
        Tab("stale", _("Out of date"), count=lambda _actor, _at: _number(is_stale=True)),
    )
    order = "code"
    export_policy = may("compliance", "E")
    empty = _("No clause matches.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of clauses in the register's order."""
        found = clauses.clauses(text=query.get("q") or "")
        if query.tab == "stale":
            found = found.filter(standing__is_stale=True)
        state = query.get("state") or ("missing" if query.tab == "missing" else "")
        if state:
            found = _in_state(found, state)
        for key in ("chapter", "kind", "app"):
            if query.get(key):
                found = found.filter(**{key: query.get(key)})
        return query.page(found, orders={"code": "position"}, row=_row)

    def row_key(self, row: ClauseRow) -> str:
        """Return the clause's number."""
        return row.code

    def row_href(self, row: ClauseRow) -> str:
        """Open the clause."""
        return reverse("compliance:clause", args=[row.code])

    def overview(self) -> Overview:
        """Return the counts above the list."""
        return clauses.overview()

    def tiles(self) -> list[tuple[str, int, str]]:
        """Return the states with their counts and addresses."""
        found = self.overview()
        here = reverse("compliance:clauses")
        return [
            *(
                (str(state.label), found.by_state[state.value], f"{here}?state={state.value}")
                for state in ClauseState
            ),
            (gettext("Out of date"), found.stale, f"{here}?tab=stale"),
        ]

    def chart(self) -> Chart:
        """Return the clauses by chapter and state."""
        found = self.overview()
        kept = found.total - found.by_state[ClauseState.MISSING]
        return Chart(
            key="coverage",
            title=_("Clauses by chapter"),
            kind="stack",
            categories=[CHAPTERS[chapter] for chapter in found.by_chapter],
            series=[
                Series(state.label, [counts[state.value] for counts in found.by_chapter.values()])
                for state in ClauseState
            ],
            finding=gettext("%(kept)s of %(total)s clauses are kept, %(missing)s are missing.")
            % {
                "kept": kept,
                "total": found.total,
                "missing": found.by_state[ClauseState.MISSING],
            },
        )


class ClauseScreen(RecordScreen):
    """`/clauses/<number>/`: the demand, what keeps it, its proof; and ask about one document."""

    policy = _VIEW
    nav = "clauses"
    template_name = "compliance/clause.html"
    list_url_name = "compliance:clauses"
    list_title = _("Clauses")
    policies = {"post": _ATTEST}

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the clause as it stands now."""
        clause = clauses.clause_named(key["code"])
        (judged,) = judging.judge(at=at, codes=[clause.code])
        vouched = list(clauses.attestations(clause_id=clause.pk)[:20])
        self.clause = clause
        return Record(
            number=clause.code,
            title=clause.title_zh,
            state=_badge(judged.state),
            actions=[_attest_action(clause, at)],
            facts=[_standing(clause, judged), _origin(clause)],
            lines=[
                _controls(judged),
                _tests(judged),
                Lines(
                    _("Attested by a person"),
                    (
                        Column("person", _("Person"), value=lambda row: row.person.name),
                        Column("statement", _("Statement")),
                        Column("attested_on", _("From"), "day"),
                        Column("valid_until", _("Until"), "day"),
                    ),
                    vouched,
                    empty=_("Nobody vouched for it."),
                ),
            ],
            related=_related(clause),
            subject=("compliance.clause", clause.pk),
        )

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Return the demand's words and the answer about a document, when one was asked."""
        typed = self.request.GET.get("ask", "").strip()
        return {
            "clause": self.clause,
            "asked": typed,
            "answer": asking.ask(number=typed, actor=actor) if typed else None,
        }


def _in_state(found: QuerySet[Clause], state: str) -> QuerySet[Clause]:
    """Narrow to a state; a clause that was never scanned counts as missing."""
    if state == ClauseState.MISSING:
        return found.exclude(
            standing__state__in=[s.value for s in ClauseState if s != ClauseState.MISSING]
        )
    return found.filter(standing__state=state)


def _number(*, state: str = "", is_stale: bool = False) -> int:
    found = clauses.clauses()
    found = found.filter(standing__is_stale=True) if is_stale else _in_state(found, state)
    return int(found.aggregate(number=Count("id"))["number"])


def _row(clause: Clause) -> ClauseRow:
    standing = getattr(clause, "standing", None)
    state = standing.state if standing else ClauseState.MISSING.value
    return ClauseRow(
        id=clause.pk,
        pk=clause.pk,
        code=clause.code,
        position=clause.position,
        title=clause.title_zh,
        chapter=str(CHAPTERS[clause.chapter]),
        priority=clause.priority,
        state=_badge(state),
        newest_at=standing.newest_at if standing else None,
        controls=standing.controls if standing else 0,
        passed=standing.passed if standing else 0,
        note=gettext("too old") if standing and standing.is_stale else "",
    )


_TONES = {
    ClauseState.ENFORCED: Tone.DONE,
    ClauseState.EVIDENCED: Tone.RUNNING,
    ClauseState.ATTESTED: Tone.WAITING,
    ClauseState.MISSING: Tone.NEUTRAL,
}


def _badge(state: str) -> Badge:
    known = ClauseState(state)
    return Badge(known.label, _TONES[known])


def _standing(clause: Clause, judged: Judgement) -> FactGroup:
    silence = longest_silence(clause.cadence)
    due = judged.newest + silence if silence and judged.newest else None
    return FactGroup(
        title=_("How it stands"),
        facts=[
            Fact(title=_("Newest evidence"), value=judged.newest, kind="moment"),
            Fact(title=_("Next evidence due by"), value=due, kind="day"),
            Fact(title=_("Attested until"), value=judged.attested_until, kind="day"),
            Fact(title=_("Chapter"), value=CHAPTERS[clause.chapter]),
            Fact(title=_("Kind"), value=ClauseKind(clause.kind).label),
            Fact(title=_("Priority"), value=clause.priority),
            Fact(title=_("Area"), value=AREAS.get(clause.app, clause.app)),
            Fact(title=_("Roles"), value=words.actors(clause.actors), is_wide=True),
        ],
    )


def _origin(clause: Clause) -> FactGroup:
    return FactGroup(
        title=_("Source"),
        facts=[
            Fact(title=_("Rests on"), value=Basis(clause.basis).label),
            *(
                Fact(title=source.article, value=source.title, is_wide=True)
                for source in clause.sources.all()
            ),
        ],
    )


def _controls(judged: Judgement) -> Lines:
    return Lines(
        _("What keeps it"),
        (
            Column("kind", _("Kind"), value=lambda row: words.control_kind(row.kind)),
            Column("name", _("Name"), "code", value=lambda row: row.name, href=_control_href),
            Column("newest", _("Newest evidence"), "moment"),
        ),
        judged.controls,
        empty=_("Nothing is declared that keeps it."),
    )


def _tests(judged: Judgement) -> Lines:
    return Lines(
        _("What proves it"),
        (
            Column("test", _("Test"), "code"),
            Column(
                "outcome",
                _("Outcome"),
                "badge",
                value=lambda row: _outcome(row.outcome),
            ),
        ),
        judged.tests,
        empty=_("No test proves it."),
    )


def _outcome(outcome: str) -> Badge:
    tones = {Outcome.PASSED: Tone.DONE, Outcome.FAILED: Tone.STOPPED}
    known = Outcome(outcome) if outcome in Outcome.values else Outcome.FAILED
    return Badge(known.label, tones.get(known, Tone.NEUTRAL))


def _control_href(control: ControlEvidence) -> str:
    if control.kind == "job" and control.name in jobs():
        return reverse("desk:job", args=[control.name])
    if control.kind == "report" and control.name in catalogue():
        return reverse("desk:report", args=[control.name])
    return ""


def _related(clause: Clause) -> Sequence[Related]:
    """Return what the register names for the clause, with a link where it is built."""
    return [
        *(
            Related(title=jobs()[name].title, href=reverse("desk:job", args=[name]))
            if name in jobs()
            else _unbuilt(gettext("Job %(name)s"), name)
            for name in clause.jobs
        ),
        *(
            Related(title=catalogue()[name].title, href=reverse("desk:report", args=[name]))
            if name in catalogue()
            else _unbuilt(gettext("Report %(name)s"), name)
            for name in clause.reports
        ),
    ]


def _unbuilt(words: str, name: str) -> Related:
    return Related(title=words % {"name": name}, note=gettext("not built yet"))


def _attest_action(clause: Clause, at: dt.datetime) -> Action:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        attesting.attest(
            code=clause.code,
            statement=values["statement"],
            valid_until=values["valid_until"],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("%(code)s: your statement is on record.") % {"code": clause.code}
        )

    return Action(
        key="attest",
        label=_("Vouch for it"),
        run=run,
        policy=_ATTEST,
        fields=(
            Field("statement", _("How it is kept, and who checks it"), "lines", most=2000),
            Field("valid_until", _("Until"), "day"),
        ),
    )
