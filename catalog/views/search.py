"""Words that mean the same, and searches without result with what was decided (SYS-6.2-09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.search import MissDecision
from catalog.models import SearchMiss, SearchSynonym
from catalog.rules.search import split_words
from catalog.selectors import search
from catalog.services import searching
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_EXPORT = may("catalog", "E")
_SHOWN_BEFORE = 12


class MissList(ListScreen):
    """`/search-misses/`: words that found nothing, week by week, the commonest first."""

    policy = _VIEW
    title = _("Searches without result")
    nav = "search_misses"
    lead = _("Only words are counted, never who searched; numbers and addresses are not kept.")
    columns = (
        Column("word", _("Search word"), name=True),
        Column("week_on", _("Week from"), "day"),
        Column("times", _("Searches"), "number", sort=True),
        Column("decision", _("Decision"), "badge", value=lambda row: MissDecision(row.decision)),
        Column(
            "note",
            _("What was done"),
            value=lambda row: str(row.synonym) if row.synonym else row.note,
        ),
        Column("decided_at", _("Decided"), "moment", optional=True),
    )
    filters = (
        Filter("word", _("Search word"), "text"),
        Filter("week", _("Week from"), "day"),
        Filter("decision", _("Decision"), choices=MissDecision.choices),
    )
    order = "-times"
    row_url = "catalog:search_miss"
    export_policy = _EXPORT
    empty = _("Every search found something so far. Words that find nothing come here.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of words."""
        del actor
        rows = query.narrow(search.misses(), "decision", word="word__contains", week="week_on")
        return query.page(rows, orders={"times": "times"})

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the words that mean the same."""
        del actor
        return (
            Action(
                key="synonyms",
                label=_("Synonyms"),
                href=reverse("catalog:search_synonyms"),
                policy=_VIEW,
            ),
        )


class MissScreen(RecordScreen):
    """`/search-misses/<id>/`: one word of one week: how often before, and the decision."""

    policy = _VIEW
    title = _("Search without result")
    nav = "search_misses"
    list_url_name = "catalog:search_misses"
    list_title = _("Searches without result")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the word with its weeks."""
        row = search.miss(miss_id=key["miss_id"])
        hits = search.found(text=row.word, actor=actor, most=5)
        return Record(
            number=row.word,
            title=gettext("Week from %(day)s") % {"day": f"{row.week_on:%Y-%m-%d}"},
            state=MissDecision(row.decision),
            actions=_decide_actions(row),
            facts=(_miss_facts(row),),
            notices=_found_by_now(len(hits)),
            lines=(
                Lines(
                    _("Weeks in which it found nothing"),
                    (
                        Column("week_on", _("Week from"), "day"),
                        Column("times", _("Searches"), "number"),
                        Column(
                            "decision",
                            _("Decision"),
                            "badge",
                            value=lambda each: MissDecision(each.decision),
                        ),
                        Column("note", _("Reason")),
                    ),
                    list(
                        search.misses().filter(word=row.word).order_by("-week_on")[:_SHOWN_BEFORE]
                    ),
                ),
                Lines(
                    _("What it finds now"),
                    (
                        Column(
                            "code",
                            _("SKU"),
                            "code",
                            href=lambda sku: reverse("catalog:sku", args=[sku.pk]),
                            sub=lambda sku: sku.name,
                        ),
                        Column("shelf", _("Category"), value=lambda sku: sku.product.category.name),
                    ),
                    hits,
                    empty=_("Still nothing."),
                ),
            ),
            related=(
                Related(
                    title=_("Goods"),
                    note=_("Search for it"),
                    href=f"{reverse('catalog:skus')}?q={row.word}",
                ),
            ),
            clauses=("SYS-6.2-09",),
            subject=(searching.MISS, row.pk),
        )


class SynonymList(ListScreen):
    """`/search-synonyms/`: words that mean the same to whoever searches."""

    policy = _VIEW
    title = _("Synonyms")
    nav = "search_misses"
    columns = (
        Column("words", _("The words"), name=True, value=str),
        Column("why", _("Reason")),
        Column(
            "is_active",
            _("In use"),
            value=lambda row: _("yes") if row.is_active else _("no longer"),
        ),
        Column("set_at", _("Entered at"), "moment"),
    )
    filters = (Filter("word", _("Search word"), "text"),)
    order = "-id"
    row_url = "catalog:search_synonym"
    new = New(_("Enter synonyms"), "catalog:search_synonym_new", searching.DECIDE)
    export_policy = _EXPORT
    empty = _("No synonyms yet. Enter words by which people mean the same goods.")
    empty_href = "/search-synonyms/new/"
    empty_label = _("Enter synonyms")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of sets of words."""
        del actor
        rows = search.synonyms()
        if word := query.get("word"):
            rows = rows.filter(words__contains=[search.compared(word)])
        return query.page(rows, orders={"id": "id"})


class SynonymScreen(RecordScreen):
    """`/search-synonyms/<id>/`: one set of words, and what each finds."""

    policy = _VIEW
    title = _("Synonyms")
    nav = "search_misses"
    list_url_name = "catalog:search_synonyms"
    list_title = _("Synonyms")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the set with the goods it leads to."""
        row = search.synonym(synonym_id=key["synonym_id"])
        return Record(
            number=str(row),
            actions=(_retire(row),),
            facts=(
                FactGroup(
                    title=_("Synonyms"),
                    facts=(
                        Fact(title=_("The words"), value=str(row)),
                        Fact(title=_("Reason"), value=row.why),
                        Fact(title=_("Entered at"), value=row.set_at, kind="moment"),
                        Fact(
                            title=_("By"),
                            value=people.person_name(row.set_by) if row.set_by else "",
                        ),
                    ),
                ),
            ),
            notices=()
            if row.is_active
            else [("info", _("These words are no longer heard as one."))],
            lines=(
                Lines(
                    _("What any of them finds"),
                    (
                        Column(
                            "code",
                            _("SKU"),
                            "code",
                            href=lambda sku: reverse("catalog:sku", args=[sku.pk]),
                            sub=lambda sku: sku.name,
                        ),
                        Column("shelf", _("Category"), value=lambda sku: sku.product.category.name),
                    ),
                    search.found(text=row.words[0], actor=actor, most=10),
                    empty=_("Nothing yet."),
                ),
            ),
            clauses=("SYS-6.2-09",),
            subject=(searching.SYNONYM, row.pk),
        )


class SynonymForm(FormScreen):
    """`/search-synonyms/new/`: words that mean the same."""

    policy = searching.DECIDE
    title = _("Enter synonyms")
    nav = "search_misses"
    submit_label = _("Put in use")
    lead = _("Whoever searches for one of them finds what any of them finds, at once.")
    groups = (
        Group(
            _("The words"),
            (
                Field(
                    "words",
                    _("The words"),
                    most=200,
                    least=3,
                    hint=_("Two to twelve, separated by commas: 毛衣, 针织衫, sweater"),
                ),
                Field("why", _("Reason"), most=200, least=2),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Enter them through the service."""
        made = searching.add_synonyms(
            words=split_words(values["words"]), why=values["why"], actor=actor, at=at
        )
        return Done(
            message=gettext("These words mean the same from now on."),
            href=reverse("catalog:search_synonym", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse("catalog:search_synonyms")


def _decide_actions(row: SearchMiss) -> tuple[Action, ...]:
    why_not = "" if row.decision == MissDecision.OPEN else _("This search is decided already.")
    reason = Field("note", _("Reason"), most=200, least=2)
    words = Field(
        "words",
        _("Means the same as"),
        most=200,
        least=1,
        hint=_("Words by which goods are found, separated by commas"),
    )
    return (
        Action(
            key="synonym",
            label=_("Enter as synonym"),
            run=lambda values, who, at: _decide(row, MissDecision.SYNONYM, values, who, at),
            policy=searching.DECIDE,
            fields=(words,),
            why_not=why_not,
            is_primary=True,
        ),
        Action(
            key="assortment",
            label=_("These goods are missing"),
            run=lambda values, who, at: _decide(row, MissDecision.ASSORTMENT, values, who, at),
            policy=searching.DECIDE,
            fields=(reason,),
            why_not=why_not,
        ),
        Action(
            key="dismiss",
            label=_("Nothing to do"),
            run=lambda values, who, at: _decide(row, MissDecision.DISMISSED, values, who, at),
            policy=searching.DECIDE,
            fields=(reason,),
            why_not=why_not,
        ),
    )


def _decide(
    row: SearchMiss,
    decision: MissDecision,
    values: Mapping[str, Any],
    actor: Actor,
    at: dt.datetime,
) -> Done:
    searching.decide_miss(
        miss_id=row.pk,
        decision=decision,
        note=values.get("note") or "",
        words=split_words(values.get("words") or ""),
        actor=actor,
        at=at,
    )
    return Done(message=gettext("Decided for every week in which it was open."))


def _retire(row: SearchSynonym) -> Action:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        searching.retire_synonyms(synonym_id=row.pk, why=values["why"], actor=actor, at=at)
        return Done(message=gettext("These words are heard apart again."))

    return Action(
        key="retire",
        label=_("Hear apart again"),
        run=run,
        policy=searching.DECIDE,
        fields=(Field("why", _("Reason"), most=200, least=2),),
        why_not="" if row.is_active else _("These words are no longer heard as one."),
    )


def _found_by_now(hits: int) -> Sequence[tuple[str, Any]]:
    if not hits:
        return ()
    words = ngettext(
        "It finds %(count)s SKU by now.", "It finds %(count)s SKUs or more by now.", hits
    )
    return [("info", words % {"count": hits})]


def _miss_facts(row: SearchMiss) -> FactGroup:
    facts = [
        Fact(title=_("Searches in this week"), value=row.times, kind="number"),
        Fact(title=_("Decision"), value=MissDecision(row.decision).label),
    ]
    if row.decided_at:
        who = people.person_name(row.decided_by) if row.decided_by else ""
        facts += [
            Fact(title=_("Reason"), value=row.note),
            Fact(title=_("Decided"), value=row.decided_at, kind="moment"),
            Fact(title=_("By"), value=who),
        ]
    if row.synonym:
        facts.append(
            Fact(
                title=_("Synonyms"),
                value=str(row.synonym),
                href=reverse("catalog:search_synonym", args=[row.synonym.pk]),
            )
        )
    return FactGroup(title=_("Search without result"), facts=facts)
