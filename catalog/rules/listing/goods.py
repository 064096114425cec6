"""Goods that may not be sold, and descriptions taken from others (CAT-4.3-04, CAT-4.3-05)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _

from catalog.rules.listing.content import ROUTE, STOP, Content, Finding
from catalog.rules.listing.pictures import Picture, forbidden_pictures
from catalog.rules.listing.wording import plain

TERM: Final = "term"
CATEGORY: Final = "category"
BRAND: Final = "brand"
PICTURE: Final = "picture"
MAY_SHARE: Final = frozenset({"after_sales"})
_NO_PICTURES: Final[Mapping[int, Picture]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """One entry of the forbidden goods: a word, a category's code, a brand or a picture's hash.

    A hard match refuses, a soft one goes to compliance. `note` says what a picture shows.
    """

    kind: str
    value: str
    is_hard: bool
    since: date
    until: date | None = None
    note: str = ""

    def holds(self, day: date) -> bool:
        """Say whether the ban is in force on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def forbidden(
    content: Content,
    *,
    bans: Iterable[Ban],
    path: str,
    brand: str,
    day: date,
    kept: Mapping[int, Picture] = _NO_PICTURES,
) -> list[Finding]:
    """Return what forbids the goods: a hard match stops, a soft one goes to compliance.

    `path` is the category's path of codes: a ban of a category holds for all below it. `kept` are
    the pictures of the listing by id.
    """
    shelves, maker = path.split("."), plain(brand)
    texts = [(field, plain(text)) for field, text in content.texts()]
    found = []
    for ban in bans:
        if not ban.holds(day):
            continue
        if ban.kind == CATEGORY and ban.value in shelves:
            found.append(_ban(ban, "category"))
        elif ban.kind == BRAND and maker and plain(ban.value) == maker:
            found.append(_ban(ban, "brand"))
        elif ban.kind == TERM and (word := plain(ban.value)):
            found += [_ban(ban, field) for field, text in texts if word in text]
        elif ban.kind == PICTURE and forbidden_pictures(content, kept=kept, banned=[ban.value]):
            found.append(_ban(ban, "pictures"))
    return found


def may_be_sold(bans: Iterable[Ban], *, names: Iterable[str], brand: str, path: str) -> bool:
    """Say whether no ban in force names goods by category, brand, or a word in one of their names.

    Whoever offers goods in bulk asks this; a listing is judged by all it says (`forbidden`).
    """
    shelves, maker, texts = path.split("."), plain(brand), [plain(name) for name in names]
    for ban in bans:
        value = plain(ban.value)
        if (
            (ban.kind == CATEGORY and ban.value in shelves)
            or (ban.kind == BRAND and maker and value == maker)
            or (ban.kind == TERM and value and any(value in text for text in texts))
        ):
            return False
    return True


def fingerprint(text: str) -> str:
    """Return the hash by which two sections are the same text, whatever their layout."""
    return hashlib.sha256(plain(text).encode()).hexdigest()


def copied(
    content: Content, *, holders: Mapping[str, Collection[int]], related: Collection[int]
) -> list[Finding]:
    """Return the sections whose text stands in a listing of an unrelated product.

    `holders` are the products by fingerprint of a section; `related` are those that may share: the
    product itself and its variants. After-sales texts are templates and may be shared by all.
    """
    return [
        Finding(
            field=name,
            code="catalog.section_copied",
            words=_("This text stands in the listing of another product: write its own."),
        )
        for name, text in content.sections.items()
        if name not in MAY_SHARE
        and plain(text)
        and set(holders.get(fingerprint(text), ())) - set(related)
    ]


def _ban(ban: Ban, field: str) -> Finding:
    words = (
        _("“%(what)s” may not be sold.")
        if ban.is_hard
        else _("“%(what)s” is looked at by compliance first.")
    )
    return Finding(
        field=field,
        code="catalog.goods_forbidden" if ban.is_hard else "catalog.goods_doubtful",
        words=words % {"what": ban.note if ban.kind == PICTURE else ban.value},
        level=STOP if ban.is_hard else ROUTE,
    )
