"""A card as a record page: facts, criteria, marks, history, and the actions of its state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ops.engines.desk.cells import Column, Lines, show
from ops.engines.desk.charts import Chart, Series
from ops.engines.desk.fields import Field
from ops.engines.desk.filing import Files
from ops.engines.desk.records import Action, Done, Fact, FactGroup, Record, Related, StateStep
from ops.engines.desk.words import role_name
from ops.engines.files.holders import declare_holder
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.scorecards import selectors, services
from ops.engines.scorecards.choices import UNDECIDED, CardState, ObjectionState
from ops.engines.scorecards.declarations import Scorecard, scorecard_named
from ops.engines.scorecards.models import Card, Objection
from ops.engines.scorecards.types import CardInfo

_COURSE = (CardState.OPEN, CardState.MARKED, CardState.CONFIRMED, CardState.PUBLISHED,
           CardState.FINAL)  # fmt: skip
Names = Mapping[int, str]


def _visible(actor: Actor, object_id: str) -> bool:
    return object_id.isdigit() and selectors.cards(actor=actor).filter(pk=int(object_id)).exists()


declare_holder("scorecards.card", policy=SIGNED_IN, visible=_visible)


def record(card: Card, *, actor: Actor) -> Record:
    """Return everything the page of a card shows."""
    scorecard = scorecard_named(card.scorecard)
    filed = getattr(card, "objection", None)
    lines, marks = selectors.lines_of(card), selectors.marks_of(card)
    involved = {m.marked_by for m in marks} | {card.confirmed_by or 0}
    if filed is not None:
        involved |= {filed.filed_by, filed.decided_by or 0}
    names = identity.person_names(involved - {0})
    return Record(
        number=card.period,
        title=card.subject_name,
        state=CardState(card.state),
        states=_states(card, scorecard),
        actions=_actions(card, scorecard, actor),
        facts=_facts(card, filed, names),
        lines=(_criteria(card, lines), _revisions(scorecard, marks, names)),
        charts=_charts(card, scorecard),
        related=_related(card, scorecard),
        clauses=scorecard.clauses,
        subject=("scorecards.card", card.pk),
        files=Files(
            object_type="scorecards.card", object_id=card.pk, add=scorecard.view,
            title=_("Evidence"),
            why_not="" if card.state in UNDECIDED else _("The card is confirmed."),
        ),
    )  # fmt: skip


def _facts(card: Card, filed: Objection | None, names: Names) -> list[FactGroup]:
    result = FactGroup(
        title=_("Result"),
        facts=[
            Fact(title=_("Score"), value=card.score, kind="money"),
            Fact(title=_("Grade"), value=card.grade or _("not rated")),
            Fact(title=_("Weights"), value=_("version %(n)s") % {"n": card.version.number}),
            Fact(title=_("Confirmed by"), value=names.get(card.confirmed_by or 0)),
            Fact(title=_("Objections until"), value=card.objection_until, kind="day"),
            Fact(title=_("On show until"), value=card.shown_until, kind="day"),
            Fact(title=_("Decision"), value=card.comment, is_wide=True),
        ],
    )
    if filed is None:
        return [result]
    objection = FactGroup(
        title=_("Objection"),
        facts=[
            Fact(title=_("State"), value=ObjectionState(filed.state), kind="badge"),
            Fact(title=_("Filed by"), value=names.get(filed.filed_by)),
            Fact(title=_("On behalf of"), value=filed.on_behalf_of),
            Fact(title=_("Decided by"), value=names.get(filed.decided_by or 0)),
            Fact(title=_("Reason"), value=filed.reason, is_wide=True),
            Fact(title=_("Finding"), value=filed.finding, is_wide=True),
        ],
    )
    return [result, objection]


def _criteria(card: Card, lines: Sequence[selectors.ShownLine]) -> Lines:
    def measured(line: selectors.ShownLine) -> str:
        return show(line.value, line.value_kind) if line.metric else ""

    def source(line: selectors.ShownLine) -> str:
        if line.metric:
            return _("measured") if line.points is not None else _("no activity: no points")
        return line.comment or _("to be marked by: %(role)s") % {"role": role_name(line.role)}

    return Lines(
        title=_("Criteria"),
        columns=(
            Column("title", _("Criterion"), href=lambda line: _metric(line, card)),
            Column("weight", _("Weight"), "number"),
            Column("value", _("Value"), "number", value=measured),
            Column("points", _("Points"), "number"),
            Column("weighted", _("Weight x points / 100"), "number"),
            Column("source", _("Source"), value=source, sub=lambda line: line.evidence),
        ),
        rows=lines,
        total={"weight": 100, "weighted": card.score},
        note=_("A criterion without activity has no points; the others carry its weight."),
    )


def _metric(line: selectors.ShownLine, card: Card) -> str:
    if not line.metric:
        return ""
    return f"{reverse('desk:metric', args=[line.metric])}?period={card.period}"


def _revisions(scorecard: Scorecard, marks: Sequence[Any], names: Names) -> Lines:
    titles = {each.key: str(each.title) for each in scorecard.criteria}
    return Lines(
        title=_("Marks"),
        columns=(
            Column("criterion", _("Criterion"), value=lambda m: titles.get(m.criterion)),
            Column("revision", _("Revision"), "number"),
            Column("points", _("Points"), "number"),
            Column("comment", _("Reason"), sub=lambda m: m.evidence),
            Column("marked_by", _("Marked by"), value=lambda m: names.get(m.marked_by)),
            Column("marked_at", _("Time"), "moment"),
        ),
        rows=marks,
        empty=_("Nobody has marked yet."),
    )


def _charts(card: Card, scorecard: Scorecard) -> list[Chart]:
    former = selectors.history(card)
    if len(former) < 2:
        return []
    first, last = former[-2].score, former[-1].score
    moved = "" if first is None or last is None else show(last - first, "money")
    return [
        Chart(
            key="history",
            title=_("Score by period"),
            kind="line",
            categories=[each.period for each in former],
            series=[
                Series(str(scorecard.title), [each.score for each in former]),
                Series(_("Best grade from"), [scorecard.grades[0].least] * len(former),
                       is_muted=True),
            ],
            finding=_("Change against the period before: %(moved)s") % {"moved": moved or "-"},
            value_kind="money",
            hrefs=[reverse("desk:score", args=[each.scorecard, each.pk]) for each in former],
        )
    ]  # fmt: skip


def _related(card: Card, scorecard: Scorecard) -> list[Related]:
    found = [
        Related(
            title=scorecard.title,
            href=f"{reverse('desk:scorecard', args=[card.scorecard])}?period={card.period}",
            note=card.period,
        )
    ]
    if scorecard.subject_url:
        href = reverse(scorecard.subject_url, args=[card.subject_id])
        found.append(Related(title=card.subject_name, href=href))
    if card.revises_id:
        href = reverse("desk:score", args=[card.scorecard, card.revises_id])
        found.append(Related(title=_("The result it replaces"), href=href))
    return found


def _states(card: Card, scorecard: Scorecard) -> list[StateStep]:
    course = [
        s for s in _COURSE if scorecard.publication is not None or s is not CardState.PUBLISHED
    ]
    state = CardState(card.state)
    if state is CardState.OBJECTED:
        course.insert(-1, CardState.OBJECTED)
    if state is CardState.REVISED:
        course[-1:] = [CardState.REVISED]
    here = course.index(state)
    notes = {
        CardState.OPEN: _("by %(day)s") % {"day": card.mark_by_on.isoformat()},
        CardState.MARKED: role_name(scorecard.confirmed_by),
    }
    return [
        StateStep(
            title=each.label,
            when="past" if n < here else "now" if n == here else "next",
            note=notes.get(each, "") if n >= here else "",
        )
        for n, each in enumerate(course)
    ]


def _actions(card: Card, scorecard: Scorecard, actor: Actor) -> list[Action]:
    state = CardState(card.state)
    if state in UNDECIDED:
        return [_mark(card, scorecard, actor), _confirm(card, scorecard, actor)]
    if state is CardState.CONFIRMED and scorecard.publication is not None:
        return [
            Action(
                key="publish", label=_("Publish the result"), is_primary=True,
                run=_deed(card, services.publish, _("Published.")),
                why_not=_lacks(scorecard.confirmed_by, actor),
            )
        ]  # fmt: skip
    if state is CardState.PUBLISHED and scorecard.objection is not None:
        return [_object(card)]
    if state is CardState.OBJECTED and scorecard.objection is not None:
        why = _lacks(scorecard.objection.decided_by, actor)
        return [_decide(card, why, is_upheld=True), _decide(card, why, is_upheld=False)]
    return []


def _mark(card: Card, scorecard: Scorecard, actor: Actor) -> Action:
    roles = {each.marked_by for each in scorecard.criteria if each.marked_by}
    why = "" if actor.holds(*roles) else _lacks(min(roles) if roles else "", actor)
    return Action(
        key="mark", label=_("Give points"), why_not=why,
        href=reverse("desk:score-mark", args=[card.scorecard, card.pk]),
        is_primary=card.state == CardState.OPEN, shortcut="m",
    )  # fmt: skip


def _confirm(card: Card, scorecard: Scorecard, actor: Actor) -> Action:
    why = _lacks(scorecard.confirmed_by, actor)
    if card.state == CardState.OPEN:
        why = _("Marks are missing.")
    return Action(
        key="confirm",
        label=_("Confirm the result"),
        run=_deed(card, services.confirm, _("Confirmed.")),
        fields=(Field("comment", _("Decision"), "lines", required=False, most=500),),
        confirm=_("%(name)s, %(period)s: score %(score)s, grade %(grade)s. It cannot be changed.")
        % {
            "name": card.subject_name,
            "period": card.period,
            "score": show(card.score, "money"),
            "grade": card.grade or _("not rated"),
        },
        why_not=why,
        is_primary=card.state == CardState.MARKED,
    )


def _object(card: Card) -> Action:
    return Action(
        key="object",
        label=_("Object"),
        run=_deed(card, services.object_to, _("The objection is filed.")),
        fields=(
            Field("reason", _("Reason"), "lines", most=1000),
            Field("on_behalf_of", _("On behalf of"), required=False,
                  hint=_("The outside party, when it is not your own objection.")),
        ),
    )  # fmt: skip


def _decide(card: Card, why: str, *, is_upheld: bool) -> Action:
    def decide(**given: Any) -> CardInfo:
        return services.decide(is_upheld=is_upheld, **given)

    words = _("The card is judged again.") if is_upheld else _("The result stays.")
    return Action(
        key="uphold" if is_upheld else "reject",
        label=_("Uphold") if is_upheld else _("Reject"),
        run=_deed(card, decide, words),
        fields=(Field("finding", _("Finding"), "lines", most=1000),),
        why_not=why,
        is_primary=is_upheld,
    )


def _deed(
    card: Card, service: Callable[..., CardInfo], words: str
) -> Callable[[Mapping[str, Any], Actor, dt.datetime], Done]:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        given = {key: value or "" for key, value in values.items()}
        done = service(card_id=card.pk, actor=actor, at=at, **given)
        return Done(message=words, href=reverse("desk:score", args=[card.scorecard, done.id]))

    return run


def _lacks(role: str, actor: Actor) -> str:
    if not role or actor.holds(role):
        return ""
    return _("Only %(roles)s may do this.") % {"roles": role_name(role)}
