"""Which encoding a text file is in: its byte order mark, strict UTF-8, GB18030, or none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from ops.engines.tables.limits import Limits

from .refusal import Refusal

_BLOCK = 1 << 20
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", ""),
    (b"\x00\x00\xfe\xff", ""),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Two Chinese characters in a row as UTF-8: in true GB18030 text this hardly ever happens by chance.
_UTF8_CHINESE = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2}){2}")
_MIXED_SHARE = 100


@dataclass(slots=True)
class Decoding:
    """How to read the bytes, and what a first look at the whole file saw."""

    encoding: str
    skip: int = 0
    has_nul: bool = False
    has_replacement: bool = False
    has_apostrophe: bool = False
    chars: int = 0
    mixed_lines: frozenset[int] = field(default_factory=frozenset)


def find_decoding(source: BinaryIO, encodings: Sequence[str], limits: Limits) -> Decoding:
    """Read the whole file once and return the first encoding that fits without one bad byte.

    Raises Refusal with the offset of the first byte that fits none.
    """
    start = source.read(4)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            if not encoding:
                raise Refusal("unknown_encoding")
            seen = _try(source, encoding, len(mark), limits)
            return seen if isinstance(seen, Decoding) else _refuse(seen)
    first_bad: int | None = None
    for encoding in encodings:
        seen = _try(source, encoding, 0, limits)
        if isinstance(seen, Decoding):
            if first_bad is not None:
                seen.mixed_lines = _mixed_lines(source, first_bad)
            return seen
        first_bad = seen if first_bad is None else first_bad
    return _refuse(first_bad or 0)


def _refuse(offset: int) -> Decoding:
    raise Refusal("undecodable", offset=offset)


def _try(source: BinaryIO, encoding: str, skip: int, limits: Limits) -> Decoding | int:
    """Return what was seen, or the offset of the first bad byte."""
    source.seek(skip)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    seen = Decoding(encoding, skip)
    position, open_line = skip, 0
    while True:
        block = source.read(_BLOCK)
        position += len(block)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return position - len(error.object) + error.start
        seen.chars += len(text)
        seen.has_nul = seen.has_nul or "\0" in text
        seen.has_replacement = seen.has_replacement or "\ufffd" in text
        seen.has_apostrophe = seen.has_apostrophe or "'" in text
        open_line = _open_line(text, open_line, limits.line_bytes)
        if not block:
            return seen


def _open_line(text: str, carried: int, most: int) -> int:
    """Return the length of the unfinished line after `text`; refuse a line longer than `most`."""
    last = max(text.rfind("\n"), text.rfind("\r"))
    if last < 0:
        open_line = carried + len(text)
    else:
        ends = [at for at in (text.find("\n"), text.find("\r")) if at >= 0]
        if carried + min(ends) > most:
            raise Refusal("line_too_long", limit=most)
        open_line = len(text) - last - 1
    if open_line > most:
        raise Refusal("line_too_long", limit=most)
    return open_line


def _mixed_lines(source: BinaryIO, offset: int) -> frozenset[int]:
    """Return the lines that are UTF-8 inside a file that is not; refuse when they are many."""
    source.seek(0)
    mixed, foreign = set(), 0
    for number, line in enumerate(source, 1):
        if line.isascii():
            continue
        foreign += 1
        if _UTF8_CHINESE.search(line) and _is_utf8(line):
            mixed.add(number)
    if len(mixed) * _MIXED_SHARE > foreign:
        raise Refusal("mixed_encodings", offset=offset)
    return frozenset(mixed)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
