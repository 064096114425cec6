"""Scorecards: the index, the cards of one with their grades, a card, and the marking form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.desk import scoring
from ops.engines.desk.base import Screen
from ops.engines.desk.bulk import BulkAction, BulkOutcome, Refused
from ops.engines.desk.cells import Column
from ops.engines.desk.charts import Chart, Series
from ops.engines.desk.fields import Field, Group
from ops.engines.desk.filters import Filter
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.keyset import ListPage
from ops.engines.desk.lists import ListQuery, ListScreen
from ops.engines.desk.records import Action, Done, Record, RecordScreen
from ops.engines.desk.states import Tone, register_states
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.scorecards import selectors, services
from ops.engines.scorecards.choices import CardState, ObjectionState
from ops.engines.scorecards.declarations import Scorecard, scorecard_named
from ops.engines.scorecards.models import Card
from ops.engines.scorecards.types import MarkDraft

UNRATED: Final = "-"
MOST_AT_ONCE: Final = 200

register_states(
    {
        CardState.OPEN: Tone.RUNNING,
        CardState.MARKED: Tone.WAITING,
        CardState.CONFIRMED: Tone.DONE,
        CardState.PUBLISHED: Tone.DONE,
        CardState.OBJECTED: Tone.WAITING,
        CardState.FINAL: Tone.DONE,
        CardState.REVISED: Tone.NEUTRAL,
        ObjectionState.OPEN: Tone.WAITING,
        ObjectionState.UPHELD: Tone.DONE,
        ObjectionState.REJECTED: Tone.NEUTRAL,
    }
)


class ScorecardIndex(Screen):
    """`/scores/`: every scorecard this person may see, with what waits."""

    policy = SIGNED_IN
    title = gettext_lazy("Scorecards")
    nav = "scorecards"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the index."""
        rows = selectors.overview(actor=self.actor)
        context = {"screen": self, "title": self.title, "rows": rows}
        return render(request, "desk/scorecards.html", context)


def confirm_many(ids: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    """Confirm the selected cards, each with its own result."""
    return _each(ids, lambda pk: services.confirm(card_id=pk, actor=actor, at=at))


def publish_many(ids: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    """Publish the selected cards, each with its own result."""
    return _each(ids, lambda pk: services.publish(card_id=pk, actor=actor, at=at))


def _each(ids: Sequence[str], deed: Any) -> BulkOutcome:
    if len(ids) > MOST_AT_ONCE:
        raise BadInput(
            "scorecards.many", _("At most %(most)s cards at once.") % {"most": MOST_AT_ONCE}
        )
    refused = []
    for pk in sorted(int(each) for each in ids if each.isdigit()):
        try:
            deed(pk)
        except OpsError as refusal:
            refused.append(Refused(str(pk), str(refusal)))
    return BulkOutcome(done=len(ids) - len(refused), refused=refused)


class CardList(ListScreen):
    """`/scores/<key>/`: the cards of one scorecard and how their grades are spread."""

    policy = SIGNED_IN
    title = gettext_lazy("Scorecards")
    nav = "scorecards"
    template_name = "desk/scorecard.html"
    columns = (
        Column("subject_name", gettext_lazy("Name"), name=True, sort=True),
        Column("period", gettext_lazy("Period"), "code", sort=True),
        Column("score", gettext_lazy("Score"), "money"),
        Column("grade", gettext_lazy("Grade")),
        Column("state", gettext_lazy("State"), "badge", value=lambda c: CardState(c.state)),
        Column("mark_by_on", gettext_lazy("To be marked by"), "day"),
        Column("objection_until", gettext_lazy("Objections until"), "day", optional=True),
        Column("revision", gettext_lazy("Revision"), "number", optional=True),
    )
    order = "-period"
    empty = gettext_lazy(
        "No card yet. Cards open by themselves when a period ends, one for each that was active."
    )
    bulk = (
        BulkAction(
            key="confirm", label=gettext_lazy("Confirm the result"), run=confirm_many, shortcut="v"
        ),
        BulkAction(key="publish", label=gettext_lazy("Publish the result"), run=publish_many),
    )
    scorecard: Scorecard
    cards_chart: Chart | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Take title, filters and the right to export from the scorecard that was asked for."""
        super().setup(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return  # led to sign in, whether there is such a scorecard or not
        self.scorecard = scorecard = scorecard_named(kwargs["key"])
        # The periods and grades to choose from are the scorecard's, so they differ by request.
        vars(self).update(
            title=scorecard.title,
            export_policy=scorecard.export,
            filters=(
                Filter("q", gettext_lazy("Name"), "text"),
                Filter("period", gettext_lazy("Period"), choices=self._periods),
                Filter("grade", gettext_lazy("Grade"), choices=_grades(scorecard)),
                Filter("state", gettext_lazy("State"), choices=CardState.choices),
            ),
        )

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page; the chart counts every card the filters leave."""
        rows = selectors.cards(actor=actor, key=self.scorecard.key)
        given = {key: query.get(key) for key in ("period", "state") if query.get(key)}
        if not query.get("state"):
            rows = rows.exclude(state=CardState.REVISED)
        rows = rows.filter(**given)
        if typed := query.get("q"):
            rows = rows.filter(subject_name__icontains=typed)
        if query.is_counted:
            self.cards_chart = self._chart(selectors.distribution(rows), given)
        if letter := query.get("grade"):
            rows = rows.filter(grade="" if letter == UNRATED else letter)
        orders = {"period": "first_on", "subject_name": "subject_name"}
        return query.page(rows, orders=orders)

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer the weights to the role that confirms."""
        work = self.scorecard.work
        return (
            Action(
                key="weights",
                label=_("Weights"),
                href=reverse("desk:score-weights", args=[self.scorecard.key]),
                why_not="" if work.allows(actor) else self.lacking(work),
            ),
        )

    def row_href(self, row: Any) -> str:
        """Open the card."""
        return reverse("desk:score", args=[row.scorecard, row.pk])

    def _periods(self, actor: Actor) -> list[tuple[str, str]]:
        return [(each, each) for each in selectors.periods(actor=actor, key=self.scorecard.key)]

    def _chart(self, counts: Mapping[str, int], given: Mapping[str, str]) -> Chart | None:
        letters = _grades(self.scorecard)
        values = [counts.get("" if key == UNRATED else key, 0) for key, _title in letters]
        if not any(values):
            return None
        kept = "".join(f"&{key}={value}" for key, value in given.items())
        words = _("%(best)s of %(all)s have the best grade.")
        return Chart(
            key="grades",
            title=_("Grades"),
            kind="bar",
            categories=[title for _key, title in letters],
            series=[Series(_("Cards"), values)],
            finding=words % {"best": values[0], "all": sum(values)},
            hrefs=[f"?grade={key}{kept}" for key, _title in letters],
        )


class WeightsForm(FormScreen):
    """`/scores/<key>/weights/`: other weights from a day on; open cards keep theirs."""

    policy = SIGNED_IN
    title = gettext_lazy("Weights")
    nav = "scorecards"
    submit_label = gettext_lazy("Save the weights")
    check = True
    lead = gettext_lazy("They sum to exactly 100. Cards that are open keep the weights they have.")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return one field for each criterion, the first day and the reason."""
        scorecard = scorecard_named(key["key"])
        scorecard.work.require(actor)
        weights = [Field(f"weight_{c.key}", c.title, "money") for c in scorecard.criteria]
        when = (
            Field("first_on", gettext_lazy("From"), "day"),
            Field("reason", gettext_lazy("Reason")),
        )
        return (Group(gettext_lazy("Weights"), weights), Group(gettext_lazy("Validity"), when))

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the weights in force."""
        scorecard = scorecard_named(key["key"])
        now = selectors.weights_on(scorecard=scorecard, day=business_day(at))
        return {f"weight_{name}": weight for name, weight in now.items()}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Make the new version."""
        number = services.set_weights(
            key=key["key"],
            weights={
                name.removeprefix("weight_"): Decimal(value)
                for name, value in values.items()
                if name.startswith("weight_")
            },
            first_on=values["first_on"],
            reason=values["reason"],
            actor=actor,
            at=at,
        )
        return Done(message=_("Version %(n)s is kept.") % {"n": number})

    def back_url(self, **key: Any) -> str:
        """Return to the cards."""
        return reverse("desk:scorecard", args=[key["key"]])


class CardRecord(RecordScreen):
    """`/scores/<key>/<id>/`: one card with what its points came from, and what can be done."""

    policy = SIGNED_IN
    nav = "scorecards"
    list_url_name = "desk:scorecards"
    list_title = gettext_lazy("Scorecards")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the card."""
        found = selectors.card(card_id=key["card_id"], actor=actor, key=key["key"])
        return scoring.record(found, actor=actor)


class MarkForm(FormScreen):
    """`/scores/<key>/<id>/mark/`: points and reasons, criterion by criterion, also by thumb."""

    policy = SIGNED_IN
    title = gettext_lazy("Give points")
    nav = "scorecards"
    submit_label = gettext_lazy("Save the marks")
    keeps_draft = True

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return one group for each criterion that this person marks."""
        card = self._card(actor, key)
        marks = [each for each in selectors.lines_of(card) if each.role and actor.holds(each.role)]
        return [_group(each, needs=_needs(card, each.key)) for each in marks]

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the newest marks."""
        found: dict[str, Any] = {}
        for each in selectors.lines_of(self._card(actor, key)):
            if each.role and each.points is not None:
                found[f"points_{each.key}"] = each.points
                found[f"comment_{each.key}"] = each.comment
                found[f"evidence_{each.key}"] = each.evidence
        return found

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep every mark that changed."""
        card = self._card(actor, key)
        former = self.initial(actor=actor, at=at, **key)
        names = [name.removeprefix("points_") for name in values if name.startswith("points_")]
        drafts = [
            MarkDraft(
                criterion=name,
                points=Decimal(values[f"points_{name}"]),
                comment=values[f"comment_{name}"] or "",
                evidence=values[f"evidence_{name}"] or "",
            )
            for name in names
            if any(values[f"{part}_{name}"] != former.get(f"{part}_{name}")
                   for part in ("points", "comment", "evidence"))
        ]  # fmt: skip
        if drafts:
            services.mark_all(card_id=card.pk, drafts=drafts, actor=actor, at=at)
        return Done(message=_("%(name)s is marked.") % {"name": card.subject_name})

    def back_url(self, **key: Any) -> str:
        """Return to the card."""
        return reverse("desk:score", args=[key["key"], key["card_id"]])

    def _card(self, actor: Actor, key: Mapping[str, Any]) -> Card:
        return selectors.card(card_id=key["card_id"], actor=actor, key=key["key"])


def _group(line: selectors.ShownLine, *, needs: bool) -> Group:
    title = _("%(criterion)s (weight %(weight)s)") % {
        "criterion": line.title,
        "weight": f"{line.weight.normalize():f}",
    }
    return Group(
        title,
        (
            Field(f"points_{line.key}", gettext_lazy("Points"), "money",
                  hint=gettext_lazy("From 0 to 100.")),
            Field(f"comment_{line.key}", gettext_lazy("Reason"), "lines", most=500),
            Field(f"evidence_{line.key}", gettext_lazy("Evidence"), required=needs,
                  hint=gettext_lazy("A document number or a link; files are added to the card.")),
        ),
        hint=line.hint,
    )  # fmt: skip


def _needs(card: Card, key: str) -> bool:
    criterion = scorecard_named(card.scorecard).criterion(key)
    return criterion is not None and criterion.needs_evidence


def _grades(scorecard: Scorecard) -> list[tuple[str, Any]]:
    letters: list[tuple[str, Any]] = [(grade.letter, grade.letter) for grade in scorecard.grades]
    return [*letters, (UNRATED, gettext_lazy("not rated"))]
