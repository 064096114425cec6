"""Whether pictures of a listing are good enough, different enough, and enough (CAT-4.3-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from catalog.rules.listing.content import Content, Finding
from ops.engines.tables.pictures import look_alike

LEAST_SIDE: Final = 800
LEAST_RATIO: Final = 75
MOST_RATIO: Final = 134


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One kept picture: upright size in pixels and its difference hash."""

    id: int
    width: int
    height: int
    dhash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRule:
    """What a category wants of a picture: its shorter side, and width as percent of height."""

    least_side: int = LEAST_SIDE
    least_ratio: int = LEAST_RATIO
    most_ratio: int = MOST_RATIO


def fits(picture: Picture, rule: PictureRule) -> bool:
    """Say whether size and ratio are within the rule."""
    is_large = min(picture.width, picture.height) >= rule.least_side
    ratio = picture.width * 100
    is_shaped = rule.least_ratio * picture.height <= ratio <= rule.most_ratio * picture.height
    return is_large and is_shaped


def judge(content: Content, *, kept: Mapping[int, Picture], rule: PictureRule) -> list[Finding]:
    """Return what is wrong with the pictures shown, each by its place (the first one is 1).

    A picture nearly the same as an earlier one is found at the later place; one that is not kept
    for this listing is found too.
    """
    found = []
    earlier: list[Picture] = []
    for place, shown in enumerate(content.pictures, 1):
        picture = kept.get(shown.id)
        if picture is None:
            found.append(_finding("catalog.picture_missing", _words("missing", place)))
            continue
        if not fits(picture, rule):
            words = _words("misfit", place, picture, rule)
            found.append(_finding("catalog.picture_misfit", words))
        if any(look_alike(picture.dhash, other.dhash) for other in earlier):
            found.append(_finding("catalog.picture_twice", _words("twice", place)))
        earlier.append(picture)
    return found


def angles(content: Content, *, kept: Mapping[int, Picture], rule: PictureRule) -> int:
    """Return from how many different angles pictures that fit show the goods; twins count once."""
    seen: set[str] = set()
    counted: list[Picture] = []
    for shown in content.pictures:
        picture = kept.get(shown.id)
        if picture is None or not fits(picture, rule):
            continue
        if any(look_alike(picture.dhash, other.dhash) for other in counted):
            continue
        counted.append(picture)
        seen.add(shown.angle)
    return len(seen)


def forbidden_pictures(
    content: Content, *, kept: Mapping[int, Picture], banned: Sequence[str]
) -> list[int]:
    """Return the places of pictures that look like a forbidden one."""
    return [
        place
        for place, shown in enumerate(content.pictures, 1)
        if shown.id in kept and any(look_alike(kept[shown.id].dhash, bad) for bad in banned)
    ]


def _finding(code: str, words: str) -> Finding:
    return Finding(field="pictures", code=code, words=words)


def _words(
    what: str, place: int, picture: Picture | None = None, rule: PictureRule | None = None
) -> str:
    if what == "misfit" and picture and rule:
        return _(
            "Picture %(place)s is %(width)s by %(height)s pixels: the shorter side needs %(least)s,"
            " the width %(from)s to %(to)s %% of the height."
        ) % {
            "place": place,
            "width": picture.width,
            "height": picture.height,
            "least": rule.least_side,
            "from": rule.least_ratio,
            "to": rule.most_ratio,
        }
    if what == "twice":
        return _("Picture %(place)s is nearly the same as an earlier one: show another angle.") % {
            "place": place
        }
    return _("Picture %(place)s is not among those of this listing: upload it.") % {"place": place}
