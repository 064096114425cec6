"""What search ranks are made of and read as: plain, frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from catalog.rules.ranks import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class RankRow:
    """One figure of a file: whose word, when, how high, how often shown and clicked.

    Exactly one of `product_id` and `page_id`; `line` is where it stands in the file.
    """

    line: int
    word: str
    product_id: int | None
    page_id: int | None
    first_on: date
    last_on: date
    rank: int
    impressions: int
    clicks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of figures: new and replaced ones, those that stood already, clashing lines.

    A line clashes when days of its week are counted one by one already, or the week as a whole.
    """

    new: int
    replaced: int
    same: int
    clashes: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekOfRank:
    """One week from Monday: the newest rank in it, and what was shown and clicked."""

    week_on: date
    rank: int
    impressions: int
    clicks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchEdit:
    """A change of what a listing or page says to a search: when it went live, who wrote it, what.

    `changed` holds the paths of the content that differ from the version before; `is_first` says
    that there was none.
    """

    subject_id: int
    no: int
    since: datetime
    who: str
    why: str
    changed: tuple[str, ...]
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordLine:
    """A search word of goods or a page as the table shows it.

    `before` is the rank a week earlier; `impressions` and `clicks` are of the last seven days of
    figures; `weeks` go back twelve weeks, oldest first; `edit` is the last change of what the
    listing or page says to a search.
    """

    id: int
    word: str
    channel: str
    channel_id: int
    product_id: int | None
    page_id: int | None
    listing_id: int | None
    goods: str
    code: str
    rank: int | None
    seen_on: date | None
    before: int | None
    impressions: int
    clicks: int
    weeks: Sequence[WeekOfRank]
    edit: SearchEdit | None

    @property
    def click_rate(self) -> Decimal | None:
        """Return clicks a view, None when it was never shown."""
        return Decimal(self.clicks) / self.impressions if self.impressions else None

    @property
    def course(self) -> Course:
        """Say which way the rank went within the week."""
        return Course.between(self.before, self.rank)
