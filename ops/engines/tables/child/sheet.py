"""Reading one sheet: rows in the plain form programs write by pattern, all others by events.

The part is first run through expat whole, so what is cut up here is well-formed and holds no
comment, no CDATA and no instruction: a `<` then always starts a tag. The declared dimension is
ignored.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ops.engines.tables.limits import Limits

from .archive import open_archive
from .events import RowEvents, row_number
from .markup import is_plain
from .output import Record, Summary, problems
from .package import Book, Sheet, read_book
from .refusal import Refusal
from .values import Values

_BLOCK = 1 << 20
_ROW = re.compile(r'\s*<row r="([0-9]{1,7})"((?: [\w:.]+="[^"<>]*")*)>')
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="([0-9]+)")?(?: t="(\w+)")?'
    r"(?:/>|>(?:<v>([^<]*)</v>|<is><t(?: xml:space=\"preserve\")?>([^<]*)</t></is>)</c>)"
)


@dataclass(frozen=True, slots=True)
class SheetWish:
    """Which sheet to read: a name, or the first one people can see."""

    sheet: str | None = None


def read_workbook(
    source: BinaryIO, wish: SheetWish, limits: Limits
) -> tuple[Summary, Iterator[Record]]:
    """Return the summary and the records of one sheet of an XLSX workbook.

    Raises Refusal for every structure a plain table does not need.
    """
    archive = open_archive(source, limits)
    book = read_book(archive)
    chosen = _choose(book, wish)
    summary = Summary("workbook", sheet=chosen.name)
    hidden = [sheet.name for sheet in book.sheets if sheet.hidden and sheet is not chosen]
    others = [sheet.name for sheet in book.sheets if not sheet.hidden and sheet is not chosen]
    if hidden:
        summary.note("hidden_sheets", names=", ".join(hidden)[:200])
    if others:
        summary.note("other_sheets", names=", ".join(others)[:200])
    return summary, _records(archive, chosen.part, book, limits, summary)


def _choose(book: Book, wish: SheetWish) -> Sheet:
    if wish.sheet is not None:
        for sheet in book.sheets:
            if sheet.name == wish.sheet:
                return sheet
        raise Refusal("no_such_sheet", name=wish.sheet)
    return next((sheet for sheet in book.sheets if not sheet.hidden), book.sheets[0])


def _records(
    archive: zipfile.ZipFile, part: str, book: Book, limits: Limits, summary: Summary
) -> Iterator[Record]:
    values = Values(book)
    events = RowEvents(values, limits)
    if is_plain(archive, part):
        rows = _PlainRows(values, events).read(archive, part)
    else:
        rows = events.read(archive, part)
    for count, record in enumerate(rows, 1):
        summary.rows = count
        yield record
    if events.hidden_rows:
        summary.note("hidden_rows", count=events.hidden_rows)
    if events.formulas:
        summary.note("formulas", count=events.formulas)


class _PlainRows:
    """Rows cut out by pattern; a row that is not wholly understood goes to the event reader."""

    def __init__(self, values: Values, events: RowEvents) -> None:
        self.values, self.events = values, events

    def read(self, archive: zipfile.ZipFile, part: str) -> Iterator[Record]:
        """Yield every row of the part that holds something."""
        for row in _pieces(archive, part):
            record = self._record(row)
            if record is None:
                yield from self.events.read_rows(row)
            elif len(record) > 2:
                yield record

    def _record(self, row: str) -> Record | None:
        """Return the record of one plain row (without cells when empty), None if it is not plain.

        Every tag of the row must be one this pattern accounts for.
        """
        head = _ROW.match(row)
        plain, inline, empty = row.count("<v>"), row.count("<is>"), row.count("/>")
        if head is None or 2 + 4 * plain + 6 * inline + empty != row.count("<"):
            return None
        if "&" in row or "\r" in row:
            return None
        found = _CELL.findall(row, head.end())
        if len(found) != plain + inline + empty:
            return None
        number = row_number(head[1], self.events)
        if ' hidden="' in head[2]:
            self.events.count_hidden(head[2])
        return self._cells(number, head[1], found)

    def _cells(
        self, number: int, text: str, found: list[tuple[str, str, str, str, str, str]]
    ) -> Record:
        columns, read, dates = self.events.columns, self.values.read, self.values.dates
        shared, numbers = self.values.shared, self.values.numbers
        cells: list[str] = []
        wrong: list[tuple[int, str]] = []
        last = -1
        for letters, reference, style, kind, value, inline in found:
            column = columns[letters]
            if reference != text or column <= last:
                raise Refusal("bad_reference", reference=letters + reference)
            last = column
            raw = value or inline
            if not raw and kind != "e":
                continue
            if kind == "s":
                cell, problem = shared[raw]
            elif not kind and style not in dates:
                cell, problem = numbers[raw]
            else:
                cell, problem = read(kind, style, raw)
            if problem:
                wrong.append((column, problem))
            while len(cells) < column:
                cells.append("")
            cells.append(cell)
        if not wrong:
            return (number, "", *cells) if any(cells) else (number, "")
        return (number, problems(wrong), *cells)


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    """Yield the text of each row, up to and with its end tag; self-closed rows stay in front."""
    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    text, inside = "", False
    with archive.open(part) as source:
        while block := source.read(_BLOCK):
            text += decode(block)
            if not inside:
                start = re.search(r"<sheetData(?: [^<>]*)?>", text)
                if start is None or start[0].endswith("/>"):
                    continue
                text, inside = text[start.end() :], True
            stop = text.find("</sheetData>")
            rows = (text if stop < 0 else text[:stop]).split("</row>")
            text = rows.pop()
            for row in rows:
                yield row + "</row>"
            if stop >= 0:
                return
