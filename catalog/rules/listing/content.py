"""The content of a listing as it is drafted, checked and shown (CAT-4.3-01, CAT-4.3-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import Angle
from catalog.rules.search_fields import MOST_SEARCH_TEXT, MOST_SEARCH_TITLE, read_keywords
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

SECTIONS: Final = ("specification", "material", "function", "use", "after_sales")
STOP: Final = "stop"
NOTE: Final = "note"
ROUTE: Final = "route"
MOST_TITLE: Final = 120
MOST_SECTION: Final = 8000
MOST_PICTURES: Final = 20
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "copy": ("title", "sections", "keywords", "search_title", "search_text"),
    "images": ("pictures",),
    "quality": ("quality",),
}
_FIELDS: Final = frozenset(field for fields in PARTS.values() for field in fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One picture of the listing in its place: which kept picture, seen from which angle."""

    id: int
    angle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Title, the five sections of the description in their order, search fields, pictures.

    `quality` is the quality review the listing stands on, None while there is none.
    """

    title: str
    sections: Mapping[str, str]
    keywords: tuple[str, ...] = ()
    search_title: str = ""
    search_text: str = ""
    pictures: tuple[Shown, ...] = ()
    quality: int | None = None

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every text with the name of its field."""
        yield "title", self.title
        yield from self.sections.items()
        for keyword in self.keywords:
            yield "keywords", keyword
        yield "search_title", self.search_title
        yield "search_text", self.search_text


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
        keywords=read_keywords(sent.get("keywords", ())),
        search_title=_text("search_title", sent.get("search_title", ""), MOST_SEARCH_TITLE),
        search_text=_text("search_text", sent.get("search_text", ""), MOST_SEARCH_TEXT),
        pictures=_pictures(sent.get("pictures", ())),
        quality=_number("quality", sent.get("quality")),
    )


def kept(content: Mapping[str, Any]) -> Content:
    """Return content as it was kept: it was read strictly when it came in, and never changed."""
    return Content(
        title=content["title"],
        sections={name: content["sections"][name] for name in SECTIONS},
        keywords=tuple(content["keywords"]),
        search_title=content["search_title"],
        search_text=content["search_text"],
        pictures=tuple(Shown(id=one["id"], angle=one["angle"]) for one in content["pictures"]),
        quality=content["quality"],
    )


def as_mapping(content: Content) -> dict[str, Any]:
    """Return content as it is kept and hashed."""
    return {
        "title": content.title,
        "sections": dict(content.sections),
        "keywords": list(content.keywords),
        "search_title": content.search_title,
        "search_text": content.search_text,
        "pictures": [{"id": one.id, "angle": one.angle} for one in content.pictures],
        "quality": content.quality,
    }


def _pictures(sent: object) -> tuple[Shown, ...]:
    if isinstance(sent, str) or not isinstance(sent, Sequence):
        raise BadInput("input.list", _("Not a list."), field="pictures")
    read = []
    for one in sent:
        if not isinstance(one, Mapping) or set(one) != {"id", "angle"}:
            raise BadInput("input.list", _("Not a list."), field="pictures")
        pk = _number("pictures", one["id"])
        if pk is None or one["angle"] not in Angle.values:
            raise BadInput("catalog.angle", _("There is no such angle."), field="pictures")
        read.append(Shown(id=pk, angle=str(one["angle"])))
    if len(read) > MOST_PICTURES or len({one.id for one in read}) != len(read):
        raise BadInput("catalog.pictures", _("At most 20 pictures, each once."), field="pictures")
    return tuple(read)


def _number(field: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise BadInput("input.integer", _("Not a whole number."), field=field)
    return value


def _text(field: str, value: object, most: int, *, least: int = 0, lines: bool = False) -> str:
    try:
        return parse.text(value, most=most, least=least, lines=lines).strip()
    except BadInput as error:
        raise BadInput(error.code, error.message, field=field) from error
