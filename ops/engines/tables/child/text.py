"""Reading delimited text: encoding, delimiter, rows; nothing is guessed that cannot be shown."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ops.engines.tables.inert import unmark
from ops.engines.tables.limits import MIB, Limits

from .decoding import Decoding, find_decoding
from .headers import normal_title
from .output import Record, Summary, problems
from .refusal import Refusal

DELIMITERS = ",\t;|"
_SAMPLE_CHARS = 256 * 1024
_SAMPLE_ROWS = 50
_NUL_SHARE = 50
_STRAY_NULS = 8
# Ends the input; it comes back as a row of its own unless a quote was left open.
_END = "\x1eend of table\x1e"
_FOREIGN_STARTS = (
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"RIFF", "riff"),
    (b"MZ", "exe"),
    (b"\x7fELF", "elf"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"SQLite format 3", "sqlite"),
    (b"{\\rtf", "rtf"),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|svg|\?xml|\?php|script|head|body|table)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextWish:
    """What the profile allows in a text file; `delimiter` None is to be found, "" is by line."""

    delimiter: str | None = None
    quotes: bool = True
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    titles: frozenset[str] = frozenset()
    markup: bool = False


def read_text(source: BinaryIO, wish: TextWish, limits: Limits) -> tuple[Summary, Iterator[Record]]:
    """Return the summary and the records of one text file; the summary is complete at the end.

    Raises Refusal for what is no text, has no encoding, an open quote, or is too large.
    """
    _check_start(source.read(512), wish)
    source.seek(0)
    decoding = find_decoding(source, wish.encodings, limits)
    if decoding.has_nul:
        _check_nul(source, decoding)
    source.seek(decoding.skip)
    lines = io.TextIOWrapper(source, decoding.encoding, "strict", newline="")
    delimiter = wish.delimiter
    if delimiter is None:
        sample = lines.read(_SAMPLE_CHARS)
        delimiter = find_delimiter(sample, wish.titles)
        source.seek(decoding.skip)
        lines.detach()
        lines = io.TextIOWrapper(source, decoding.encoding, "strict", newline="")
    label = "utf-8-sig" if decoding.encoding == "utf-8" and decoding.skip else decoding.encoding
    summary = Summary("text", encoding=label, delimiter=delimiter)
    rows = _rows(lines, delimiter, wish, limits)
    return summary, _records(rows, decoding, limits, summary)


def unzip(source: BinaryIO, scratch: BinaryIO, limits: Limits) -> BinaryIO:
    """Unpack gzip into `scratch`, counting every byte.

    Raises Refusal when it is no gzip, is cut off, or grows past the limits.
    """
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    most = min(limits.text_bytes, max(size * limits.zip_ratio, 10 * MIB))
    written = 0
    try:
        with gzip.GzipFile(fileobj=source) as packed:
            while block := packed.read(MIB):
                written += len(block)
                if written > most:
                    raise Refusal("unpacks_too_large", limit=most)
                scratch.write(block)
    except (OSError, EOFError, zlib.error) as error:
        raise Refusal("broken_archive") from error
    scratch.seek(0)
    return scratch


def find_delimiter(sample: str, titles: frozenset[str]) -> str:
    """Return the delimiter that finds most known titles, else the one most lines agree about."""
    lines = sample.splitlines()[: _SAMPLE_ROWS * 4]
    best, best_score = DELIMITERS[0], (0, 0, 0)
    for delimiter in DELIMITERS:
        rows = _sample_rows(lines, delimiter)
        known = max((len(titles & {normal_title(c) for c in row}) for row in rows), default=0)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        agreeing, width = max(((n, width) for width, n in widths.items()), default=(0, 0))
        if (score := (known, agreeing, width)) > best_score:
            best, best_score = delimiter, score
    return best


def _sample_rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(itertools.islice(csv.reader(lines, delimiter=delimiter), _SAMPLE_ROWS))
    except csv.Error:
        return []


def _check_start(start: bytes, wish: TextWish) -> None:
    for magic, found in _FOREIGN_STARTS:
        if start.startswith(magic) and (len(magic) > 2 or b"\0" in start):
            raise Refusal("content_differs", found=found)
    if not wish.markup and _MARKUP.match(start.removeprefix(b"\xef\xbb\xbf")):
        raise Refusal("content_differs", found="markup")


def _check_nul(source: BinaryIO, decoding: Decoding) -> None:
    """Refuse binary data and UTF-16 without a mark; a stray NUL only costs its row."""
    source.seek(decoding.skip)
    start = source.read(64 * 1024)
    width = 2 if decoding.encoding.startswith("utf-16") else 1
    if width == 1 and start.count(0) > max(_STRAY_NULS, len(start) // _NUL_SHARE):
        raise Refusal("binary")


def _rows(
    lines: io.TextIOWrapper, delimiter: str, wish: TextWish, limits: Limits
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield first line, last line and cells of each row that has any."""
    if not delimiter:
        for number, text in enumerate(lines, 1):
            if cell := text.rstrip("\r\n"):
                yield number, number, [cell]
        return
    csv.field_size_limit(limits.field_chars)
    reader = csv.reader(
        itertools.chain(lines, (_END,)),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if wish.quotes else csv.QUOTE_NONE,
        strict=False,
    )
    first = 1
    try:
        for row in reader:
            last = reader.line_num
            if len(row) == 1 and row[0] == _END:
                return
            if row:
                yield first, last, row
            first = last + 1
    except csv.Error as error:
        raise Refusal("broken_row", line=first) from error
    raise Refusal("open_quote", line=first)


def _records(
    rows: Iterator[tuple[int, int, list[str]]],
    decoding: Decoding,
    limits: Limits,
    summary: Summary,
) -> Iterator[Record]:
    find = _problem_finder(decoding)
    most_rows, most_columns, strip = limits.text_rows, limits.columns, decoding.has_apostrophe
    count = 0
    for first, last, row in rows:
        if len(row) > most_columns:
            raise Refusal("too_many_columns", line=first, limit=most_columns)
        if len(row) == 1 and not row[0].strip():
            continue
        count += 1
        if count > most_rows:
            raise Refusal("too_many_rows", limit=most_rows)
        found = find(first, last, row) if find else ""
        if strip:
            yield (first, found, *[unmark(cell) if cell[:1] == "'" else cell for cell in row])
        else:
            yield (first, found, *row)
    summary.rows = count


def _problem_finder(decoding: Decoding) -> Callable[[int, int, list[str]], str] | None:
    """Return the look at each row that the first look at the file made necessary, if any."""
    mixed = decoding.mixed_lines
    if not (decoding.has_nul or decoding.has_replacement or mixed):
        return None

    def find(first: int, last: int, row: list[str]) -> str:
        found = [(-1, "mixed_encoding")] if mixed.intersection(range(first, last + 1)) else []
        for column, cell in enumerate(row):
            if "\ufffd" in cell:
                found.append((column, "replacement_character"))
            if "\0" in cell:
                found.append((column, "nul"))
        return problems(found)

    return find
