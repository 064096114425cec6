"""Parts of pages that show search words: how a rank moved, by whom a text was edited, the trend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import FieldName
from catalog.rules import ranks as rules
from catalog.rules.ranks import Course
from catalog.types.ranks import KeywordLine, SearchEdit
from ops.engines.desk.screens import Column, Lines, Trend
from ops.engines.kernel.parse import business_day


def moved(line: KeywordLine) -> str:
    """Say how the rank moved within a week: an arrow, a number and a word."""
    if line.course is Course.NEW or line.rank is None or line.before is None:
        return gettext("no figure a week before")
    places = abs(line.rank - line.before)
    if line.course is Course.SAME:
        return gettext("= unchanged")
    words = (
        ngettext("↑ %(count)s place better", "↑ %(count)s places better", places)
        if line.course is Course.BETTER
        else ngettext("↓ %(count)s place worse", "↓ %(count)s places worse", places)
    )
    return words % {"count": places}


def edited(edit: SearchEdit | None) -> str:
    """Say who changed what for the search last, and in which version."""
    if edit is None:
        return ""
    return gettext("%(who)s, version %(no)s: %(what)s") % {
        "who": edit.who or gettext("as taken over"),
        "no": edit.no,
        "what": what(edit),
    }


def what(edit: SearchEdit) -> str:
    """Name the fields an edit changed."""
    if edit.is_first:
        return gettext("first written")
    return "、".join(str(FieldName(name).label) for name in edit.changed)


def trend(line: KeywordLine, *, at: dt.datetime) -> Trend | None:
    """Return the ranks of the last twelve weeks, marked where the search texts were edited last."""
    if not line.weeks:
        return None
    mondays = rules.weeks_until(business_day(at))
    by_week = {week.week_on: week.rank for week in line.weeks}
    values = [by_week.get(monday) for monday in mondays]
    words = gettext("Ranks of 12 weeks, oldest first: %(ranks)s") % {
        "ranks": " ".join("–" if value is None else str(value) for value in values)
    }
    marks: frozenset[int] = frozenset()
    if (
        line.edit is not None
        and (monday := rules.week_of(business_day(line.edit.since))) in mondays
    ):
        marks = frozenset({mondays.index(monday)})
        words += gettext("; edited in the week of %(day)s") % {"day": monday.isoformat()}
    return Trend(values=values, words=words, marks=marks, low_is_best=True)


def columns(at: dt.datetime) -> tuple[Column, ...]:
    """Return the columns of a search word beside its goods or page."""
    return (
        Column("rank", _("Newest rank"), "number", sub=lambda line: _day(line.seen_on)),
        Column("before", _("A week before"), "number"),
        Column("course", _("Within a week"), value=moved),
        Column("trend", _("12 weeks"), "trend", value=lambda line: trend(line, at=at)),
        Column("impressions", _("Impressions"), "number"),
        Column("clicks", _("Clicks"), "number"),
        Column("click_rate", _("Click rate"), "pct"),
    )


def panel(lines: Sequence[KeywordLine], *, at: dt.datetime) -> Lines:
    """Return the search words of one listing or page as a table."""
    return Lines(
        _("Search words and their ranks"),
        (
            Column(
                "word",
                _("Search word"),
                href=lambda line: reverse("catalog:search_rank", args=[line.id]),
            ),
            *columns(at),
        ),
        lines,
        empty=_("No search rank yet: send the file of the channel's console to its source."),
        anchor="ranks",
    )


def _day(day: Any) -> str:
    return f"{day:%Y-%m-%d}" if day else ""
