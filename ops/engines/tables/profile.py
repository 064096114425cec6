"""How a file layout is declared: its columns, their other names, what surrounds the rows.

    TRADE_BILL = Profile(
        "wechat_trade_bill", _("WeChat trade bill"),
        columns=(
            Column("order_no", headers=("商户订单号",), parse=parse.code),
            Column("amount", headers=("应结订单金额",), parse=parse.money),
            Column("note", headers=("费率备注",), parse=parse.text, required=False),
        ),
        trim=" \\t`", trailer=("总交易单数",),
    )

Titles are compared as people see them (width, blanks and invisible marks do not count), exact case
first. A column without `headers` is found by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from .child.headers import normal_title
from .errors import refused
from .reader import ReadWish

Parser = Callable[[str], Any]
HEADER_WITHIN_ROWS = 50


@dataclass(frozen=True, slots=True)
class Column:
    """One column a profile reads.

    `parse` is a strict parser that raises OpsError; `blanks` are cell texts that mean "nothing";
    `personal` values are never repeated in a reject.
    """

    key: str
    headers: tuple[str, ...] = ()
    parse: Parser = str
    required: bool = True
    blanks: tuple[str, ...] = ("",)
    personal: bool = False

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the titles this column answers to, in normal form."""
        return tuple(normal_title(title) for title in (self.headers or (self.key,)))


@dataclass(frozen=True, slots=True)
class Profile:
    """A named file layout.

    `comment` starts lines that are no rows, before and after them; `trailer` texts open the lines
    after the last row; `trim` characters are dropped around every cell; `ragged` admits rows
    shorter than the header; `extra` columns are allowed (named in the preview) or refused;
    `delimiter` "" reads whole lines into the one column, without a header. `personal` files are not
    kept after the import. `zipped` admits a ZIP of a few texts, read as one: the text with the
    profile's header comes last, the rows of the others belong to the preamble. Columns that are not
    required may be missing from the file.
    """

    name: str
    title: str | Promise
    columns: tuple[Column, ...]
    comment: str = ""
    trailer: tuple[str, ...] = ()
    trim: str = ""
    ragged: bool = False
    extra_allowed: bool = True
    delimiter: str | None = None
    quotes: bool = True
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    sheet: str | None = None
    gz: bool = False
    zipped: bool = False
    suffixes: tuple[str, ...] = ()
    markup: bool = False
    personal: bool = False
    most_rejects: int = 50_000

    @property
    def by_line(self) -> bool:
        """Say whether the file is taken line by line, without a header."""
        return self.delimiter == ""

    def wish(self) -> ReadWish:
        """Return what the reader must know of this layout."""
        return ReadWish(
            delimiter=self.delimiter,
            quotes=self.quotes,
            encodings=self.encodings,
            titles=frozenset(title for column in self.columns for title in column.titles),
            sheet=self.sheet,
            gz=self.gz,
            zipped=self.zipped,
            suffixes=self.suffixes,
            markup=self.markup,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a profile are in one file.

    `places` holds a cell index per profile column, None when an optional column is absent.
    """

    header_row: int
    width: int
    places: tuple[int | None, ...]
    titles: tuple[str, ...]
    unused: tuple[str, ...]


def find_layout(profile: Profile, rows: Sequence[Sequence[str]]) -> Layout:
    """Find the header among the first rows of a file.

    Raises TableRefused naming the missing, doubled or unknown columns of the likeliest row.
    """
    if profile.by_line:
        return Layout(-1, 1, (0,) + (None,) * (len(profile.columns) - 1), ("",), ())
    best, best_found = 0, -1
    for index, row in enumerate(rows[:HEADER_WITHIN_ROWS]):
        titles = [normal_title(cell) for cell in row]
        found = sum(bool(_matching(column, titles)) for column in profile.columns)
        if found > best_found:
            best, best_found = index, found
        if _has_required(profile, titles):
            best = index
            break
    return _layout(profile, best, rows[best] if rows else ())


def matches(profile: Profile, rows: Sequence[Sequence[str]]) -> bool:
    """Say whether one of the first rows is a header of this profile."""
    titles = [[normal_title(cell) for cell in row] for row in rows[:HEADER_WITHIN_ROWS]]
    return not profile.by_line and any(_has_required(profile, row) for row in titles)


def _has_required(profile: Profile, titles: Sequence[str]) -> bool:
    return all(_matching(column, titles) for column in profile.columns if column.required)


def _layout(profile: Profile, index: int, row: Sequence[str]) -> Layout:
    titles = [normal_title(cell) for cell in row]
    places: list[int | None] = []
    missing, doubled = [], []
    for column in profile.columns:
        found = _matching(column, titles)
        if len(found) > 1:
            doubled.append(row[found[0]].strip())
        if not found and column.required:
            missing.append((column.headers or (column.key,))[0])
        places.append(found[0] if found else None)
    if doubled:
        raise refused("duplicate_columns", names=_names(doubled))
    if missing:
        raise refused("missing_columns", names=_names(missing))
    used = {place for place in places if place is not None}
    unused = tuple(t for i, t in enumerate(titles) if t and i not in used)
    if unused and not profile.extra_allowed:
        raise refused("extra_columns", names=_names(unused))
    width = max((i + 1 for i, title in enumerate(titles) if title), default=0)
    return Layout(index, width, tuple(places), tuple(titles), unused)


def _matching(column: Column, titles: Sequence[str]) -> list[int]:
    """Return where a column stands: titles of exactly its case, else of any case."""
    wanted = column.titles
    exact = [index for index, title in enumerate(titles) if title and title in wanted]
    if exact:
        return exact
    folded = {title.casefold() for title in wanted}
    return [index for index, title in enumerate(titles) if title and title.casefold() in folded]


def _names(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:10])
