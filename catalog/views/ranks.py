"""Search words of a channel: rank, trend, traffic, and the last edit (CAT-4.3-14)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.desk.page_rows import CHANNELS
from catalog.models import SearchRank
from catalog.rules import ranks as rules
from catalog.rules.search import compared
from catalog.selectors import ranks as selectors
from catalog.types.ranks import KeywordLine, SearchEdit
from catalog.views import rank_parts as parts
from ops.engines.desk.screens import (
    Action,
    Chart,
    Column,
    Fact,
    FactGroup,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Series,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")


class KeywordList(ListScreen):
    """`/search-ranks/`: every word and its goods or page, how it stands, who edited last."""

    policy = _VIEW
    title = _("Search words and ranks")
    nav = "search_ranks"
    lead = _("Rank 1 is the first place. Impressions and clicks are of the last seven days of"
             " figures; a dashed stroke in the trend is the last edit.")  # fmt: skip
    columns = (
        Column("word", _("Search word"), name=True, sort=True),
        Column("channel", _("Channel")),
        Column("goods", _("Goods or page"), sub=lambda row: row.code),
        Column("rank", _("Newest rank"), "number", sort=True,
               sub=lambda row: f"{row.seen_on:%Y-%m-%d}" if row.seen_on else ""),
        Column("before", _("A week before"), "number"),
        Column("course", _("Within a week"), value=parts.moved),
        Column("trend", _("12 weeks"), "trend", value=lambda row: row.trend),
        Column("impressions", _("Impressions"), "number"),
        Column("clicks", _("Clicks"), "number"),
        Column("click_rate", _("Click rate"), "pct"),
        Column("edit", _("Last edit"), value=lambda row: parts.edited(row.edit),
               sub=lambda row: f"{business_day(row.edit.since):%Y-%m-%d}" if row.edit else ""),
        Column("code", _("Code"), "code", optional=True),
        Column("seen_on", _("Newest figures"), "day", optional=True),
        Column("edited_at", _("Edited at"), "moment", optional=True,
               value=lambda row: row.edit.since if row.edit else None),
    )  # fmt: skip
    filters = (
        CHANNELS,
        Filter("word", _("Search word"), "text"),
        Filter("code", _("Product"), "text"),
    )
    order = "word"
    row_url = "catalog:search_rank"
    export_policy = may("catalog", "E")
    empty = _(
        "No search rank yet. Open an outside source for search ranks and send the file your"
        " channel's console gives: day, search word, code, rank, impressions, clicks."
    )
    empty_href = "/outside-sources/"
    empty_label = _("Outside sources")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of search words in the actor's channels."""
        found = query.narrow(
            selectors.keywords(actor=actor), channel="channel_id", code="product__code"
        )
        if word := query.get("word"):
            found = found.filter(word__contains=compared(word))
        page = query.page(found, orders={"word": "word", "rank": "newest_rank"})
        lines = selectors.lines(rows=page.rows, at=query.at)
        return dataclasses.replace(page, rows=[_Shown.of(line, query.at) for line in lines])

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to where files are sent."""
        del actor
        return [Action(key="sources", label=_("Outside sources"), href=reverse("desk:sources"))]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Shown(KeywordLine):
    """A line of the table with its trend drawn for the moment of the page."""

    trend: Any

    @classmethod
    def of(cls, line: KeywordLine, at: dt.datetime) -> _Shown:
        """Draw the trend of a line."""
        held = {each.name: getattr(line, each.name) for each in dataclasses.fields(line)}
        return cls(**held, trend=parts.trend(line, at=at))


class KeywordScreen(RecordScreen):
    """`/search-ranks/<id>/`: twelve weeks of one word, with every edit marked in them."""

    policy = _VIEW
    title = _("Search word")
    nav = "search_ranks"
    list_url_name = "catalog:search_ranks"
    list_title = _("Search words and ranks")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the word; raises ThingMissing."""
        row = selectors.keyword(keyword_id=key["keyword_id"], actor=actor)
        [line] = selectors.lines(rows=[row], at=at)
        edits = selectors.edits_of(row=row, at=at)
        corrected = list(selectors.corrections(keyword_id=row.pk)[: selectors.MOST_CORRECTIONS])
        return Record(
            number=line.word,
            title=line.goods,
            facts=(_facts(line),),
            charts=_charts(line, edits, at),
            lines=(_edits(line, edits), _weeks(line, edits), _corrections(corrected)),
            related=_related(line),
            clauses=("CAT-4.3-14",),
        )


def _facts(line: KeywordLine) -> FactGroup:
    return FactGroup(
        title=_("Search word"),
        facts=(
            Fact(title=_("Channel"), value=line.channel),
            Fact(title=_("Goods or page"), value=f"{line.code} {line.goods}".strip()),
            Fact(title=_("Newest rank"), value=line.rank, kind="number"),
            Fact(title=_("Newest figures"), value=line.seen_on, kind="day"),
            Fact(title=_("A week before"), value=line.before, kind="number"),
            Fact(title=_("Within a week"), value=parts.moved(line)),
            Fact(title=_("Impressions"), value=line.impressions, kind="number"),
            Fact(title=_("Clicks"), value=line.clicks, kind="number"),
            Fact(title=_("Click rate"), value=line.click_rate, kind="pct"),
            Fact(title=_("Last edit"), value=parts.edited(line.edit), is_wide=True),
        ),
    )


def _charts(line: KeywordLine, edits: Sequence[SearchEdit], at: dt.datetime) -> tuple[Chart, ...]:
    mondays = rules.weeks_until(business_day(at))
    weeks = {week.week_on: week for week in line.weeks}
    if not weeks:
        return ()
    marks = {
        f"{monday:%m-%d}": gettext("edited: version %(no)s") % {"no": edit.no}
        for edit in edits
        if (monday := rules.week_of(business_day(edit.since))) in mondays
    }
    names = [f"{monday:%m-%d}" for monday in mondays]
    shown = [weeks.get(monday) for monday in mondays]
    return (
        Chart(
            key="rank",
            title=_("Rank by week; 1 is the first place"),
            kind="line",
            categories=names,
            series=[Series(line.word, [each.rank if each else None for each in shown])],
            finding=parts.moved(line),
            marks=marks,
            low_is_best=True,
        ),
        Chart(
            key="clicks",
            title=_("Clicks from the search by week"),
            kind="line",
            categories=names,
            series=[Series(_("Clicks"), [each.clicks if each else None for each in shown])],
            marks=marks,
        ),
    )


def _edits(line: KeywordLine, edits: Sequence[SearchEdit]) -> Lines:
    weeks = [(week.week_on, week.rank) for week in line.weeks]
    days = [business_day(edit.since) for edit in edits]
    rows = [
        (edit, *rules.effect(weeks, edited_on=day, until=after))
        for edit, day, after in zip(edits, days, [*days[1:], None], strict=False)
    ]
    return Lines(
        _("Edits of what the search reads, and whether they helped"),
        (
            Column("since", _("Live from"), "moment", value=lambda row: row[0].since),
            Column("who", _("Who"), value=lambda row: row[0].who or gettext("as taken over")),
            Column("no", _("Version"), "number", value=lambda row: row[0].no),
            Column("what", _("What changed"), value=lambda row: parts.what(row[0]),
                   sub=lambda row: row[0].why),
            Column("before", _("Rank before the edit"), "number", value=lambda row: row[1]),
            Column("after", _("Rank after the edit"), "number", value=lambda row: row[2]),
        ),
        list(reversed(rows)),
        empty=_("Nothing is written here yet: these goods were taken over as they stood."),
    )  # fmt: skip


def _weeks(line: KeywordLine, edits: Sequence[SearchEdit]) -> Lines:
    edited = {rules.week_of(business_day(edit.since)): edit for edit in edits}
    return Lines(
        _("Week by week"),
        (
            Column("week_on", _("Week from"), "day"),
            Column("rank", _("Search rank"), "number"),
            Column("impressions", _("Impressions"), "number"),
            Column("clicks", _("Clicks"), "number"),
            Column("rate", _("Click rate"), "pct",
                   value=lambda week: week.clicks / week.impressions if week.impressions else None),
            Column("edit", _("Edited"),
                   value=lambda week: parts.edited(edited.get(week.week_on))),
        ),
        list(reversed(line.weeks)),
        empty=_("No figures in the last twelve weeks."),
    )  # fmt: skip


def _corrections(rows: Sequence[SearchRank]) -> Lines:
    return Lines(
        _("Figures that were corrected"),
        (
            Column("first_on", _("Day"), "day"),
            Column("rank", _("Search rank"), "number"),
            Column("impressions", _("Impressions"), "number"),
            Column("clicks", _("Clicks"), "number"),
            Column("batch", _("Import"), "code", value=lambda row: str(row.batch)),
            Column("replaced_by", _("Replaced by"), "code",
                   value=lambda row: str(row.replaced_by)),
            Column("replaced_at", _("Replaced at"), "moment"),
        ),
        rows,
        empty=_("No figure was corrected."),
    )  # fmt: skip


def _related(line: KeywordLine) -> tuple[Related, ...]:
    if line.page_id is not None:
        href = reverse("catalog:shop_page", args=[line.page_id])
        return (Related(title=_("Shop page"), href=href),)
    if line.listing_id is not None:
        href = reverse("catalog:listing", args=[line.listing_id])
        return (Related(title=_("Listing"), href=href),)
    return ()
