"""One way from kept figures to each format; tables go out through the one writer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ops.engines.kernel.canonical import plain
from ops.engines.reports.choices import Format
from ops.engines.reports.content import EVERY, Part, Progress
from ops.engines.reports.render.pdf import write_pdf
from ops.engines.reports.render.sheet import Sheet
from ops.engines.tables.writer import BOM, Column, Page, csv_blocks, csv_header, write_workbook

Write = Callable[[Path, Sheet, Iterator[Part], Progress], None]


def write_file(
    fmt: str, path: Path, sheet: Sheet, parts: Iterator[Part], progress: Progress
) -> None:
    """Write the figures in one format.

    Raises ReportTooLong when the format cannot carry that many rows.
    """
    _WRITERS[Format(fmt)](path, sheet, parts, progress)


def write_csv_file(path: Path, _sheet: Sheet, parts: Iterator[Part], progress: Progress) -> None:
    """Write CSV; several tables follow each other, each below its title and after an empty line."""
    with path.open("xb") as file:
        for number, part in enumerate(parts):
            blocks = csv_blocks(part.columns, _told(part.rows, progress))
            if part.key:
                file.write((b"\n" if number else BOM) + _title_line(part))
                file.write(next(blocks).removeprefix(BOM))
            file.writelines(blocks)


def write_xlsx_file(path: Path, sheet: Sheet, parts: Iterator[Part], progress: Progress) -> None:
    """Write a workbook with one sheet per table and one that says what the figures are worth."""
    pages = (
        Page(part.title if part.key else "", part.columns, _told(part.rows, progress))
        for part in parts
    )
    write_workbook(pages, path, notes=sheet.notes, at=sheet.cut_off_at)


def write_json(path: Path, _sheet: Sheet, parts: Iterator[Part], progress: Progress) -> None:
    """Write a list of objects whose keys are the column names; several tables by their keys.

    Decimals are text, so that no reader rounds them.
    """
    with path.open("x", encoding="utf-8") as file:
        is_single = True
        for number, part in enumerate(parts):
            is_single = part.key == ""
            if not is_single:
                file.write(("," if number else "{") + f"\n{json.dumps(part.key)}: ")
            _write_list(file.write, part, progress)
        file.write("\n" if is_single else "\n}\n")


_WRITERS: dict[Format, Write] = {
    Format.CSV: write_csv_file,
    Format.XLSX: write_xlsx_file,
    Format.JSON: write_json,
    Format.PDF: write_pdf,
}


def _write_list(write: Callable[[str], Any], part: Part, progress: Progress) -> None:
    keys = [column.key for column in part.columns]
    write("[")
    for number, row in enumerate(_told(part.rows, progress)):
        write(",\n" if number else "\n")
        write(json.dumps(dict(zip(keys, map(plain, row), strict=True)), ensure_ascii=False))
    write("\n]")


def _told(rows: Iterator[tuple[Any, ...]], progress: Progress) -> Iterator[tuple[Any, ...]]:
    for count, row in enumerate(rows, start=1):
        if count % EVERY == 0:
            progress(count)
        yield row


def _title_line(part: Part) -> bytes:
    return csv_header([Column("title", part.title)])
