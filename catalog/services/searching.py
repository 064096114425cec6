"""Words that mean the same, searches without result and what is decided of them (SYS-6.2-09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.choices.search import MissDecision
from catalog.errors import search as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import SearchMiss, SearchSynonym
from catalog.rules import search as rules
from catalog.selectors import search
from catalog.types.search import MissDigest, MissInfo, SynonymInfo
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices

SYNONYM: Final = "catalog.searchsynonym"
MISS: Final = "catalog.searchmiss"
DECIDE: Final = may(
    "catalog",
    "C",
    Role.OPERATIONS_SPECIALIST,
    Role.OPERATIONS_SUPERVISOR,
    Role.EDITOR,
    Role.WEB_EDITING_SUPERVISOR,
)
_TOLD: Final = (Role.OPERATIONS_SPECIALIST, Role.EDITOR)

_NOTE = """
INSERT INTO catalog_searchmiss AS m (word, week_on, times, decision, note)
VALUES (%(word)s, %(week)s, 1, 'open', '')
ON CONFLICT (word, week_on) DO UPDATE SET times = m.times + 1
"""


def add_synonyms(*, words: Sequence[str], why: str, actor: Actor, at: dt.datetime) -> SynonymInfo:
    """Let words mean the same from now on, for everybody who searches.

    Raises Forbidden, ReasonNeeded, SynonymsThere, BadInput naming `words`.
    """
    DECIDE.require(actor)
    reason = _reason(why)
    read = rules.read_words(words)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = SearchSynonym.objects.create(
                    words=read, why=reason, set_by=actor.person_id, set_at=at
                )
        except IntegrityError as error:
            raise errors.SynonymsThere from error
        audit.record(
            actor=actor,
            at=at,
            action="catalog.synonyms_entered",
            obj=(SYNONYM, made.pk),
            body={"words": read, "why": reason},
        )
        return _info(made)


def retire_synonyms(*, synonym_id: int, why: str, actor: Actor, at: dt.datetime) -> SynonymInfo:
    """Hear the words apart again; the set stays on record.

    Raises Forbidden, ThingMissing, ReasonNeeded, SynonymsOver.
    """
    DECIDE.require(actor)
    reason = _reason(why)
    with transaction.atomic():
        row = (
            SearchSynonym.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=synonym_id)
            .first()
        )
        if row is None:
            raise ThingMissing("synonym", synonym_id)
        if not row.is_active:
            raise errors.SynonymsOver
        row.is_active = False
        row.save(update_fields=["is_active"])
        audit.record(
            actor=actor,
            at=at,
            action="catalog.synonyms_retired",
            obj=(SYNONYM, row.pk),
            body={"words": row.words, "why": reason},
        )
        return _info(row)


def note_miss(*, text: str, at: dt.datetime) -> bool:
    """Count a search that found nothing; who searched is not asked. Returns whether it was kept.

    What may be somebody's number or address is not kept, nor what somebody else would find.
    """
    word = rules.loggable(text)
    if not word or not search.finds_nothing(text=text):
        return False
    week = search.monday_of(parse.business_day(at))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NOTE, {"word": word, "week": week})
    return True


def decide_miss(
    *,
    miss_id: int,
    decision: MissDecision,
    note: str = "",
    words: Sequence[str] = (),
    actor: Actor,
    at: dt.datetime,
) -> MissInfo:
    """Decide about a word that found nothing, in every week in which it is undecided.

    A synonym names `words` by which goods are found, and takes effect at once; anything else needs
    a reason. Raises Forbidden, ThingMissing, MissDecided, ReasonNeeded, StillNothing, BadInput.
    """
    DECIDE.require(actor)
    if decision == MissDecision.OPEN:
        raise BadInput(
            "catalog.miss_undecided", _("Please choose one of the list."), field="decision"
        )
    with transaction.atomic():
        rows = SearchMiss.objects.select_for_update(of=("self",), no_key=True)
        row = rows.filter(pk=miss_id).first()
        if row is None:
            raise ThingMissing("search_miss", miss_id)
        if row.decision != MissDecision.OPEN:
            raise errors.MissDecided
        is_synonym = decision == MissDecision.SYNONYM
        reason = parse.text(note, most=200).strip() if is_synonym else _reason(note)
        entered = _hear_as(row.word, words, reason, actor=actor, at=at) if is_synonym else None
        open_rows = rows.filter(word=row.word, decision=MissDecision.OPEN).order_by("pk")
        ids = [each.pk for each in open_rows]
        SearchMiss.objects.filter(pk__in=ids).update(
            decision=decision,
            note=reason,
            synonym_id=entered,
            decided_by=actor.person_id,
            decided_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.search_miss_decided",
            obj=(MISS, row.pk),
            body={
                "word": row.word,
                "decision": str(decision),
                "note": reason,
                "synonym": entered,
                "weeks": len(ids),
            },
        )
        return MissInfo(row.pk, row.word, row.week_on, row.times, str(decision))


def tell_week(*, week_on: dt.date, actor: Actor, at: dt.datetime) -> MissDigest:
    """Tell those who decide how many searches of a week found nothing; once a week and person."""
    found = search.digest(week_on=week_on)
    if found.undecided:
        for role in _TOLD:
            notices.notify(
                role=role,
                kind="act",
                title=gettext_noop("%(words)s words found nothing last week: decide about them"),
                params={"words": found.undecided},
                link=f"/search-misses/?week={week_on}&decision=open",
                subject=f"{MISS}:{week_on}",
                effect_key=f"search_misses:{week_on}:{role}",
                actor=actor,
                at=at,
            )
    return found


def _hear_as(word: str, words: Sequence[str], reason: str, *, actor: Actor, at: dt.datetime) -> int:
    """Let a word be heard as others, unless nothing would be found by it even then."""
    why = reason or f"search: {word}"
    made = add_synonyms(words=[word, *words], why=why, actor=actor, at=at)
    if search.finds_nothing(text=word):
        raise errors.StillNothing(word)
    return made.id


def _reason(text: str) -> str:
    read = parse.text(text, most=200).strip()
    if not read:
        raise ReasonNeeded
    return read


def _info(row: SearchSynonym) -> SynonymInfo:
    return SynonymInfo(row.pk, tuple(row.words), row.is_active)
