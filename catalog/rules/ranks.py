"""How search ranks are read and compared: words, days and weeks, better and worse (CAT-4.3-14)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.rules.search import MOST_LETTERS, compared
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

WEEKS: Final = 12
DAYS: Final = 7
MOST_RANK: Final = 100_000
# What a listing and a page say to a search: the fields whose change is an edit of it.
SEARCH_FIELDS: Final = ("title", "keywords", "search_title", "search_text")
_WEEK: Final = re.compile(r"([0-9]{4})-W([0-9]{2})", re.ASCII)


class Course(StrEnum):
    """Which way a rank went; a smaller number is the better place."""

    NEW = "new"
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"

    @classmethod
    def between(cls, before: int | None, now: int | None) -> Course:
        """Compare two ranks."""
        if before is None or now is None:
            return cls.NEW
        if before == now:
            return cls.SAME
        return cls.BETTER if now < before else cls.WORSE


def read_word(text: str) -> str:
    """Return a search word in the compared form; raises BadInput."""
    word = compared(parse.text(text, most=200, least=1))
    if not word or len(word) > MOST_LETTERS:
        raise BadInput("catalog.search_word", _("A search word has 1 to 40 characters."))
    return word


def read_period(text: str) -> tuple[date, date]:
    """Read a day ("2026-11-23") or an ISO week ("2026-W48"); return its first and last day.

    Raises BadInput.
    """
    if (found := _WEEK.fullmatch(text)) is None:
        day = parse.day(text)
        return day, day
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise BadInput("catalog.week", _("There is no such week.")) from error
    parse.day(monday.isoformat())
    return monday, monday + timedelta(days=DAYS - 1)


def read_rank(text: str) -> int:
    """Read a rank from 1; raises BadInput."""
    rank = parse.quantity(text, least=1)
    if rank > MOST_RANK:
        raise BadInput("catalog.rank", _("A rank is at most 100,000."))
    return rank


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def weeks_until(day: date) -> list[date]:
    """Return the Mondays of the twelve weeks that end with a day's own, oldest first."""
    newest = week_of(day)
    return [newest - timedelta(days=DAYS * back) for back in reversed(range(WEEKS))]


def changed_fields(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the search fields that differ between two versions; absent and empty are one."""
    old = before or {}
    return tuple(
        name for name in SEARCH_FIELDS if (old.get(name) or None) != (now.get(name) or None)
    )


def mixed_weeks(keys: Iterable[tuple[Any, date, date]]) -> set[tuple[Any, date]]:
    """Return the weeks, by key, that are given both day by day and as a whole."""
    found: dict[tuple[Any, date], set[bool]] = {}
    for key, first, last in keys:
        found.setdefault((key, week_of(first)), set()).add(first == last)
    return {place for place, grains in found.items() if len(grains) > 1}


def effect(
    weeks: Iterable[tuple[date, int]], *, edited_on: date, until: date | None
) -> tuple[int | None, int | None]:
    """Return the rank of the week before an edit, and the newest one after the edit's own week.

    `weeks` are Mondays with their rank, oldest first; `until` is the day of the next edit, from
    whose week on nothing is due to this one.
    """
    edited = week_of(edited_on)
    end = None if until is None or week_of(until) == edited else week_of(until)
    before = after = None
    for monday, rank in weeks:
        if monday < edited:
            before = rank
        elif monday > edited and (end is None or monday < end):
            after = rank
    return before, after
