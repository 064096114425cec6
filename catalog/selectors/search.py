"""Goods by what people type: code, name, attributes, synonyms, in Chinese and English (ADR 28)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    Func,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Concat

from catalog.choices.search import MissDecision
from catalog.errors.goods import ThingMissing
from catalog.models import SearchDocument, SearchMiss, SearchSynonym, Sku
from catalog.selectors import lists
from catalog.types.search import MissDigest
from ops.engines.kernel.actor import Actor

MOST_TYPED: Final = 80


class _Question(Func):
    """What was typed, as the database reads it: synonyms included."""

    function = "catalog_search_query"


class _Finds(Func):
    """Whether a document answers a question."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def compared(text: str) -> str:
    """Return a text as codes and titles are compared, as `catalog_search_text` does."""
    return unicodedata.normalize("NFKC", text.strip()[:MOST_TYPED]).lower()


def matching(*, text: str, actor: Actor) -> QuerySet[SearchDocument]:
    """Return what a text finds among the goods the actor may see; by `place` the best come first.

    The exact code or barcode, then codes that begin so, then the exact name, names that begin so,
    names that hold it, and what is found by attributes, shelf, brand, synonyms or in parts. Only
    the documents are read: page them, then let `goods_of` fetch the rows of the page.
    """
    asked = compared(text)
    rank = Case(
        When(Q(code_key=asked) | Q(barcode=asked), then=Value("0")),
        When(code_key__startswith=asked, then=Value("1")),
        When(title=asked, then=Value("2")),
        When(title__startswith=asked, then=Value("3")),
        When(title__contains=asked, then=Value("4")),
        default=Value("5"),
    )
    place = Concat(rank, F("code_key"), output_field=CharField())
    rows = _answers(text).annotate(place=place)
    mine = actor.scope_ids("category", "catalog")
    return rows.filter(sku__product__category_id__in=mine) if mine else rows


def goods_of(documents: Sequence[SearchDocument], *, actor: Actor) -> list[Sku]:
    """Return the goods of some documents, in their order. One query."""
    ids = [document.pk for document in documents]
    rows = {sku.pk: sku for sku in lists.skus(actor=actor).filter(pk__in=ids)}
    return [rows[pk] for pk in ids if pk in rows]


def found(*, text: str, actor: Actor, most: int) -> list[Sku]:
    """Return the goods a text finds among those the actor may see, the best first. Two queries."""
    best = matching(text=text, actor=actor).order_by(F("place"), "pk")[:most]
    return goods_of(list(best), actor=actor)


def finds_nothing(*, text: str) -> bool:
    """Say whether nobody would find anything, whatever they may see."""
    return not _answers(text).exists()


def synonyms() -> QuerySet[SearchSynonym]:
    """Return every set of words that mean the same, also those no longer heard."""
    return SearchSynonym.objects.all()


def synonym(*, synonym_id: int) -> SearchSynonym:
    """Return one set of words; raises ThingMissing."""
    row = SearchSynonym.objects.filter(pk=synonym_id).first()
    if row is None:
        raise ThingMissing("synonym", synonym_id)
    return row


def misses() -> QuerySet[SearchMiss]:
    """Return every word that found nothing, week by week."""
    return SearchMiss.objects.select_related("synonym")


def miss(*, miss_id: int) -> SearchMiss:
    """Return one word of one week; raises ThingMissing."""
    row = misses().filter(pk=miss_id).first()
    if row is None:
        raise ThingMissing("search_miss", miss_id)
    return row


def digest(*, week_on: date) -> MissDigest:
    """Return the sums of one week. One query."""
    sums: dict[str, Any] = SearchMiss.objects.filter(week_on=week_on).aggregate(
        times=Sum("times"),
        words=Sum(Value(1)),
        undecided=Sum(Case(When(decision=MissDecision.OPEN, then=Value(1)), default=Value(0))),
    )
    return MissDigest(week_on, sums["words"] or 0, sums["times"] or 0, sums["undecided"] or 0)


def newest_decision() -> datetime | None:
    """Return when a word was decided about last, None when never."""
    decided = SearchMiss.objects.filter(decided_at__isnull=False).order_by("-decided_at")
    return decided.values_list("decided_at", flat=True).first()


def monday_of(day: date) -> date:
    """Return the first day of the week of a day."""
    return day - timedelta(days=day.weekday())


def _answers(text: str) -> QuerySet[SearchDocument]:
    question = _Question(Value(text[:MOST_TYPED]))
    return SearchDocument.objects.filter(_Finds(F("document"), question))
