"""Rows by expat events: every well-formed way to write a sheet, exactly and a little slowly."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from ops.engines.tables.limits import EXCEL_ROWS, Limits

from .markup import Attributes, local, new_parser, parse_blocks
from .output import Record, problems
from .refusal import Refusal
from .values import Columns, Values

_DIGITS = "0123456789"
_OUTSIDE_CALLS = ("WEBSERVICE(", "FILTERXML(", "RTD(", "DDE(", "CALL(", "REGISTER.ID(", "[")
_HIDDEN_ROW = re.compile(' hidden="(?:1|true)"')
TITLE_ROWS = 1


class RowEvents:
    """The state between two expat events of one sheet; rows wait in `ready` for the next pause."""

    def __init__(self, values: Values, limits: Limits) -> None:
        self.values = values
        self.columns = Columns(limits.columns)
        self.most_rows = limits.sheet_rows
        self.ready: list[Record] = []
        self.hidden_rows = self.formulas = 0
        self.cell_tag = self.value_tag = self.text_tag = self.row_tag = ""
        self.row_number = 0
        self.row_text = ""
        self.cells: list[str] = []
        self.found: list[tuple[int, str]] = []
        self.column = -1
        self.kind = self.style = ""
        self.pieces: list[str] = []
        self.formula: list[str] = []
        self.collecting = self.has_value = self.has_formula = self.in_guide = False

    def read(self, archive: zipfile.ZipFile, part: str) -> Iterator[Record]:
        """Yield every row of the part that holds something."""
        for _block in parse_blocks(archive, part, start=self.start, end=self.end, chars=self.chars):
            yield from self.ready
            self.ready.clear()

    def read_rows(self, rows: str) -> list[Record]:
        """Return the rows of a piece of well-formed sheet data."""
        parser = new_parser(start=self.start, end=self.end, chars=self.chars)
        parser.Parse(f"<worksheet>{rows}</worksheet>".encode(), True)  # noqa: FBT003 expat
        ready, self.ready = self.ready, []
        return ready

    def start(self, tag: str, attributes: Attributes) -> None:
        """Open a cell, its value, or a row; anything else is looked at by `_start_rare`."""
        if tag == self.cell_tag:
            reference = attributes.get("r")
            if reference is None:
                column = self.column + 1
                if column >= self.columns.most:
                    raise Refusal("too_many_columns", line=self.row_number, limit=column)
            else:
                letters = reference.rstrip(_DIGITS)
                column = self.columns[letters]
                if column <= self.column or reference[len(letters) :] != self.row_text:
                    raise Refusal("bad_reference", reference=ascii(reference)[1:21])
            self.column = column
            self.style = attributes.get("s", "")
            self.kind = attributes.get("t", "n")
            self.has_value = self.has_formula = False
            self.pieces.clear()
        elif tag in (self.value_tag, self.text_tag):
            self.collecting = not self.in_guide
            self.has_value = True
        else:
            self._start_rare(tag, attributes)

    def end(self, tag: str) -> None:
        """Close a value, a cell, or a row."""
        if tag in (self.value_tag, self.text_tag):
            self.collecting = False
        elif tag == self.cell_tag:
            if self.pieces or self.has_formula:
                self._take_cell("".join(self.pieces))
        elif tag == self.row_tag:
            self._take_row()
        elif local(tag) == "f":
            self._check_formula()
        elif local(tag) == "rPh":
            self.in_guide = False

    def chars(self, data: str) -> None:
        """Keep text inside a value; indentation between elements is dropped."""
        if self.collecting:
            self.pieces.append(data)
        elif self.has_formula:
            self.formula.append(data)

    def count_hidden(self, attributes: str) -> None:
        """Count a row whose attributes, as written, hide it."""
        if _HIDDEN_ROW.search(attributes):
            self.hidden_rows += 1

    def _start_rare(self, tag: str, attributes: Attributes) -> None:
        if tag == self.row_tag:
            self._start_row(attributes)
            return
        name = local(tag)
        if name == "f":
            self.has_formula = True
            self.formula.clear()
        elif name == "rPh":
            self.in_guide = True
        elif not self.row_tag:
            if name != "worksheet":
                raise Refusal("broken_part", part="sheet")
            prefix = tag[: -len(name)]
            self.cell_tag, self.row_tag = prefix + "c", prefix + "row"
            self.value_tag, self.text_tag = prefix + "v", prefix + "t"

    def _start_row(self, attributes: Attributes) -> None:
        number = row_number(attributes.get("r", str(self.row_number + 1)), self)
        self.row_text, self.column = str(number), -1
        self.cells, self.found = [], []
        if attributes.get("hidden") in ("1", "true"):
            self.hidden_rows += 1

    def _take_cell(self, raw: str) -> None:
        text, problem = self.values.read(self.kind, self.style, raw)
        if self.has_formula:
            self.formulas += 1
            if not self.has_value:
                problem = "formula_without_value"
        if problem:
            self.found.append((self.column, problem))
        if text or problem:
            cells = self.cells
            while len(cells) < self.column:
                cells.append("")
            cells.append(text)

    def _take_row(self) -> None:
        if not any(self.cells) and not self.found:
            return
        found = problems(self.found) if self.found else ""
        self.ready.append((self.row_number, found, *self.cells))

    def _check_formula(self) -> None:
        formula = "".join(self.formula).upper()
        self.formula.clear()
        if any(call in formula for call in _OUTSIDE_CALLS) or "|" in formula:
            raise Refusal("external_content")


def row_number(text: str, events: RowEvents) -> int:
    """Return the row number, which must rise and stay inside the limits.

    Raises Refusal otherwise.
    """
    if not (text.isdecimal() and text.isascii()) or not 1 <= len(text) <= 10:
        raise Refusal("bad_reference", reference=ascii(text)[1:21])
    number = int(text)
    if number <= events.row_number or number > EXCEL_ROWS:
        raise Refusal("bad_reference", reference=text)
    if number > events.most_rows + TITLE_ROWS:
        raise Refusal("too_many_rows", limit=events.most_rows)
    events.row_number = number
    return number
