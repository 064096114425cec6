"""The text of a listing as a row of a file, out and back in unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from catalog.rules.listing.content import SECTIONS

_BETWEEN: Final = ",，"
_WORD: Final = re.compile(rf"(?:\\.|[^{_BETWEEN}\\])+", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_PLAIN: Final = ("title", "keywords", "search_title", "search_text")
TEXTS: Final = ("title", *SECTIONS, "keywords", "search_title", "search_text")
COLUMNS: Final = ("channel", "product", *TEXTS)
_NOTHING: Final[Mapping[str, Any]] = {
    "title": "",
    "sections": {},
    "keywords": [],
    "search_title": "",
    "search_text": "",
    "pictures": [],
    "quality": None,
}


def read_words(text: str) -> list[str]:
    """Read search words with commas between; a comma inside one follows a backslash."""
    words = (_ESCAPED.sub(r"\1", found).strip() for found in _WORD.findall(text))
    return [word for word in words if word]


def write_words(words: Iterable[str]) -> str:
    """Write search words so that `read_words` reads the same."""
    return ",".join(re.sub(rf"([{_BETWEEN}\\])", r"\\\1", word) for word in words)


def merged(base: Mapping[str, Any] | None, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return content in which the texts a row tells stand in the place of those before.

    Pictures and the quality review are not a file's matter: they stay.
    """
    before = base or _NOTHING
    sections = {name: told.get(name, before["sections"].get(name, "")) for name in SECTIONS}
    return {
        **before,
        **{name: told[name] for name in _PLAIN if name in told},
        "sections": sections,
    }
