"""A report's figures as they were found: one canonical line per row, hashed, packed, kept.

Every file of a version is rendered from this one content, so screen, XLSX, CSV, PDF and JSON
cannot disagree. The digest covers section keys, column keys and kinds, and every value; titles,
which depend on the language, stay outside.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from ops.engines.kernel.canonical import plain
from ops.engines.reports.declarations import Report
from ops.engines.reports.errors import FiguresWrong
from ops.engines.reports.types import Rows, Section, Sections
from ops.engines.reports.values import revive
from ops.engines.tables.writer import Column, Kind

Progress = Callable[[int], None]
EVERY = 5_000


@dataclass(frozen=True, slots=True)
class Written:
    """What writing the content found: its hash and the number of rows."""

    digest: str
    rows: int


@dataclass(frozen=True, slots=True)
class Part:
    """One table of stored content; `rows` streams and is read before the next part."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterator[tuple[Any, ...]]


def write(path: Path, report: Report, rows: Rows, progress: Progress) -> Written:
    """Write the rows a query yields, one line each, and return their digest and number.

    Raises FiguresWrong when a row does not fit its columns or holds a float.
    """
    whole, count = hashlib.sha256(), 0
    with path.open("xb") as raw, gzip.GzipFile("", "wb", 5, raw, mtime=0) as packed:
        for section in _sections(report, rows):
            _put(packed, whole, _head(section))
            width = len(section.columns)
            for row in section.rows:
                if len(row) != width:
                    raise FiguresWrong(f"{report.name}: {len(row)} values for {width} columns")
                _put(packed, whole, _row_line(report, row))
                count += 1
                if count % EVERY == 0:
                    progress(count)
    return Written(whole.hexdigest(), count)


def read(path: Path, report: Report) -> Iterator[Part]:
    """Yield the tables of stored content in order, their rows streamed.

    Titles of columns come from the declaration in the reader's language; a column the declaration
    no longer has keeps its key.
    """
    declared = {column.key: column for column in report.columns}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        head = next(lines, None)
        while head is not None:
            told = json.loads(head)
            columns = tuple(
                _column(declared, told["titles"][i], key, kind)
                for i, (key, kind) in enumerate(told["columns"])
            )
            following: list[str | None] = [None]
            rows = _rows(lines, columns, following)
            yield Part(told["section"], told["title"], columns, rows)
            deque(rows, maxlen=0)  # whoever took only the first rows has not found the next head
            head = following[0]


def digest_of(path: Path) -> str:
    """Return the digest of stored content, computed again from its lines."""
    whole = hashlib.sha256()
    with gzip.open(path, "rb") as lines:
        for line in lines:
            whole.update(_hashed(line))
    return whole.hexdigest()


def _sections(report: Report, rows: Rows) -> Iterator[Section]:
    if isinstance(rows, Sections):
        yield from rows.sections
    else:
        yield Section("", report.title, report.columns, rows)


def _head(section: Section) -> bytes:
    told = {
        "columns": [[column.key, column.kind] for column in section.columns],
        "section": section.key,
    }
    titles = [str(column.title) for column in section.columns]
    return _dump(told | {"title": str(section.title), "titles": titles})


def _row_line(report: Report, row: Sequence[Any]) -> bytes:
    try:
        return _dump(row)
    except TypeError as error:
        raise FiguresWrong(f"{report.name}: {error}") from error


def _dump(value: Any) -> bytes:
    line = json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return line.encode() + b"\n"


def _put(packed: BinaryIO | gzip.GzipFile, whole: Any, line: bytes) -> None:
    packed.write(line)
    whole.update(_hashed(line))


def _hashed(line: bytes) -> bytes:
    """Return what of a line counts: a heading without its titles."""
    if not line.startswith(b"{"):
        return line
    told = json.loads(line)
    return _dump({"columns": told["columns"], "section": told["section"]})


def _rows(
    lines: Iterator[str], columns: Sequence[Column], following: list[str | None]
) -> Iterator[tuple[Any, ...]]:
    readers = [revive(column.kind) for column in columns]
    for line in lines:
        if line.startswith("{"):
            following[0] = line
            return
        values = json.loads(line)
        yield tuple(
            None if value is None else read_one(value)
            for read_one, value in zip(readers, values, strict=True)
        )


def _column(declared: dict[str, Column], title: str, key: str, kind: str) -> Column:
    known = declared.get(key)
    return Column(key, known.title if known else title, cast("Kind", kind))
