"""A ZIP of a few texts, such as a summary and its detail: laid behind one another, detail last."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from typing import BinaryIO

from ops.engines.tables.limits import MIB, Limits

from .archive import open_archive
from .headers import normal_title
from .refusal import Refusal

_MOST_TEXTS = 4
_HEAD_BYTES = 16 * 1024
_MARK = b"\xef\xbb\xbf"
_SUFFIXES = (".csv", ".txt")


def unpack(
    source: BinaryIO,
    scratch: BinaryIO,
    titles: frozenset[str],
    encodings: Sequence[str],
    limits: Limits,
) -> BinaryIO:
    """Unpack every text into `scratch`, the one with most of the wanted titles last.

    Chosen by header, never by name or place. Raises Refusal for what is no such archive, holds
    anything else, or grows past the limits.
    """
    try:
        with open_archive(source, limits) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if not members or len(members) > _MOST_TEXTS:
                raise Refusal("too_many_entries", limit=_MOST_TEXTS)
            if not all(info.filename.casefold().endswith(_SUFFIXES) for info in members):
                raise Refusal("embedded_objects")
            members.sort(key=lambda info: _known_titles(archive, info, titles, encodings))
            written = 0
            for info in members:
                written = _copy(archive, info, scratch, written, limits)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise Refusal("broken_archive") from error
    scratch.seek(0)
    return scratch


def _known_titles(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    titles: frozenset[str],
    encodings: Sequence[str],
) -> int:
    """Return how many wanted titles the best line of a text's head has."""
    with archive.open(info) as member:
        head = member.read(_HEAD_BYTES)
    best = 0
    for encoding in encodings:
        lines = head.decode(encoding, "replace").splitlines()
        found = (len(titles & {normal_title(cell) for cell in line.split(",")}) for line in lines)
        best = max(best, *found, 0)
    return best


def _copy(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    scratch: BinaryIO,
    written: int,
    limits: Limits,
) -> int:
    last = b"\n"
    with archive.open(info) as member:
        block = member.read(MIB).removeprefix(_MARK)
        while block:
            written += len(block)
            if written > limits.text_bytes:
                raise Refusal("unpacks_too_large", limit=limits.text_bytes)
            scratch.write(block)
            last = block[-1:]
            block = member.read(MIB)
    if last != b"\n":
        scratch.write(b"\n")
    return written
