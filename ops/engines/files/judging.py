"""Pictures and papers judged whole before they are kept (S18).

Nothing is decoded: each format's parts are walked from the first byte to the last, which costs
milliseconds and no memory, however much the file claims to unpack to. What is cut off, damaged,
larger on screen than a browser holds, readable as a second kind of file, or runs something when it
is opened, is refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from ops.engines.files.errors import FileRefused

MOST_PIXELS: Final = 64_000_000  # what phones take; four bytes each in whoever shows it
MOST_SIDE: Final = 32_767
MOST_PARTS: Final = 50_000  # of one file; true ones have some hundreds
MOST_UNPACKED: Final = 8 * 1024 * 1024  # of one compressed part of a PDF that names things
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MARKER: Final = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_SIZED: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN, _END_OF_IMAGE, _START_OF_IMAGE = 0xDA, 0xD9, 0xD8
# What begins or ends a file of another kind, and never stands in a picture by chance.
_SECOND_KIND: Final = re.compile(
    rb"PK\x05\x06|%PDF-[0-9]|<script|<html|<svg[ >]|<\?php|<!doctype", re.IGNORECASE
)
_ACTIVE: Final = re.compile(rb"/(?:JavaScript|Launch|RichMedia|XFA|SubmitForm|ImportData)\b")
_WRITTEN_BYTE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAMING_STREAM: Final = re.compile(rb"/ObjStm\b")
_STREAM: Final = re.compile(rb"stream\r?\n")
_PDF_TAIL: Final = 1024
_STREAM_NEAR: Final = 400  # a stream begins this soon after what it is was named


def judge(content_type: str, data: bytes) -> None:
    """Refuse a picture or paper that is not whole, plain and of bearable size.

    Raises FileRefused; kinds without a judge here pass.
    """
    if (judged := _JUDGES.get(content_type)) is not None:
        judged(data)


def _broken() -> FileRefused:
    return FileRefused("files.broken", _("The file is cut off or damaged; send it again."))


def _picture(sized: Callable[[bytes], tuple[int, int]]) -> Callable[[bytes], None]:
    """Return the judge of a picture whose parts a function walks and measures."""

    def judged(data: bytes) -> None:
        try:
            width, height = sized(data)
        except (IndexError, ValueError) as error:
            raise _broken() from error
        if not width or not height:
            raise _broken()
        if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
            raise FileRefused(
                "files.pixels",
                _("The picture has %(width)s × %(height)s pixels; at most %(most)s million.")
                % {"width": width, "height": height, "most": MOST_PIXELS // 1_000_000},
            )
        if _SECOND_KIND.search(data):
            raise FileRefused("files.two_kinds", _("The picture is another kind of file as well."))

    return judged


def _bear(parts: int) -> None:
    if parts > MOST_PARTS:
        raise ValueError("more parts than any true file has")


def _png(data: bytes) -> tuple[int, int]:
    """Walk the chunks, each with its checksum, to an end that is the end of the file."""
    at, names, size = len(_PNG), [], (0, 0)
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length
        if at > len(data) or zlib.crc32(name + body) != int.from_bytes(data[at - 4 : at]):
            raise ValueError("a chunk is not what it says")
        if name == b"IHDR":
            size = int.from_bytes(body[:4]), int.from_bytes(body[4:8])
        names.append(name)
        _bear(len(names))
    if names[0] != b"IHDR" or names[-1] != b"IEND" or b"IDAT" not in names:
        raise ValueError("parts are missing")
    return size


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk the segments of the first image to its end; a camera may write more behind it."""
    at, size, parts = 2, (0, 0), 0
    while found := _MARKER.search(data, at):
        kind, at, parts = found[1][0], found.end(), parts + 1
        _bear(parts)
        if kind == _END_OF_IMAGE:
            return size
        if kind == _START_OF_IMAGE:
            raise ValueError("an image begins in another")
        length = int.from_bytes(data[at : at + 2])
        body = data[at + 2 : at + length]
        if len(body) != length - 2:
            raise ValueError("a segment is cut off")
        if kind in _SIZED:
            size = int.from_bytes(body[3:5]), int.from_bytes(body[1:3])
        at += length
    raise ValueError("no end")


def _webp(data: bytes) -> tuple[int, int]:
    """Walk the chunks; the file is as long as it says."""
    if int.from_bytes(data[4:8], "little") + 8 != len(data):
        raise ValueError("not as long as it says")
    at, size, parts = 12, (0, 0), 0
    while at < len(data):
        parts += 1
        _bear(parts)
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
        if len(body) != length:
            raise ValueError("a chunk is cut off")
        size = max(size, _webp_size(name, body))
    return size


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        wide, high = body[6:8], body[8:10]
        return int.from_bytes(wide, "little") & 0x3FFF, int.from_bytes(high, "little") & 0x3FFF
    return 0, 0


def _pdf(data: bytes) -> None:
    """Refuse a paper without an end, and one that does something when it is opened."""
    if b"%%EOF" not in data[-_PDF_TAIL:]:
        raise _broken()
    for part in _naming_parts(data):
        if _ACTIVE.search(_WRITTEN_BYTE.sub(lambda found: bytes.fromhex(found[1].decode()), part)):
            raise FileRefused(
                "files.active",
                _("The PDF runs a program or sends a form; print it to a plain PDF first."),
            )


def _naming_parts(data: bytes) -> Iterator[bytes]:
    """Yield what names things in a PDF: its plain parts, and compressed ones unpacked a little."""
    yield data
    view = memoryview(data)
    for part, named in enumerate(_NAMING_STREAM.finditer(data)):
        if part > MOST_PARTS:
            raise _broken()
        if (found := _STREAM.search(data, named.end(), named.end() + _STREAM_NEAR)) is None:
            continue
        try:
            yield zlib.decompressobj().decompress(view[found.end() :], MOST_UNPACKED)
        except zlib.error:  # kept by another filter, or encrypted: only its reader can tell
            continue


_JUDGES: Final[Mapping[str, Callable[[bytes], None]]] = MappingProxyType(
    {
        "image/png": _picture(_png),
        "image/jpeg": _picture(_jpeg),
        "image/webp": _picture(_webp),
        "application/pdf": _pdf,
    }
)
