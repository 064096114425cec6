"""The content of a listing as it is drafted, checked and shown (CAT-4.3-01, CAT-4.3-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

SECTIONS: Final = ("specification", "material", "function", "use", "after_sales")
STOP: Final = "stop"
NOTE: Final = "note"
ROUTE: Final = "route"
MOST_TITLE: Final = 120
MOST_SECTION: Final = 8000
MOST_KEYWORDS: Final = 30
_FIELDS: Final = frozenset({"title", "sections", "keywords"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Title, the five sections of the description in their order, and search words."""

    title: str
    sections: Mapping[str, str]
    keywords: tuple[str, ...] = ()

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every text with the name of its field."""
        yield "title", self.title
        yield from self.sections.items()
        for keyword in self.keywords:
            yield "keywords", keyword


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a check found: `stop` refuses, `route` goes to compliance, `note` is only shown."""

    field: str
    code: str
    words: str
    level: str = STOP


def parse_content(sent: Mapping[str, Any]) -> Content:
    """Read content as it was sent; blanks around texts go, empty sections stay empty.

    Raises BadInput naming the field: unknown, no text, too long, a search word twice.
    """
    for name in sent:
        if name not in _FIELDS:
            raise BadInput("input.unknown_field", _("There is no such field."), field=name)
    sections = sent.get("sections", {})
    if not isinstance(sections, Mapping):
        raise BadInput("input.text", _("Not a text."), field="sections")
    for name in sections:
        if name not in SECTIONS:
            raise BadInput("input.unknown_field", _("There is no such field."), field=str(name))
    return Content(
        title=_text("title", sent.get("title", ""), MOST_TITLE),
        sections={
            name: _text(name, sections.get(name, ""), MOST_SECTION, lines=True) for name in SECTIONS
        },
        keywords=_keywords(sent.get("keywords", ())),
    )


def as_mapping(content: Content) -> dict[str, Any]:
    """Return content as it is kept and hashed."""
    return {
        "title": content.title,
        "sections": dict(content.sections),
        "keywords": list(content.keywords),
    }


def _keywords(sent: object) -> tuple[str, ...]:
    if isinstance(sent, str) or not isinstance(sent, Sequence):
        raise BadInput("input.list", _("Not a list."), field="keywords")
    read = tuple(_text("keywords", word, 40, least=1) for word in sent)
    if len(read) > MOST_KEYWORDS or len({parse.code_key(word) for word in read}) != len(read):
        raise BadInput(
            "catalog.keywords",
            _("At most 30 search words, each once."),
            field="keywords",
        )
    return read


def _text(field: str, value: object, most: int, *, least: int = 0, lines: bool = False) -> str:
    try:
        return parse.text(value, most=most, least=least, lines=lines).strip()
    except BadInput as error:
        raise BadInput(error.code, error.message, field=field) from error
