"""Which sentences the product says, and which of them have no Chinese yet."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from ops.translations import merged, parts

Keywords = Mapping[str, tuple[int | tuple[int, str], ...] | None]

TRANSLATION = "django.utils.translation"
KEYWORDS: Keywords = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
THEME = "unfold"
# Their own catalogues come with them.
TRANSLATED_PACKAGES = ("django", "rest_framework", "guardian", "django_filters")
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)[^{}]*\}|%[sd]")
SKIPPED_FOLDERS = {".venv", "tests", "migrations", "build", "node_modules", "scripts"}


@dataclass(frozen=True, order=True)
class Sentence:
    """One message of the source, with the place it is said first."""

    text: str
    context: str
    place: str


def _from_python(path: Path, place: str) -> Iterator[Sentence]:
    keywords = {**KEYWORDS, **_aliases(path.read_text())}
    with path.open("rb") as handle:
        yield from _extracted(handle, place, keywords)


def _aliases(source: str) -> Keywords:
    """Return the other names a module gives the translating functions: `gettext as now`."""
    return {
        name.asname: KEYWORDS[name.name]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == TRANSLATION
        for name in node.names
        if name.asname and name.name in KEYWORDS
    }


def _from_template(path: Path, place: str) -> Iterator[Sentence]:
    # templatize blanks everything but the calls; a line that holds none would not tokenise.
    for line in templatize(path.read_text(), origin=str(path)).splitlines():
        for call in re.findall(r"(?:n?p?gettext|\b_)\(.*", line):
            yield from _extracted(BytesIO(call.encode()), place)


def _extracted(handle: BinaryIO, place: str, keywords: Keywords = KEYWORDS) -> Iterator[Sentence]:
    for number, message, _comments, context in extract(
        "python", handle, keywords, options={"encoding": "utf-8"}
    ):
        text = message if isinstance(message, str) else message[0]
        if text:
            yield Sentence(text, context or "", f"{place}:{number}")


def _sources(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and not (
            SKIPPED_FOLDERS & set(path.relative_to(root).parts)
        ):
            yield path


def sentences(root: Path) -> list[Sentence]:
    """Return every translatable message below a folder, each once."""
    found: dict[tuple[str, str], Sentence] = {}
    for path in _sources(root):
        place = str(path.relative_to(root))
        if path.suffix == ".py":
            made = _from_python(path, place)
        elif "templates" in path.parts:
            made = _from_template(path, place)
        else:
            continue
        for sentence in made:
            found.setdefault((sentence.text, sentence.context), sentence)
    return sorted(found.values())


def _package(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def theme_sentences() -> list[Sentence]:
    """Return the messages of the admin theme, which ships no catalogue of its own."""
    folder = _package(THEME)
    return sentences(folder) if folder else []


def foreign_catalogue(locale: str) -> Catalog:
    """Return what Django and the libraries already say in this language.

    Compiled catalogues are read, because they are what Django reads: sources may hold more plural
    forms than the language has, and fuzzy guesses.
    """
    whole = Catalog(locale=locale)
    for package in filter(None, map(_package, TRANSLATED_PACKAGES)):
        for path in package.rglob(f"locale/{locale}/LC_MESSAGES/django.mo"):
            with path.open("rb") as handle:
                for message in read_mo(handle):
                    if message.id and message.string:
                        whole[message.id] = message
    return whole


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in PLACEHOLDER.finditer(text)}


def _fault(message: Message | None) -> str | None:
    if message is None:
        return "has no translation"
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    if not all(strings):
        return "has an empty translation"
    if message.fuzzy:
        return "has a fuzzy translation"
    ids = message.id if isinstance(message.id, list | tuple) else [message.id]
    wanted, given = _placeholders(str(ids[-1])), _placeholders(str(strings[-1]))
    if not given <= wanted or (len(ids) == 1 and wanted != given):
        return f"has other placeholders: {sorted(given ^ wanted)}"
    return None


def faults(root: Path, locale: str) -> list[str]:
    """Return one line for every message of ours or the theme's that is not well translated."""
    ours, foreign = merged(root / "locale", locale), foreign_catalogue(locale)
    lines = []
    for sentence in (*sentences(root), *theme_sentences()):
        context = sentence.context or None
        message = ours.get(sentence.text, context)
        if message is None and foreign.get(sentence.text, context):
            continue
        if fault := _fault(message):
            lines.append(f"{sentence.place}: {sentence.text!r} {fault}")
    return lines


def contradictions(root: Path, locale: str) -> list[str]:
    """Return one line for every message that two parts translate differently."""
    said: dict[tuple[str, str], tuple[str, str]] = {}
    lines = []
    for path in parts(root / "locale", locale):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=locale):
                if not message.id:
                    continue
                key = (str(message.id), message.context or "")
                here = (str(message.string), path.name)
                first = said.setdefault(key, here)
                if first[0] != here[0]:
                    lines.append(f"{key[0]!r}: {first[1]} {first[0]!r}, {here[1]} {here[0]!r}")
    return lines
