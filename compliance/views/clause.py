"""One clause on screen (V16): its demand, what keeps it, its proof, and asking about a document."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import words
from compliance.choices import CHAPTERS, Basis, ClauseKind, Outcome
from compliance.models import Clause
from compliance.rules import longest_silence
from compliance.selectors import asking, clauses, judging
from compliance.services import attesting, proving
from compliance.types import ControlEvidence, Judgement
from compliance.views.badges import state_badge
from ops.engines.desk.screens import (
    Action,
    Badge,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Lines,
    Record,
    RecordScreen,
    Related,
    Screen,
    Tone,
)
from ops.engines.desk.words import AREAS
from ops.engines.files import services as files
from ops.engines.identity.choices import Role
from ops.engines.jobs.declarations import jobs
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.reports.declarations import catalogue

_VIEW = may("compliance", "V")

_EXPORT = may("compliance", "E")
_ATTEST = may("compliance", "C", Role.COMPLIANCE_OFFICER)


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
        self.clause, self.path = clause, _path(judged)
        return Record(
            number=clause.code,
            title=clause.title_zh,
            state=state_badge(judged.state),
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
                        Column(
                            "evidence",
                            _("Evidence"),
                            value=lambda row: row.evidence.name if row.evidence else "",
                            href=lambda row: (
                                reverse("desk:file", args=[row.evidence_id])
                                if row.evidence_id
                                else ""
                            ),
                        ),
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
            "path": self.path,
            "may_export": _EXPORT.allows(actor),
            "asked": typed,
            "answer": asking.ask(number=typed, actor=actor) if typed else None,
        }


class ProofFile(Screen):
    """`/clauses/<number>/proof/`: the proof of one document as a file."""

    policy = _EXPORT

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Hand the proof out; that it was is on record."""
        number = request.POST.get("ask", "").strip()
        told = proving.export(code=code, number=number, actor=self.actor, at=self.at)
        response = HttpResponse(told, content_type="application/json")
        name = re.sub(r"[^0-9A-Za-z._-]", "_", number) or "proof"
        response["Content-Disposition"] = f'attachment; filename="{code}_{name}.json"'
        return response


def _path(judged: Judgement) -> list[tuple[str, int]]:
    """Return the way from the demand to its proof: how many of each kind keep it, what passed."""
    kinds = Counter(control.kind for control in judged.controls)
    steps = [(str(words.control_kind(kind)), count) for kind, count in sorted(kinds.items())]
    return [*steps, (gettext("tests passed"), judged.count(Outcome.PASSED))]


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


def _paper(upload: UploadedFile[bytes]) -> tuple[str, bytes]:
    """Read an uploaded paper once its size is allowed. Raises FileTooLarge."""
    files.require_size(upload.size or 0)
    return upload.name or "evidence", upload.read()


def _attest_action(clause: Clause, at: dt.datetime) -> Action:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        attesting.attest(
            code=clause.code,
            statement=values["statement"],
            valid_until=values["valid_until"],
            evidence=_paper(values["evidence"]),
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
            Field("evidence", _("Evidence"), "file", accept=".pdf,.png,.jpg,.xlsx,.csv"),
        ),
    )
