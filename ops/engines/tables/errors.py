"""Refusals of uploaded tables, and the words for what a reader found in a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _noop

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation

MIB: Final = 1024 * 1024


class TableRefused(RuleViolation):
    """The whole file is refused and nothing of it was used: 422."""


class TableTooLarge(TableRefused):
    """The file is larger than a reader accepts: 413."""

    status = 413


class TableKindRefused(TableRefused):
    """The file is of a kind that is not read, or not what its name says: 415."""

    status = 415


class BatchMissing(NotFound):
    """No such import batch."""


class BatchClosed(Conflict):
    """The batch was already imported or refused."""


class AlreadyImported(Conflict):
    """The same content was imported before."""


class ProfileMissing(NotFound):
    """No file layout has this name."""


class CellTooLong(RuleViolation):
    """A text does not fit into a spreadsheet cell; CSV has no such limit."""


class TooManyRows(RuleViolation):
    """A spreadsheet cannot hold so many rows; CSV has no such limit."""


_KIND: Final = frozenset(
    {"unsupported", "content_differs", "binary", "old_or_encrypted", "macros", "gzip_unwanted"}
)
_LARGE: Final = frozenset({"file_too_large", "unpacks_too_large"})

_WORDS: Final[Mapping[str, str]] = {
    "unsupported": _noop("Files of the kind “%(suffix)s” are not read. Use CSV or XLSX."),
    "content_differs": _noop("The content of the file is not what its name says."),
    "binary": _noop("The file is not text. Save it as CSV in UTF-8."),
    "old_or_encrypted": _noop(
        "The workbook is encrypted or in the old XLS format. Save it as XLSX without a password."
    ),
    "macros": _noop("The workbook holds macros. Save it as XLSX without macros."),
    "gzip_unwanted": _noop("Packed files are not accepted here. Unpack the file first."),
    "file_too_large": _noop("The file is larger than %(limit)s MB."),
    "unpacks_too_large": _noop("Unpacked, the file would be larger than %(limit)s MB."),
    "no_rows": _noop("The file has no rows."),
    "unknown_encoding": _noop("The encoding of the file is not read. Save it as UTF-8."),
    "undecodable": _noop(
        "The text is neither UTF-8 nor GB18030: the byte at offset %(offset)s fits neither."
    ),
    "mixed_encodings": _noop(
        "The file mixes encodings: it stops being UTF-8 at byte offset %(offset)s."
    ),
    "line_too_long": _noop("A line is longer than %(limit)s bytes."),
    "broken_row": _noop("The row at line %(line)s cannot be read."),
    "open_quote": _noop("The quotation mark opened at line %(line)s is never closed."),
    "too_many_columns": _noop("The table has more than %(limit)s columns."),
    "too_many_rows": _noop("The table has more than %(limit)s rows. Split it, or use CSV."),
    "broken_archive": _noop("The workbook is damaged or incomplete."),
    "too_many_entries": _noop("The workbook has more than %(limit)s parts or sheets."),
    "unsafe_archive": _noop("The workbook holds a part with an unsafe name: %(name)s."),
    "embedded_objects": _noop("The workbook holds embedded files. Save only the table."),
    "external_content": _noop(
        "The workbook links to other files or addresses. Paste the values into a plain sheet."
    ),
    "pivot_tables": _noop("The workbook holds a pivot table. Copy the rows to a plain sheet."),
    "document_type": _noop("The workbook declares a document type, which is not allowed."),
    "broken_part": _noop("A part of the workbook cannot be read: %(part)s."),
    "bad_reference": _noop("A cell reference of the workbook is wrong: %(reference)s."),
    "no_such_sheet": _noop("The workbook has no sheet named “%(name)s”."),
    "too_costly": _noop(
        "Reading the file takes more time or memory than allowed. Split it, or use CSV."
    ),
    "reader_died": _noop("The file made the reader stop. It is refused and not read again."),
    "missing_columns": _noop("Columns are missing: %(names)s."),
    "duplicate_columns": _noop("Columns appear twice: %(names)s."),
    "extra_columns": _noop("Columns are not known: %(names)s."),
    "too_many_rejects": _noop(
        "More than %(limit)s rows cannot be read. Check that the right profile is chosen."
    ),
    "picture_broken": _noop("The picture is damaged, or is no PNG, JPG or WEBP. Save it anew."),
    "picture_too_large": _noop("The picture has more than 40 million pixels. Make it smaller."),
    "picture_moves": _noop("Moving pictures are not accepted. Save one picture of it."),
}

_CELL_WORDS: Final[Mapping[str, str]] = {
    "error_value": _noop("The cell holds an error value."),
    "precision_lost": _noop(
        "The number has lost digits. Format the column as text and enter it again."
    ),
    "formula_without_value": _noop("The formula has no stored value."),
    "replacement_character": _noop("A character was lost before this file was made (�)."),
    "nul": _noop("The cell holds a NUL character."),
    "bad_date": _noop("The cell holds no real date."),
    "bad_number": _noop("The cell holds no real number."),
    "too_long": _noop("The text is longer than a spreadsheet cell can be."),
    "mixed_encoding": _noop("The line is in another encoding than the file."),
    "required": _noop("A value is required."),
    "personal": _noop("The value is not accepted; it is personal and not repeated here."),
    "too_few_cells": _noop("The row has %(found)s cells, the header has %(expected)s."),
    "too_many_cells": _noop("The row has %(found)s cells, the header has %(expected)s."),
}

_NOTES: Final[Mapping[str, str]] = {
    "hidden_rows": _noop("%(count)s hidden rows are read like all others."),
    "hidden_sheets": _noop("Hidden sheets are not read: %(names)s."),
    "other_sheets": _noop("Only the first sheet is read, not: %(names)s."),
    "formulas": _noop("%(count)s formulas are read by their stored values."),
    "extra_columns": _noop("Columns are not used: %(names)s."),
}


def refused(code: str, **facts: Any) -> TableRefused:
    """Return the refusal for a reader's code, worded in the language of the moment."""
    if code in _LARGE:
        facts["limit"] = int(facts.get("limit", 0)) // MIB
        family: type[TableRefused] = TableTooLarge
    else:
        family = TableKindRefused if code in _KIND else TableRefused
    return family(f"tables.{code}", gettext(_WORDS[code]) % facts, **facts)


def cell_reason(code: str, **facts: Any) -> str:
    """Return the sentence for a cell problem."""
    return gettext(_CELL_WORDS[code]) % facts


def note(code: str, **facts: Any) -> str:
    """Return the sentence for a remark about the file."""
    return gettext(_NOTES[code]) % facts
