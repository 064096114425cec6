"""What a workbook says of itself, read from its XML without anybody's library (S7).

By ECMA-376 a cell works something out only when it holds an `f` element, whatever its text is; all
else that acts has an element or a part of its own.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

_SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEETS: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
# The parts an inert workbook is made of: no links, macros, connections, objects or pivot caches.
_PARTS: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/(workbook|styles|sharedStrings|theme/theme1|worksheets/sheet[0-9]+)\.xml"
)
_INERT: Final = frozenset(
    {
        "worksheet", "dimension", "sheetViews", "sheetView", "pane", "selection", "sheetFormatPr",
        "cols", "col", "sheetData", "row", "c", "v", "is", "t", "pageMargins",
    }
)  # fmt: skip
_KINDS: Final = {"s": "text", "inlineStr": "text", "n": "number", "": "number"}


@dataclass(frozen=True)
class Cell:
    """One cell: where it is, what it is, and its text as it stands there."""

    place: str
    kind: str
    text: str


def acting(data: bytes) -> list[str]:
    """Return everything in a workbook that could act: elements, parts and kinds of cells."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        found = [name for name in book.namelist() if not _PARTS.fullmatch(name)]
        for name in filter(_SHEETS.fullmatch, book.namelist()):
            tags = {one.tag.removeprefix(_SHEET) for one in _tree(book, name).iter()}
            found += [f"{name}: {tag}" for tag in sorted(tags - _INERT)]
        workbook = _tree(book, "xl/workbook.xml")
        found += [f"name {one.get('name')}" for one in workbook.iter(f"{_SHEET}definedName")]
    return found + [f"{one.place} is {one.kind}" for one in cells(data) if one.kind not in _OURS]


_OURS: Final = frozenset(_KINDS.values())


def cells(data: bytes) -> Iterator[Cell]:
    """Yield every cell that holds something, by its own declared type."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        shared = _shared(book)
        for name in filter(_SHEETS.fullmatch, book.namelist()):
            for cell in _tree(book, name).iter(f"{_SHEET}c"):
                kind, value = cell.get("t", ""), cell.findtext(f"{_SHEET}v")
                if value is None and kind != "inlineStr":
                    continue
                text = _text(cell) if kind == "inlineStr" else value or ""
                if kind == "s":
                    text = shared[int(text)]
                where = f"{name.rpartition('/')[2]}!{cell.get('r')}"
                yield Cell(where, _KINDS.get(kind, kind), _unescaped(text))


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [_text(one) for one in _tree(book, "xl/sharedStrings.xml").iter(f"{_SHEET}si")]


def _text(node: ElementTree.Element) -> str:
    return "".join(one.text or "" for one in node.iter(f"{_SHEET}t"))


def _unescaped(text: str) -> str:
    """Return a text with what XML has no place for and a workbook writes as _x000D_."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def _tree(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(name))  # noqa: S314 - written by us
