"""Banned and superlative words, and texts that contradict the fact sheet (CAT-4.3-02)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from catalog.choices.categories import AttributeKind
from catalog.rules.categories import Attribute
from catalog.rules.listing.content import Content, Finding

BANNED: Final = "banned"
SUPERLATIVE: Final = "superlative"
_NUMBER: Final = r"(?<![0-9.])([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of the maintained list, in force from a day until before another (None: open)."""

    text: str
    kind: str
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Say whether the word is listed on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def plain(text: str) -> str:
    """Return text as it is compared: NFKC, casefolded, nothing but letters and digits.

    So width, case, blanks and signs between characters hide no word.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def listed_words(
    content: Content, *, terms: Iterable[Term], day: date, proven: Collection[str] = ()
) -> list[Finding]:
    """Return a finding for each listed word in each field.

    A superlative with evidence attached (`proven`, by the term's text) is only noted; a banned
    word is never excused.
    """
    listed = [(term, plain(term.text)) for term in terms if term.holds(day)]
    found: dict[tuple[str, str], Finding] = {}
    for field, text in content.texts():
        written = plain(text)
        for term, word in listed:
            if word and word in written:
                found.setdefault((field, term.text), _word(field, term, proven))
    return list(found.values())


def contradictions(
    content: Content, *, attributes: Sequence[Attribute], values: Mapping[str, str]
) -> list[Finding]:
    """Return where a text states another number than the fact sheet.

    Looked at are numbers followed by the unit of exactly one number attribute that has a value:
    with power 45 W, "60 W" is found; a unit two attributes share says nothing.
    """
    units = Counter(_unit(one) for one in attributes if _unit(one))
    found: dict[tuple[str, str], Finding] = {}
    for one in attributes:
        unit, value = _unit(one), values.get(one.key, "")
        if not value or units[unit] != 1:
            continue
        for field, text in content.texts():
            for stated in _numbers(text, unit):
                if stated != Decimal(value):
                    found.setdefault((field, one.key), _contradiction(field, one, value, stated))
    return list(found.values())


def _unit(one: Attribute) -> str:
    """Return a number's unit as it is compared; case counts, for mW is no MW."""
    if one.kind != AttributeKind.NUMBER:
        return ""
    return unicodedata.normalize("NFKC", one.unit).strip()


def _numbers(text: str, unit: str) -> Iterator[Decimal]:
    end = r"(?![A-Za-z])" if unit[-1].isascii() else ""
    pattern = _NUMBER + re.escape(unit) + end
    for match in re.finditer(pattern, unicodedata.normalize("NFKC", text)):
        yield Decimal(match.group(1))


def _word(field: str, term: Term, proven: Collection[str]) -> Finding:
    if term.kind == SUPERLATIVE and term.text in proven:
        return Finding(
            field=field,
            code="catalog.word_proven",
            words=_("“%(word)s” stands on attached evidence.") % {"word": term.text},
            level="note",
        )
    if term.kind == SUPERLATIVE:
        words = _("“%(word)s” is a superlative: take it out or attach evidence.")
        return Finding(
            field=field, code="catalog.word_superlative", words=words % {"word": term.text}
        )
    words = _("“%(word)s” may not be said: take it out.")
    return Finding(field=field, code="catalog.word_banned", words=words % {"word": term.text})


def _contradiction(field: str, one: Attribute, value: str, stated: Decimal) -> Finding:
    return Finding(
        field=field,
        code="catalog.fact_contradicted",
        words=_("The text says %(stated)s %(unit)s, the fact sheet %(title)s %(value)s %(unit)s.")
        % {"stated": stated, "unit": one.unit, "title": one.title, "value": value},
    )
