"""How complete a listing is by the rule of its category, and what is missing (CAT-4.3-01)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog.rules.categories import Demands
from catalog.rules.listing.content import SECTIONS, Content
from catalog.rules.listing.pictures import PictureRule

LEAST_TITLE: Final = 4
LEAST_SECTION: Final = 10
LEAST_IMAGES: Final = 3
VERIFY_DAYS: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRule:
    """What a category wants of listings: least characters (blanks do not count), angles, pictures.

    `titles` words sections the category's own way, such as ingredients for material. `standard` is
    the one its goods are reviewed against; empty: any the reviewer names. A listing is verified
    anew after `verify_days` (CAT-4.3-09).
    """

    least_title: int = LEAST_TITLE
    least_section: int = LEAST_SECTION
    least_images: int = LEAST_IMAGES
    titles: Mapping[str, str] | None = None
    pictures: PictureRule = field(default_factory=PictureRule)
    standard: str = ""
    verify_days: int = VERIFY_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a listing has besides its texts; `images` counts the angles that passed."""

    values: Mapping[str, str]
    documents: frozenset[str] = frozenset()
    images: int = 0
    has_price: bool = False
    has_stock: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """One mandatory thing that is not there: the field a screen jumps to, and its title if own."""

    field: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Completeness:
    """Full percent of mandatory things that are there; 100 only when nothing is missing."""

    percent: int
    missing: tuple[Missing, ...]

    @property
    def is_complete(self) -> bool:
        """Say whether it may be handed in."""
        return not self.missing


def completeness(
    content: Content, *, rule: ListingRule, demands: Demands, holding: Holding
) -> Completeness:
    """Return how complete a listing is.

    Every mandatory thing counts the same: title, five sections, images, price, stock, each
    mandatory attribute and each mandatory document.
    """
    wanted = list(_wanted(content, rule, demands, holding))
    missing = tuple(thing for thing, is_there in wanted if not is_there)
    return Completeness((len(wanted) - len(missing)) * 100 // len(wanted), missing)


def _wanted(
    content: Content, rule: ListingRule, demands: Demands, holding: Holding
) -> Iterator[tuple[Missing, bool]]:
    titles = rule.titles or {}
    yield Missing("title"), _length(content.title) >= rule.least_title
    for name in SECTIONS:
        is_there = _length(content.sections.get(name, "")) >= rule.least_section
        yield Missing(name, titles.get(name, "")), is_there
    yield Missing("images"), holding.images >= rule.least_images
    yield Missing("price"), holding.has_price
    yield Missing("stock"), holding.has_stock
    for one in demands.attributes:
        if one.is_mandatory:
            yield Missing(f"attribute:{one.key}", one.title), bool(holding.values.get(one.key))
    for key, title in demands.documents:
        yield Missing(f"document:{key}", title), key in holding.documents


def _length(text: str) -> int:
    return len("".join(text.split()))
