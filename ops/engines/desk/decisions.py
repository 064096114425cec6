"""How a kind of request is shown for decision: difference, impact, policy, what moved since.

An app declares it beside its flow, in `desk.py`:

    decision(DecisionKind(flow="price_change", lines=_old_and_new, charts=_impact,
                          policy=_band_words, subject_href=lambda r: reverse(...)))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.approvals import selectors
from ops.engines.approvals.choices import RequestState, Verdict
from ops.engines.approvals.types import DecisionInfo, HistoryItem, RequestDetail, RequestInfo
from ops.engines.desk import approving
from ops.engines.desk.cells import Lines
from ops.engines.desk.charts import Chart
from ops.engines.desk.filing import Files
from ops.engines.desk.records import StateStep
from ops.engines.desk.words import role_name
from ops.engines.kernel.canonical import content_hash

Text = str | Promise
REASONS: Final = (
    gettext_lazy("Evidence is missing"),
    gettext_lazy("The figures don't add up"),
    gettext_lazy("Outside the budget or the band"),
    gettext_lazy("Wrong time or period"),
    gettext_lazy("Please split it into smaller requests"),
)
MOST_HISTORY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionKind:
    """How the requests of one flow are shown.

    Each function gets the RequestInfo. `lines` are tables of old and new, `charts` at most three,
    `policy` the sentences saying where the proposal lies, `says` the keys of the content they put
    in words (not shown raw then), `subject_href` the record itself,
    `now` the figures as they are now (those that differ from the ones handed in are marked),
    `files` the photos and papers to be looked at before deciding.
    """

    flow: str
    lines: Callable[[RequestInfo], Sequence[Lines]] | None = None
    charts: Callable[[RequestInfo], Sequence[Chart]] | None = None
    policy: Callable[[RequestInfo], Sequence[Text]] | None = None
    says: Sequence[str] = ()
    subject_href: Callable[[RequestInfo], str] | None = None
    now: Callable[[RequestInfo], Mapping[str, Any]] | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """Everything the decision page shows, in its fixed order."""

    sentence: str
    figures: Sequence[approving.Figure]
    content: Sequence[approving.Figure]
    lines: Sequence[Lines]
    charts: Sequence[Chart]
    policy: Sequence[Text]
    moved: Sequence[Moved]
    states: Sequence[StateStep]
    history: Sequence[HistoryItem]
    subject_href: str
    shown: str
    files: Files | None


def page_of(detail: RequestDetail) -> DecisionPage:
    """Return what the page shows of one request."""
    info = detail.request
    kind = _kinds.get(info.flow, DecisionKind(flow=info.flow))
    now = kind.now(info) if kind.now else info.figures
    earlier = selectors.for_subject(info.subject_type, info.subject_id, limit=MOST_HISTORY + 1)
    return DecisionPage(
        sentence=detail.sentence,
        figures=approving.figures(info.figures),
        content=approving.figures(
            {key: value for key, value in info.content.items() if key not in kind.says}
        ),
        lines=kind.lines(info) if kind.lines else approving.tables(info.content),
        charts=list(kind.charts(info))[:3] if kind.charts else (),
        policy=kind.policy(info) if kind.policy else (),
        moved=_moved(info.figures, now),
        states=states_of(detail),
        history=[item for item in earlier if item.id != info.id][:MOST_HISTORY],
        subject_href=kind.subject_href(info) if kind.subject_href else "",
        shown=shown_hash(info, now),
        files=kind.files(info) if kind.files else None,
    )


def shown_hash(info: RequestInfo, now: Mapping[str, Any] | None = None) -> str:
    """Return the hash of content and figures as shown; a decision cites it."""
    if now is None:
        kind = _kinds.get(info.flow)
        now = kind.now(info) if kind and kind.now else info.figures
    return content_hash({"content": info.content_hash, "now": dict(now)})


def states_of(detail: RequestDetail) -> list[StateStep]:
    """Return the stations: handed in, each step, the end."""
    info = detail.request
    made = {decision.step: decision for decision in detail.decisions}
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
        if number in made:
            steps.append(_made(words, made[number]))
        elif info.closed_at is None and number == info.step:
            names = "、".join(a.person_name for a in detail.approvers if a.step == number)
            steps.append(StateStep(title=words, when="now", note=names, due_at=info.due_at))
        else:
            steps.append(StateStep(title=words, when="next"))
    if info.state == RequestState.WITHDRAWN:
        steps.append(StateStep(title=_("Withdrawn"), when="stopped", note=info.requester_name))
    return steps


def who_decides(detail: RequestDetail) -> str:
    """Return the names of those who may decide the step that is waited for."""
    names = [a.person_name for a in detail.approvers if a.step == detail.request.step]
    return _(", ").join(dict.fromkeys(names))


def _made(words: str, decision: DecisionInfo) -> StateStep:
    returned = decision.verdict == Verdict.RETURN
    return StateStep(
        title=words,
        when="stopped" if returned else "past",
        note=f"{decision.person_name} {decision.opinion}".strip(),
    )


def _moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Moved]:
    changed = {
        key: value for key, value in now.items() if key in before and str(before[key]) != str(value)
    }
    old = {f.title: f.text for f in approving.figures({k: before[k] for k in changed})}
    return [Moved(f.title, old.get(f.title, ""), f.text) for f in approving.figures(changed)]
