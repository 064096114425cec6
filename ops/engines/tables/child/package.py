"""The parts of a workbook around its sheets: types, relations, sheet list, styles, strings."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass

from .cells import date_kind, read_text
from .markup import Attributes, local, parse_part
from .refusal import Refusal

_PLAIN_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
)
_MOST_SHEETS = 200
_MOST_FORMATS = 65_536
_MOST_STRINGS = 3_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the workbook and the part that holds it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What must be known before a sheet can be read."""

    sheets: tuple[Sheet, ...]
    from_1904: bool
    date_styles: dict[str, str]
    strings: list[tuple[str, str]]


def read_book(archive: zipfile.ZipFile) -> Book:
    """Read everything but the sheets.

    Raises Refusal for macros, links to outside data, and structure that does not hold together.
    """
    names = set(archive.namelist())
    _check_types(archive)
    main = _main_part(archive)
    folder = posixpath.dirname(main)
    relations = _relations(archive, f"{folder}/_rels/{posixpath.basename(main)}.rels", folder)
    sheets, from_1904 = _sheets(archive, main, relations)
    styles = [part for kind, part in relations.values() if kind == "styles" and part in names]
    texts = [part for kind, part in relations.values() if kind == "sharedStrings" and part in names]
    return Book(
        sheets=sheets,
        from_1904=from_1904,
        date_styles=_date_styles(archive, styles[0]) if styles else {},
        strings=_strings(archive, texts[0]) if texts else [],
    )


def _check_types(archive: zipfile.ZipFile) -> None:
    kinds: list[str] = []

    def start(tag: str, attributes: Attributes) -> None:
        if local(tag) == "Override":
            kinds.append(attributes.get("ContentType", ""))

    parse_part(archive, "[Content_Types].xml", start=start)
    if any("macroEnabled" in kind or "vba" in kind.casefold() for kind in kinds):
        raise Refusal("macros")
    if not any(kind in _PLAIN_TYPES for kind in kinds):
        raise Refusal("content_differs", found="other")


def _main_part(archive: zipfile.ZipFile) -> str:
    relations = _relations(archive, "_rels/.rels", "")
    for kind, part in relations.values():
        if kind == "officeDocument":
            return part
    raise Refusal("broken_part", part="_rels/.rels")


def _relations(archive: zipfile.ZipFile, name: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return relation id -> (kind, part); links to the outside are never followed."""
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: Attributes) -> None:
        if local(tag) != "Relationship" or attributes.get("TargetMode") == "External":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "")
        part = target[1:] if target.startswith("/") else posixpath.join(folder, target)
        found[attributes.get("Id", "")] = (kind, posixpath.normpath(part))

    parse_part(archive, name, start=start)
    return found


def _sheets(
    archive: zipfile.ZipFile, main: str, relations: dict[str, tuple[str, str]]
) -> tuple[tuple[Sheet, ...], bool]:
    sheets: list[Sheet] = []
    flags = {"1904": False}

    def start(tag: str, attributes: Attributes) -> None:
        name = local(tag)
        if name == "workbookPr":
            flags["1904"] = attributes.get("date1904") in ("1", "true", "on")
        elif name == "sheet":
            if len(sheets) == _MOST_SHEETS:
                raise Refusal("too_many_entries", limit=_MOST_SHEETS)
            link = next((v for k, v in attributes.items() if local(k) == "id" and ":" in k), "")
            kind, part = relations.get(link, ("", ""))
            if kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append(Sheet(attributes.get("name", ""), part, hidden))

    parse_part(archive, main, start=start)
    if not sheets:
        raise Refusal("broken_part", part=main)
    return tuple(sheets), flags["1904"]


def _date_styles(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Return cell format index -> "date" or "moment"."""
    patterns: dict[int, str] = {}
    formats: list[int] = []
    inside = {"cellXfs": False}

    def start(tag: str, attributes: Attributes) -> None:
        name = local(tag)
        if name == "numFmt":
            patterns[_int(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[:255]
        elif name == "cellXfs":
            inside["cellXfs"] = True
        elif name == "xf" and inside["cellXfs"]:
            if len(formats) == _MOST_FORMATS:
                raise Refusal("broken_part", part=part)
            formats.append(_int(attributes.get("numFmtId")))

    def end(tag: str) -> None:
        if local(tag) == "cellXfs":
            inside["cellXfs"] = False

    parse_part(archive, part, start=start, end=end)
    kinds = ((str(i), date_kind(n, patterns.get(n))) for i, n in enumerate(formats))
    return {index: kind for index, kind in kinds if kind}


def _strings(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str]]:
    """Return the shared texts with their problem codes."""
    texts = _Texts(part)
    parse_part(archive, part, start=texts.start, end=texts.end, chars=texts.chars)
    return texts.strings


class _Texts:
    """Collects `si` elements; runs are joined, phonetic guides are left out."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.strings: list[tuple[str, str]] = []
        self.pieces: list[str] = []
        self.inside = self.in_guide = False

    def start(self, tag: str, _attributes: Attributes) -> None:
        """Open a text or a guide."""
        name = local(tag)
        if name == "si":
            self.pieces.clear()
        elif name == "rPh":
            self.in_guide = True
        elif name == "t":
            self.inside = not self.in_guide

    def end(self, tag: str) -> None:
        """Close a text, a guide, or one whole string."""
        name = local(tag)
        if name == "t":
            self.inside = False
        elif name == "rPh":
            self.in_guide = False
        elif name == "si":
            if len(self.strings) == _MOST_STRINGS:
                raise Refusal("broken_part", part=self.part)
            self.strings.append(read_text("".join(self.pieces)))

    def chars(self, data: str) -> None:
        """Keep the text of a run."""
        if self.inside:
            self.pieces.append(data)


def _int(text: str | None) -> int:
    try:
        return int(text or 0)
    except ValueError as error:
        raise Refusal("broken_part", part="styles") from error
