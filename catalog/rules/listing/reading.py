"""The rule of a category for listings as it is entered, kept and read; and search fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from catalog.rules.listing.completeness import ListingRule
from catalog.rules.listing.content import NOTE, SECTIONS, Content, Finding
from catalog.rules.listing.pictures import PictureRule
from catalog.rules.search_fields import shortcomings
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "least_title": (2, 60),
    "least_section": (2, 500),
    "least_images": (1, 20),
    "least_side": (200, 4000),
    "least_ratio": (20, 500),
    "most_ratio": (20, 500),
    "verify_days": (7, 730),
}


def read_rule(rule: ListingRule) -> ListingRule:
    """Return a category's rule, checked; raises BadInput naming the field."""
    numbers = _numbers(rule)
    for name, (least, most) in _RANGES.items():
        if not least <= numbers[name] <= most:
            raise BadInput(
                "catalog.rule_range",
                _("Between %(least)s and %(most)s.") % {"least": least, "most": most},
                field=name,
            )
    if numbers["least_ratio"] > numbers["most_ratio"]:
        raise BadInput(
            "catalog.rule_range",
            _("The least ratio is not above the most."),
            field="least_ratio",
        )
    for name in rule.titles or {}:
        if name not in SECTIONS:
            raise BadInput("input.unknown_field", _("There is no such field."), field=name)
    return ListingRule(
        least_title=rule.least_title,
        least_section=rule.least_section,
        least_images=rule.least_images,
        titles={
            name: parse.text(title, most=40, least=1).strip()
            for name, title in (rule.titles or {}).items()
            if title.strip()
        },
        pictures=rule.pictures,
        standard=parse.text(rule.standard, most=120).strip(),
        verify_days=rule.verify_days,
    )


def as_content(rule: ListingRule) -> dict[str, Any]:
    """Return the rule as it is kept."""
    return {**_numbers(rule), "titles": dict(rule.titles or {}), "standard": rule.standard}


def from_content(kept: Mapping[str, Any]) -> ListingRule:
    """Return the rule as it was kept."""
    return ListingRule(
        least_title=kept["least_title"],
        least_section=kept["least_section"],
        least_images=kept["least_images"],
        titles=kept["titles"],
        pictures=PictureRule(
            least_side=kept["least_side"],
            least_ratio=kept["least_ratio"],
            most_ratio=kept["most_ratio"],
        ),
        standard=kept["standard"],
        verify_days=kept["verify_days"],
    )


def search_fields(content: Content) -> list[Finding]:
    """Return search fields too short to be found by; a remark, never a refusal (CAT-4.3-14)."""
    short = shortcomings(
        title=content.search_title, text=content.search_text, keywords=content.keywords
    )
    return [
        Finding(field=field, code="catalog.search_short", words=words, level=NOTE)
        for field, words in short
    ]


def _numbers(rule: ListingRule) -> dict[str, int]:
    return {
        "least_title": rule.least_title,
        "least_section": rule.least_section,
        "least_images": rule.least_images,
        "least_side": rule.pictures.least_side,
        "least_ratio": rule.pictures.least_ratio,
        "most_ratio": rule.pictures.most_ratio,
        "verify_days": rule.verify_days,
    }
