"""Banned and superlative words, and texts that contradict the fact sheet (CAT-4.3-02)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _

from catalog.choices.categories import AttributeKind
from catalog.rules.categories import NO, YES, Attribute
from catalog.rules.listing.content import Content, Finding

BANNED: Final = "banned"
SUPERLATIVE: Final = "superlative"
_NUMBER: Final = r"(?<![0-9.])([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*"
# What a text says of a fact it names: "产地：四川", "颜色为红".
_SAYS: Final = r"\s*(?:[:=]|是|为)\s*([^\s,.;。、()]+)"
_YES_NO: Final[Mapping[str, str]] = MappingProxyType(
    {"是": YES, "有": YES, "yes": YES, "否": NO, "无": NO, "没有": NO, "不是": NO, "no": NO}
)
_NEGATIONS: Final = ("不含", "不是", "没有", "并非", "而非", "非", "无", "零", "no ", "not ")
# Chinese and international standards as they are cited: "GB/T 18401-2010", "ISO 9001".
_STANDARD: Final = re.compile(
    r"(?<![A-Za-z])(?:GB|FZ|QB|NY|SB|HG|YY|JB|LY|WS|SN|DB[0-9]{2}|ISO|IEC|EN)(?:/[A-Z]{1,2})?"
    r"\s?[0-9]{2,6}(?:\.[0-9]{1,3})?(?:-[0-9]{4})?"
)
_SIGNS: Final = re.compile(r"[\s/._]")


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
    content: Content,
    *,
    attributes: Sequence[Attribute],
    values: Mapping[str, str],
    proven: Collection[str] = (),
) -> list[Finding]:
    """Return where a text states something else than the fact sheet, a field and fact once.

    Looked at are numbers followed by the unit of exactly one number attribute that has a value
    (with power 45 W, "60 W" is found; a unit two attributes share says nothing), what follows a
    fact's title ("产地：四川"), and a choice that is not the one made. A fact with evidence
    attached (`proven`, by its title) is only noted.
    """
    units = Counter(_unit(one) for one in attributes if _unit(one))
    found: dict[tuple[str, str], Finding] = {}
    for one in attributes:
        value = values.get(one.key, "")
        if not value:
            continue
        is_alone = units[_unit(one)] == 1
        for field, text in content.texts():
            for stated in _stated(unicodedata.normalize("NFKC", text), one, value, is_alone):
                made = _contradiction(field, one, value, stated, is_proven=one.title in proven)
                found.setdefault((field, one.key), made)
    return list(found.values())


def standards(
    content: Content, *, known: Collection[str], proven: Collection[str] = ()
) -> list[Finding]:
    """Return the standards a text names that no paper of the goods does; none without a paper.

    `known` are the standards of the quality review and the category, and the facts of the goods.
    """
    papers = [standard_key(one) for one in known if one]
    if not papers:
        return []
    found: dict[tuple[str, str], Finding] = {}
    for field, named in _cited(content):
        if not any(meets(paper, named) for paper in papers):
            found.setdefault((field, named), _foreign(field, named, is_proven=named in proven))
    return list(found.values())


def cited(content: Content) -> list[str]:
    """Return the standards that the texts cite, each once, in the order of the fields."""
    return list(dict.fromkeys(named for _field, named in _cited(content)))


def standard_key(text: str) -> str:
    """Return a standard as it is compared: width, case, blanks and points do not count.

    The dash before the year stays: it is where the number ends.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("–", "-").replace("—", "-")
    return _SIGNS.sub("", folded)


def is_standard(text: str) -> bool:
    """Say whether a text is the citation of one standard and nothing else."""
    return _STANDARD.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def meets(reviewed: str, asked: str) -> bool:
    """Say whether what was reviewed names the standard that is asked for, whole to its number.

    "GB 18401-2010 B" meets "GB 18401", and not "GB 1840".
    """
    there, wanted = standard_key(reviewed), standard_key(asked)
    place = there.find(wanted)
    after = there[place + len(wanted) :][:1]
    return place >= 0 and not (after.isascii() and after.isdigit())


def _unit(one: Attribute) -> str:
    """Return a number's unit as it is compared; case counts, for mW is no MW."""
    if one.kind != AttributeKind.NUMBER:
        return ""
    return unicodedata.normalize("NFKC", one.unit).strip()


def _stated(text: str, one: Attribute, value: str, is_alone: bool) -> Iterator[str]:  # noqa: FBT001
    """Yield what a text says of a fact that it is not, as it is written there."""
    if one.kind == AttributeKind.NUMBER:
        if is_alone:
            numbers = _numbers(text, _unit(one))
            yield from (f"{said} {one.unit}" for said in numbers if said != Decimal(value))
        return
    for match in re.finditer(re.escape(one.title) + _SAYS, text):
        said = match.group(1)
        if one.kind == AttributeKind.YES_NO:
            if _YES_NO.get(said, value) != value:
                yield said
        elif not _agree(said, value):
            yield said
    if one.kind == AttributeKind.CHOICE and plain(value) not in plain(text):
        yield from (other for other in one.choices if _says_other(text, other, value))


def _says_other(text: str, other: str, value: str) -> bool:
    """Say whether a text claims another choice; "不含涤纶" claims none."""
    if len(plain(other)) < 2 or _agree(other, value):
        return False
    written = unicodedata.normalize("NFKC", other)
    return any(
        not text[: match.start()].endswith(_NEGATIONS)
        for match in re.finditer(re.escape(written), text)
    )


def _agree(said: str, value: str) -> bool:
    one, other = plain(said), plain(value)
    return not one or one in other or other in one


def _numbers(text: str, unit: str) -> Iterator[Decimal]:
    end = r"(?![A-Za-z])" if unit[-1].isascii() else ""
    pattern = _NUMBER + re.escape(unit) + end
    for match in re.finditer(pattern, text):
        yield Decimal(match.group(1))


def _cited(content: Content) -> Iterator[tuple[str, str]]:
    for field, text in content.texts():
        for match in _STANDARD.finditer(unicodedata.normalize("NFKC", text)):
            yield field, match.group(0)


def _word(field: str, term: Term, proven: Collection[str]) -> Finding:
    if term.kind == SUPERLATIVE and term.text in proven:
        return _proven(field, term.text)
    if term.kind == SUPERLATIVE:
        words = _("“%(word)s” is a superlative: take it out or attach evidence.")
        return Finding(
            field=field, code="catalog.word_superlative", words=words % {"word": term.text}
        )
    words = _("“%(word)s” may not be said: take it out.")
    return Finding(field=field, code="catalog.word_banned", words=words % {"word": term.text})


def _contradiction(
    field: str, one: Attribute, value: str, stated: str, *, is_proven: bool
) -> Finding:
    if is_proven:
        return _proven(field, one.title)
    return Finding(
        field=field,
        code="catalog.fact_contradicted",
        words=_(
            "The text says “%(stated)s”, the fact sheet %(title)s %(value)s: mend it or attach"
            " evidence."
        )
        % {"stated": stated, "title": one.title, "value": f"{value} {one.unit}".strip()},
    )


def _foreign(field: str, named: str, *, is_proven: bool) -> Finding:
    if is_proven:
        return _proven(field, named)
    return Finding(
        field=field,
        code="catalog.standard_unproved",
        words=_("No paper of these goods names “%(standard)s”: take it out or attach evidence.")
        % {"standard": named},
    )


def _proven(field: str, word: str) -> Finding:
    return Finding(
        field=field,
        code="catalog.word_proven",
        words=_("“%(word)s” stands on attached evidence.") % {"word": word},
        level="note",
    )
