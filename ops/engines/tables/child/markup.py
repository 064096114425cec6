"""XML by expat with everything active switched off: no document type, so no entity at all."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn
from xml.parsers import expat

from .refusal import Refusal

Attributes = dict[str, str]
_BLOCK = 1 << 18
_PLAIN_START = re.compile(
    rb"(?:\xef\xbb\xbf)?<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?i:utf-8)[\"'])?"
    rb"(?: standalone=[\"']\w+[\"'])?\s*\?>\s*<worksheet[\s>]"
)


def parse_part(
    archive: zipfile.ZipFile,
    name: str,
    *,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    chars: Callable[[str], None] | None = None,
) -> None:
    """Run one part of the archive through expat, whole; raises what `parse_blocks` does."""
    for _block in parse_blocks(archive, name, start=start, end=end, chars=chars):
        pass


def parse_blocks(
    archive: zipfile.ZipFile,
    name: str,
    *,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    chars: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Run one part of the archive through expat, pausing after each block of it.

    Raises Refusal when the part is missing, not well-formed, damaged, or declares a document type.
    """
    parser = new_parser(start=start, end=end, chars=chars)
    with _reading(name), archive.open(name) as part:
        while block := part.read(_BLOCK):
            parser.Parse(block, False)  # noqa: FBT003 expat
            yield
        parser.Parse(b"", True)  # noqa: FBT003 expat
        yield


def new_parser(
    *,
    start: Callable[[str, Attributes], None] | None = None,
    end: Callable[[str], None] | None = None,
    chars: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """Return a parser that knows no document type."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = chars
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def is_plain(archive: zipfile.ZipFile, name: str) -> bool:
    """Check that a part is well-formed, and say whether it may be cut up by pattern.

    Plain is UTF-8, without namespace prefix, comment, CDATA or instruction. Raises Refusal as
    `parse_blocks` does.
    """
    tail = b""
    plain = True
    first = True
    with _reading(name), archive.open(name) as part:
        parser = new_parser()
        while block := part.read(_BLOCK):
            parser.Parse(block, False)  # noqa: FBT003 expat
            if first:
                plain, first = _PLAIN_START.match(block) is not None, False
                block = block[block.find(b"?>") + 2 :]
            seen = tail + block
            plain = plain and b"<!" not in seen and b"<?" not in seen
            tail = block[-1:]
        parser.Parse(b"", True)  # noqa: FBT003 expat
    return plain


def local(tag: str) -> str:
    """Return the tag without its namespace prefix."""
    return tag.rpartition(":")[2]


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise Refusal("broken_archive") from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refusal("broken_part", part=name) from error


def _refuse_document_type(*_args: object) -> NoReturn:
    raise Refusal("document_type")
