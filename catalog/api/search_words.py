"""Words that mean the same, and words that found nothing (SYS-6.2-09)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from catalog.choices.search import MissDecision
from catalog.models import SearchMiss, SearchSynonym
from catalog.selectors import search
from catalog.services import searching
from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Sent, Step
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    MomentField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_DECISIONS = [one for one in MissDecision.choices if one[0] != MissDecision.OPEN]
MOST_WORDS = 12


def _words(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(
        child=StrictCharField(max_length=40), max_length=MOST_WORDS, **kwargs
    )


class SynonymDraftSerializer(StrictSerializer):
    """Words that mean the same to whoever searches, and why."""

    words = _words()
    why = StrictCharField(max_length=200)


class SynonymEndSerializer(StrictSerializer):
    """Why words are heard apart again."""

    why = StrictCharField(max_length=200)


class SynonymSerializer(StrictSerializer):
    """A set of words, in the form in which they are compared."""

    id = IdField()
    words = _words()
    why = StrictCharField()
    is_active = FlagField()
    set_at = MomentField()


class MissDecisionSerializer(StrictSerializer):
    """What is done about a word; a synonym names the words by which goods are found."""

    decision = WordField(choices=_DECISIONS)
    note = StrictCharField(max_length=200, required=False, allow_blank=True)
    words = _words(required=False)


class MissSerializer(StrictSerializer):
    """A word that found nothing in a week; who searched is not known."""

    id = IdField()
    word = StrictCharField()
    week_on = DayField()
    times = QuantityField()
    decision = CodeField()
    note = StrictCharField()
    synonym = IdField(source="synonym_id", allow_null=True)
    decided_at = MomentField(allow_null=True)


def _decided(sent: Sent) -> Mapping[str, Any]:
    return {**sent, "decision": MissDecision(sent["decision"])}


class SynonymViewSet(DoorViewSet):
    """Synonyms of the search, also those no longer heard."""

    serializer_class = SynonymSerializer
    filters = {"active": filters.flag("is_active")}
    orderings = ("-id", "id")
    key = "synonym_id"
    read = _VIEW
    make = Step(
        run=searching.add_synonyms,
        policy=searching.DECIDE,
        body=SynonymDraftSerializer,
        title="Let words mean the same from now on.",
    )
    steps = {
        "retire": Step(
            run=searching.retire_synonyms,
            policy=searching.DECIDE,
            body=SynonymEndSerializer,
            title="Hear the words apart again; the set stays on record.",
        )
    }

    def get_queryset(self) -> QuerySet[SearchSynonym]:
        """Return every set: one vocabulary for the house."""
        return search.synonyms()


class MissViewSet(DoorViewSet):
    """Searches without result, week by week."""

    serializer_class = MissSerializer
    filters = {
        "decision": filters.exact("decision"),
        "week": filters.day("week_on"),
        "word": filters.exact("word"),
    }
    orderings = ("-id", "id")
    key = "miss_id"
    read = _VIEW
    steps = {
        "decide": Step(
            run=searching.decide_miss,
            policy=searching.DECIDE,
            body=MissDecisionSerializer,
            given=_decided,
            title="Decide about a word, in every week in which it is undecided.",
        )
    }

    def get_queryset(self) -> QuerySet[SearchMiss]:
        """Return every word."""
        return search.misses()
