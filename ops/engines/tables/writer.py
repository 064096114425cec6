"""The only writer of tables: CSV and XLSX whose text is inert and which come back unchanged.

Numbers are written as numbers and never marked ("-5" in an integer column stays -5). Text that a
program could take for a formula gets the mark of `inert` in CSV; in XLSX it is a text cell with the
quote-prefix style, so its content needs no mark.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.kernel.parse import BUSINESS_ZONE

from .errors import CellTooLong, TooManyRows
from .inert import is_risky, mark, unmark
from .limits import EXCEL_CELL_CHARS, EXCEL_EXACT_DIGITS, EXCEL_ROWS

Kind = Literal["text", "integer", "money", "decimal", "date", "datetime", "rate"]
BOM: Final = b"\xef\xbb\xbf"
_BLOCK_ROWS: Final = 2_000
_LINE_END: Final = "\r\n"  # the csv module quotes a cell for these characters only
_EXCEL_FIRST_DAY: Final = dt.date(1900, 3, 1)
_NUMBERS: Final = frozenset({"integer", "money", "decimal", "rate"})
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_FORMATS: Final[Mapping[str, str]] = {
    "integer": "#,##0",
    "money": "#,##0.00",
    "decimal": "#,##0.######",
    "rate": "0.00%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm:ss",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export: key, title people read, and kind of value."""

    key: str
    title: str | Promise
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of a workbook with several; the rows are read when its turn comes."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def plain_text(kind: Kind, value: Any) -> str:
    """Return a value as a file says it, without any mark: ISO days, business time, plain numbers.

    Raises TypeError for a value that is not of its column's kind.
    """
    if value is None:
        return ""
    if kind == "text":
        return str(value)
    if kind == "date":
        return _day(value).isoformat()
    if kind == "datetime":
        return _moment(value).isoformat(sep=" ")
    number = _number(value)
    return str(number) if isinstance(number, int) else format(number, "f")


def csv_blocks(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield a CSV file (UTF-8 with mark) in blocks, for answers that stream."""
    makers = [_csv_maker(column.kind) for column in columns]
    yield BOM + csv_header(columns)
    text = io.StringIO()
    write = csv.writer(text, lineterminator=_LINE_END).writerow
    for count, row in enumerate(rows, 1):
        write([make(value) for make, value in zip(makers, row, strict=True)])
        if count % _BLOCK_ROWS == 0:
            yield _taken(text)
    yield _taken(text)


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]], stream: BinaryIO) -> int:
    """Write a CSV file (UTF-8 with mark, inert text); returns the number of rows."""
    counted = _Counted(rows)
    stream.writelines(csv_blocks(columns, counted))
    return counted.count


def csv_header(columns: Sequence[Column]) -> bytes:
    """Return the header line of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator=_LINE_END).writerow([mark(str(c.title)) for c in columns])
    return text.getvalue().encode()


def write_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    path: Path,
    *,
    notes: Mapping[str, object] | None = None,
    at: dt.datetime | None = None,
    sheet: str | None = None,
) -> int:
    """Write a workbook in constant memory; returns the number of rows.

    `notes` (query, scope, time, person, ...) become a second sheet, with the row count added; `at`
    is the creation time inside the file, so that the same content gives the same bytes.
    Raises TooManyRows past 1,048,575 rows and CellTooLong past 32,767 characters in a cell.
    """
    return write_workbook([Page(sheet or "", columns, rows)], path, notes=notes, at=at)


def write_workbook(
    pages: Iterable[Page],
    path: Path,
    *,
    notes: Mapping[str, object] | None = None,
    at: dt.datetime | None = None,
) -> int:
    """Write a workbook with one sheet per page, otherwise as `write_xlsx`; returns all rows."""
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    stamp = (at or dt.datetime(2000, 1, 1, tzinfo=dt.UTC)).astimezone(dt.UTC)
    book.set_properties({"created": stamp.replace(tzinfo=None)})
    try:
        count = 0
        for page in pages:
            count += _Sheet(book, _sheet_name(page.title), page.columns).fill(page.rows)
        if notes is not None:
            facts = [(str(k), str(v)) for k, v in notes.items()] + [(_("Rows"), str(count))]
            pair = (Column("what", _("What")), Column("value", _("Value")))
            _Sheet(book, _("Notes"), pair).fill(facts)
    except BaseException:
        book.close()
        path.unlink(missing_ok=True)
        raise
    book.close()
    return count


class _Counted:
    """An iterable that knows how many items went through."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self.rows:
            self.count += 1
            yield row


class _Sheet:
    """One sheet of a workbook being written."""

    def __init__(self, book: Any, name: str, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.sheet = book.add_worksheet(name)
        self.head = book.add_format({"bold": True, "bottom": 1})
        self.inert = book.add_format({"quote_prefix": True})
        self.formats = {k: book.add_format({"num_format": f}) for k, f in _FORMATS.items()}
        self.sheet.freeze_panes(1, 0)

    def fill(self, rows: Iterable[Sequence[Any]]) -> int:
        """Write header and rows; returns the number of rows."""
        for place, column in enumerate(self.columns):
            self.sheet.set_column(place, place, 20 if column.kind in ("text", "datetime") else 14)
            self.sheet.write_string(0, place, _xlsx_text(str(column.title)), self.head)
        count = 0
        for count, row in enumerate(rows, 1):
            if count >= EXCEL_ROWS:
                raise TooManyRows(
                    "tables.too_many_rows_for_xlsx",
                    _("A spreadsheet holds at most %(limit)s rows. Choose CSV.")
                    % {"limit": EXCEL_ROWS - 1},
                )
            for place, (column, value) in enumerate(zip(self.columns, row, strict=True)):
                if value is not None:
                    self._write(count, place, column, value)
        return count

    def _write(self, row: int, place: int, column: Column, value: Any) -> None:
        kind = column.kind
        if kind in _NUMBERS:
            number = _number(value)
            if _digits(number) <= EXCEL_EXACT_DIGITS:
                self.sheet.write_number(row, place, number, self.formats[kind])
                return
        elif kind == "date" and _day(value) >= _EXCEL_FIRST_DAY:
            self.sheet.write_datetime(row, place, _day(value), self.formats[kind])
            return
        elif kind == "datetime":
            moment = _moment(value)
            # A cell keeps milliseconds of a double: anything finer is written as text.
            if moment.date() >= _EXCEL_FIRST_DAY and not moment.microsecond:
                self.sheet.write_datetime(row, place, moment, self.formats[kind])
                return
        text = plain_text(kind, value)
        if len(text) > EXCEL_CELL_CHARS:
            raise CellTooLong(
                "tables.cell_too_long",
                _("Row %(row)s, %(title)s: the text is too long for a spreadsheet. Choose CSV.")
                % {"row": row, "title": column.title},
            )
        style = self.inert if is_risky(text) else None
        self.sheet.write_string(row, place, _xlsx_text(text), style)


def _sheet_name(title: str) -> str:
    """Return a title as a sheet may be named: 31 characters, none of []:*?/\\ or an outer quote."""
    return _NOT_IN_NAMES.sub(" ", title)[:31].strip(" '") or _("Data")


def _xlsx_text(text: str) -> str:
    """Return text so that the importer, which takes one mark off, gives it back unchanged."""
    return mark(text) if unmark(text) != text else text


def _csv_maker(kind: Kind) -> Callable[[Any], str]:
    if kind == "text":
        return lambda value: "" if value is None else mark(str(value))
    return lambda value: plain_text(kind, value)


def _number(value: Any) -> int | Decimal:
    """Return an exact number; floats, booleans and text are no exact numbers."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{type(value).__name__} in a number column")
    if isinstance(value, Decimal) and not value.is_finite():
        raise TypeError("a number must be finite")
    return value


def _digits(number: int | Decimal) -> int:
    """Return how many significant digits a number has."""
    if isinstance(number, int):
        return len(str(abs(number)))
    return len(format(abs(number), "f").replace(".", "").lstrip("0"))


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise TypeError(f"{type(value).__name__} in a date column")
    return value


def _moment(value: Any) -> dt.datetime:
    """Return a moment in business time, without its offset, as people here read it."""
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise TypeError("a moment column needs moments with their offset")
    return value.astimezone(BUSINESS_ZONE).replace(tzinfo=None)


def _taken(text: io.StringIO) -> bytes:
    block = text.getvalue().encode("utf-8", "surrogatepass")
    text.seek(0)
    text.truncate()
    return block
