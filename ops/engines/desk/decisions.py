"""How a kind of request is shown for decision: difference, impact, policy, what moved since.

An app declares it beside its flow, in `desk.py`:

    decision(DecisionKind(flow="price_change", lines=_old_and_new, charts=_impact,
                          policy=_band_words, subject_href=lambda r: reverse(...)))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.approvals import selectors
from ops.engines.approvals.choices import RequestState, Verdict
from ops.engines.approvals.types import (
    ApproverInfo,
    DecisionInfo,
    HistoryItem,
    RequestDetail,
    RequestInfo,
)
from ops.engines.desk import approving
from ops.engines.desk.cells import Lines
from ops.engines.desk.charts import Chart
from ops.engines.desk.filing import Files
from ops.engines.desk.records import StateStep
from ops.engines.desk.words import role_name
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import readable

Text = str | Promise
MOST_HISTORY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionKind:
    """How the requests of one flow are shown.

    Each function gets the RequestInfo. `lines` are tables of old and new, `charts` at most three,
    `behind` the rows those figures and charts were made of (folded, so that a phone shows the
    effect first), `policy` the sentences saying where the proposal lies, `says` the keys of the
    content they put in words (not shown raw then), `subject_href` the record itself, `files` the
    photos and papers to be looked at before deciding. The figures as they are now come from the
    flow; those that moved are marked.
    """

    flow: str
    lines: Callable[[RequestInfo], Sequence[Lines]] | None = None
    charts: Callable[[RequestInfo], Sequence[Chart]] | None = None
    behind: Callable[[RequestInfo], Sequence[Lines]] | None = None
    policy: Callable[[RequestInfo], Sequence[Text]] | None = None
    says: Sequence[str] = ()
    subject_href: Callable[[RequestInfo], str] | None = None
    files: Callable[[RequestInfo], Files] | None = None


_kinds: dict[str, DecisionKind] = {}


def decision(kind: DecisionKind) -> DecisionKind:
    """Enter how a flow's requests are shown; raises RuntimeError when another one has the flow."""
    if _kinds.get(kind.flow, kind) is not kind:
        raise RuntimeError(f"decision {kind.flow} is declared twice")
    _kinds[kind.flow] = kind
    return kind


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure that changed after the request was handed in."""

    title: Text
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier request on the same subject: what was expected, and what came of it."""

    item: HistoryItem
    forecast: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """Everything the decision page shows, in its fixed order."""

    sentence: str
    figures: Sequence[approving.Figure]
    content: Sequence[approving.Figure]
    lines: Sequence[Lines]
    charts: Sequence[Chart]
    behind: Sequence[Lines]
    policy: Sequence[Text]
    moved: Sequence[Moved]
    states: Sequence[StateStep]
    history: Sequence[Earlier]
    subject_href: str
    shown: str
    files: Files | None


def page_of(detail: RequestDetail, *, actor: Actor) -> DecisionPage:
    """Return what the page shows of one request, without what the actor may not read."""
    info = detail.request
    plain = DecisionKind(flow=info.flow)
    kind = plain if info.is_taken_over else _kinds.get(info.flow, plain)
    earlier = selectors.for_subject(info.subject_type, info.subject_id, limit=MOST_HISTORY + 1)
    tables = kind.lines(info) if kind.lines else approving.tables(info.content)
    charts = kind.charts(info) if kind.charts else ()
    return DecisionPage(
        sentence=detail.sentence,
        figures=approving.figures(info.figures, actor=actor),
        content=approving.figures(
            {key: value for key, value in info.content.items() if key not in kind.says},
            actor=actor,
        ),
        lines=[lines.known_to(actor) for lines in tables],
        charts=[chart for chart in charts if readable(chart.key, actor)][:3],
        behind=[lines.known_to(actor) for lines in (kind.behind(info) if kind.behind else ())],
        policy=kind.policy(info) if kind.policy else (),
        moved=_moved(detail, actor),
        states=states_of(detail),
        history=[
            Earlier(item, approving.one_line(item.figures, actor=actor))
            for item in earlier
            if item.id != info.id
        ][:MOST_HISTORY],
        subject_href=kind.subject_href(info) if kind.subject_href else "",
        shown=detail.shown,
        files=kind.files(info) if kind.files else None,
    )


def states_of(detail: RequestDetail) -> list[StateStep]:
    """Return the stations: handed in, each step, the end."""
    info = detail.request
    made: dict[int, list[DecisionInfo]] = {}
    for decision in detail.decisions:
        made.setdefault(decision.step, []).append(decision)
    steps = [
        StateStep(
            title=_("Handed in"),
            when="past",
            note=info.requester_name,
        )
    ]
    for number, step in enumerate(info.steps):
        title = _("%(role)s (opinion)") if step.opinion else "%(role)s"
        words = title % {"role": role_name(step.role)}
        if step.needed > 1:
            words = _("%(step)s, %(count)s persons") % {"step": words, "count": step.needed}
        steps += [_made(words, decision) for decision in made.get(number, ())]
        if info.closed_at is None and number == info.step:
            steps.append(_waiting(words, detail))
        elif number in made:
            continue
        else:
            steps.append(StateStep(title=words, when="next"))
    if info.state == RequestState.VOIDED:
        steps.append(StateStep(title=_("Changed and handed in anew"), when="stopped"))
    if info.state == RequestState.WITHDRAWN:
        steps.append(StateStep(title=_("Withdrawn"), when="stopped", note=info.requester_name))
    return steps


def who_decides(detail: RequestDetail) -> str:
    """Return the names of those who may decide the step that is waited for."""
    names = [a.person_name for a in detail.approvers if a.step == detail.request.step]
    return _(", ").join(dict.fromkeys(names))


def _waiting(words: str, detail: RequestDetail) -> StateStep:
    """Return the station that is waited for, with its people and where its clock stands."""
    info, decided = detail.request, {decision.person_id for decision in detail.decisions}
    names = [
        _with_deputies(approver)
        for approver in detail.approvers
        if approver.step == info.step and approver.person_id not in decided
    ]
    note = _(", ").join(dict.fromkeys(names))
    if info.paused_at is not None:
        note = _("%(names)s (clock stopped until the question is answered)") % {"names": note}
        return StateStep(title=words, when="now", note=note)
    return StateStep(title=words, when="now", note=note, due_at=info.due_at)


def _with_deputies(approver: ApproverInfo) -> str:
    if not approver.deputies:
        return approver.person_name
    return _("%(name)s (deputy: %(deputies)s)") % {
        "name": approver.person_name,
        "deputies": _(", ").join(approver.deputies),
    }


def _made(words: str, decision: DecisionInfo) -> StateStep:
    returned = decision.verdict == Verdict.RETURN
    return StateStep(
        title=words,
        when="stopped" if returned else "past",
        note=f"{decider_name(decision)} {decision.opinion}".strip(),
    )


def decider_name(decision: DecisionInfo) -> str:
    """Return who decided, and in whose place."""
    if not decision.deputy_for:
        return decision.person_name
    return _("%(name)s for %(other)s") % {
        "name": decision.person_name,
        "other": decision.deputy_for,
    }


def _moved(detail: RequestDetail, actor: Actor) -> list[Moved]:
    before = approving.figures({each.key: each.before for each in detail.moved}, actor=actor)
    now = approving.figures({each.key: each.now for each in detail.moved}, actor=actor)
    return [Moved(old.title, old.text, new.text) for old, new in zip(before, now, strict=True)]
