"""Rows of one uploaded file as a profile understands them, and the rows it had to reject.

`open_intake(path, profile, name=...)` reads the file once in the confined child. The intake can
then be walked as often as wished: `survey()` counts, checks and hashes; `rows()` gives values;
`copy_lines()` gives text for PostgreSQL's COPY, with the line number of the file as first column.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ops.engines.kernel.errors import OpsError

from .digest import RowDigest
from .errors import cell_reason, note, refused
from .limits import DEFAULT, Limits
from .profile import HEADER_WITHIN_ROWS, Layout, Profile, find_layout
from .reader import Record, SafeTable, TableInfo, open_table
from .values import Texts, Values

PREVIEW_ROWS: Final = 20
_HIDDEN_VALUE: Final = "***"


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted row: line in the file, values by column key, cells as they stood."""

    line: int
    values: dict[str, Any]
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reject:
    """One reason why a row was not accepted; `column` is the title in the file, "" for the row."""

    line: int
    column: str
    value: str
    code: str
    reason: str
    cells: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first walk over the whole file found; the digest ignores the order of the rows."""

    rows: int
    accepted: int
    rejected: int
    digest: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, as found, for people to judge before they import."""

    info: TableInfo
    layout: Layout
    cells: Sequence[Sequence[str]]
    rejects: Sequence[Reject]
    notes: Sequence[str]


@dataclass(slots=True)
class Intake:
    """An uploaded file under a profile; close it, or use it in a `with` statement.

    `rejects` (one per reason) and `rejected` (rows) belong to the last walk; `preamble` and
    `trailer` are the lines around the rows. `check` may refuse a row by raising OpsError.
    """

    profile: Profile
    table: SafeTable
    layout: Layout
    preamble: list[list[str]]
    check: Callable[[Mapping[str, Any]], None] | None = None
    trailer: list[list[str]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rejected: int = 0
    _values: list[Values] = field(default_factory=list)
    _texts: list[Texts] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._values = [Values(column, self.profile.trim) for column in self.profile.columns]
        self._texts = [Texts(values) for values in self._values]

    @property
    def info(self) -> TableInfo:
        """Return what the reader found out about the file."""
        return self.table.info

    @property
    def notes(self) -> list[str]:
        """Return the remarks people must see before they import."""
        unused = ", ".join(self.layout.unused)
        return [*self.info.notes, *([note("extra_columns", names=unused)] if unused else [])]

    def personal_places(self) -> list[int]:
        """Return where in the file the personal columns stand."""
        places = zip(self.profile.columns, self.layout.places, strict=True)
        return [place for column, place in places if column.personal and place is not None]

    def rows(self) -> Iterator[Row]:
        """Yield the accepted rows from the start; `rejects` is complete at the end.

        Raises TableRefused past the profile's number of rejects.
        """
        keys = [column.key for column in self.profile.columns]
        for record, cells in self._walk():
            try:
                values = dict(zip(keys, map(operator.getitem, self._values, cells), strict=True))
                if self.check is not None:
                    self.check(values)
            except OpsError as error:
                self._reject_cells(record, cells, error)
                continue
            yield Row(int(record[0]), values, record[2:])

    def copy_lines(self) -> Iterator[str]:
        """Yield one line of COPY text per accepted row: file line, then the profile's columns.

        `check` is not asked: what it would refuse, SQL must refuse after the COPY.
        """
        for record, cells in self._walk():
            try:
                line = "\t".join(map(operator.getitem, self._texts, cells))
            except OpsError as error:
                self._reject_cells(record, cells, error)
                continue
            yield f"{record[0]}\t{line}\n"

    def survey(self) -> Survey:
        """Walk the whole file: count, check every cell, hash what the profile reads of it.

        Raises TableRefused when there is no row, or past the profile's number of rejects.
        """
        digest = RowDigest()
        for record, cells in self._walk(misshapen=digest.add):
            try:
                texts = list(map(operator.getitem, self._texts, cells))
            except OpsError as error:
                self._reject_cells(record, cells, error)
                texts = list(cells)
            digest.add(texts)
        if not digest.count:
            raise refused("no_rows")
        accepted = digest.count - self.rejected
        return Survey(digest.count, accepted, self.rejected, digest.hexdigest())

    def preview(self, rows: int = PREVIEW_ROWS) -> Preview:
        """Return the first rows as they stand, with what is wrong in them."""
        shown: list[Sequence[str]] = []
        for record in itertools.islice(self._body(), rows):
            cells = self._shape(record)
            if cells is not None:
                try:
                    list(map(operator.getitem, self._values, cells))
                except OpsError as error:
                    self._reject_cells(record, cells, error)
            shown.append(record[2:])
        return Preview(self.info, self.layout, shown, tuple(self.rejects), self.notes)

    def close(self) -> None:
        """Give the temporary file back."""
        self.table.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _body(self) -> Iterator[Record]:
        """Yield the records between header and trailer; starts the rejects anew."""
        self.rejects, self.trailer, self.rejected = [], [], 0
        comment, ends = self.profile.comment, self.profile.trailer
        records = itertools.islice(self.table.records(), self.layout.header_row + 1, None)
        for record in records:
            if comment and record[2].startswith(comment):
                self.trailer.append(record[2:])
            elif ends and record[2].strip(self.profile.trim or None).startswith(ends):
                self.trailer += [record[2:], *(rest[2:] for rest in records)]
            else:
                yield record

    def _walk(
        self, misshapen: Callable[[Sequence[str]], None] | None = None
    ) -> Iterator[tuple[Record, Sequence[str]]]:
        """Yield each well-shaped record with the cells of the profile's columns, in their order."""
        width = self.layout.width
        pick = _picker(self.layout.places)
        for record in self._body():
            if not record[1] and len(record) == width + 2:
                yield record, pick(record)
                continue
            cells = self._shape(record)
            if cells is not None:
                yield record, cells
            elif misshapen is not None:
                misshapen(record[2:])

    def _shape(self, record: Record) -> Sequence[str] | None:
        """Return the cells of the profile's columns, None after rejecting a misshapen record."""
        width, found = self.layout.width, len(record) - 2
        if found > width and any(cell.strip() for cell in record[width + 2 :]):
            self._reject_row(record, "too_many_cells", found=found, expected=width)
            return None
        if found < width:
            if self.info.kind == "text" and not self.profile.ragged:
                self._reject_row(record, "too_few_cells", found=found, expected=width)
                return None
            record = record + [""] * (width - found)
        if record[1] and self._reject_problems(record):
            return None
        return _picker(self.layout.places)(record)

    def _reject_problems(self, record: Record) -> bool:
        """Reject a record for what the reader saw in the cells this profile uses."""
        titles = self._titles()
        wrong = []
        for word in record[1].split():
            place, _, code = word.partition(":")
            if int(place) < 0 or int(place) in titles:
                column, hidden = titles.get(int(place), ("", False))
                value = record[int(place) + 2] if column else ""
                wrong.append((column, value, hidden, f"tables.{code}", cell_reason(code)))
        if wrong:
            self._reject(record, wrong)
        return bool(wrong)

    def _reject_row(self, record: Record, code: str, **facts: int) -> None:
        self._reject(record, [("", "", False, f"tables.{code}", cell_reason(code, **facts))])

    def _reject_cells(self, record: Record, cells: Sequence[str], error: OpsError) -> None:
        """Reject a record for every cell that does not parse, else for `error` as a whole."""
        wrong = []
        for column, title, values, raw in zip(
            self.profile.columns, self._column_titles(), self._values, cells, strict=True
        ):
            try:
                values[raw]
            except OpsError as why:
                # A sentence about a personal value may repeat it: its code says enough.
                reason = cell_reason("personal") if column.personal and raw else str(why)
                wrong.append((title, raw, column.personal, why.code, reason))
        self._reject(record, wrong or [("", "", False, error.code, str(error))])

    def _reject(self, record: Record, wrong: Sequence[tuple[str, str, bool, str, str]]) -> None:
        self.rejected += 1
        if self.rejected > self.profile.most_rejects:
            raise refused("too_many_rejects", limit=self.profile.most_rejects)
        for column, value, hidden, code, reason in wrong:
            shown = _HIDDEN_VALUE if hidden and value else value[:200]
            self.rejects.append(Reject(int(record[0]), column, shown, code, reason, record[2:]))

    def _column_titles(self) -> list[str]:
        """Return the title in this file of every column of the profile."""
        return [
            self.layout.titles[place] if place is not None else (column.headers or (column.key,))[0]
            for column, place in zip(self.profile.columns, self.layout.places, strict=True)
        ]

    def _titles(self) -> dict[int, tuple[str, bool]]:
        """Return place -> (title, is personal) of the columns in use."""
        return {
            place: (title, column.personal)
            for column, title, place in zip(
                self.profile.columns, self._column_titles(), self.layout.places, strict=True
            )
            if place is not None
        }


def open_intake(
    path: Path,
    profile: Profile,
    *,
    name: str,
    limits: Limits = DEFAULT,
    check: Callable[[Mapping[str, Any]], None] | None = None,
) -> Intake:
    """Read a file under a profile; `name` is what its sender called it.

    Raises TableRefused: wrong kind, broken, too large, no header of this profile.
    """
    table = open_table(path, name=name, wish=profile.wish(), limits=limits)
    try:
        first = [record[2:] for record in itertools.islice(table.records(), HEADER_WITHIN_ROWS)]
        layout = find_layout(profile, first)
    except OpsError:
        table.close()
        raise
    return Intake(profile, table, layout, first[: max(layout.header_row, 0)], check)


def _picker(places: Sequence[int | None]) -> Callable[[Record], Sequence[str]]:
    """Return the function that takes a profile's cells out of a record."""
    if len(places) > 1 and None not in places:
        return operator.itemgetter(*(place + 2 for place in places if place is not None))
    return lambda record: ["" if place is None else record[place + 2] for place in places]
