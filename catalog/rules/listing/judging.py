"""Everything a version of a listing is judged by, in one look; pure (CAT-4.3-01 to -06, -14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from catalog.choices.listings import FieldName
from catalog.rules.listing import goods, wording
from catalog.rules.listing import pictures as images
from catalog.rules.listing.completeness import Completeness, Holding, Missing, completeness
from catalog.rules.listing.content import Content, Finding
from catalog.rules.listing.reading import search_fields
from catalog.types.listings import Grounds

DIFFERS: Final = "*"


def complete(content: Content, on: Grounds) -> Completeness:
    """Return how complete a listing is by the rule of its category."""
    return completeness(
        content,
        rule=on.rule,
        demands=on.demands,
        holding=Holding(
            values=on.values,
            documents=on.papers,
            images=images.angles(content, kept=on.kept, rule=on.rule.pictures),
            has_price=on.has_price,
            has_stock=on.has_stock,
        ),
    )


def judge(
    content: Content,
    on: Grounds,
    *,
    terms: Sequence[wording.Term],
    bans: Sequence[goods.Ban],
    holders: Mapping[str, Collection[int]],
    day: date,
) -> list[Finding]:
    """Return all that stops, routes or remarks on a version, what is missing first."""
    return [
        *(_gap(one) for one in complete(content, on).missing),
        *images.judge(content, kept=on.kept, rule=on.rule.pictures),
        *judge_texts(content, on, terms=terms, bans=bans, holders=holders, day=day),
        *_quality(content, on),
        *search_fields(content),
    ]


def judge_texts(
    content: Content,
    on: Grounds,
    *,
    terms: Sequence[wording.Term],
    bans: Sequence[goods.Ban],
    holders: Mapping[str, Collection[int]],
    day: date,
) -> list[Finding]:
    """Return what is wrong with what a version says, whether or not anything is missing in it."""
    return [
        *wording.listed_words(content, terms=terms, day=day, proven=on.proven),
        *contradictions(content, on),
        *goods.forbidden(content, bans=bans, path=on.path, brand=on.brand, day=day, kept=on.kept),
        *goods.copied(content, holders=holders, related={on.product_id}),
    ]


def contradictions(content: Content, on: Grounds) -> list[Finding]:
    """Return where texts contradict the fact sheet (CAT-4.3-02)."""
    facts = {key: value for key, value in on.values.items() if value != DIFFERS}
    return [
        *wording.contradictions(
            content, attributes=on.demands.attributes, values=facts, proven=on.proven
        ),
        *wording.standards(
            content, known=(on.standard, on.rule.standard, *facts.values()), proven=on.proven
        ),
    ]


def standard_differs(on: Grounds) -> str:
    """Return what is wrong with the standard of the review, by the category; empty: nothing.

    CAT-4.3-06: goods are reviewed against the standard that holds for them.
    """
    if on.review_id is None or not on.rule.standard or wording.meets(on.standard, on.rule.standard):
        return ""
    return _("The review is against %(reviewed)s, the category asks for %(asked)s.") % {
        "reviewed": on.standard,
        "asked": on.rule.standard,
    }


def gaps(found: Completeness) -> list[dict[str, str]]:
    """Return what is missing as it is kept beside the percentage."""
    return [{"field": one.field, "title": one.title} for one in found.missing]


def field_words(field: str, title: str = "") -> str:
    """Return what people call a field of a listing; a category's own word goes first."""
    if title:
        return title
    if field in FieldName.values:
        return str(FieldName(field).label)
    return field.partition(":")[2] or field


def _gap(one: Missing) -> Finding:
    words = {
        "images": _("Too few angles: add pictures from other sides that fit the rule."),
        "price": _("A variant has no approved price in this channel: hand in a price first."),
        "stock": _("A variant has no stock figure: receive it into a warehouse first."),
    }
    said = words.get(one.field) or _("%(what)s is missing or too short.") % {
        "what": field_words(one.field, one.title)
    }
    field = "pictures" if one.field == "images" else one.field
    return Finding(field=field, code="catalog.listing_incomplete", words=said)


def _quality(content: Content, on: Grounds) -> list[Finding]:
    if on.review_id is not None and content.quality == on.review_id:
        words = standard_differs(on)
        return [Finding(field="quality", code="catalog.quality_standard", words=words)] * bool(
            words
        )
    return [
        Finding(
            field="quality",
            code="catalog.quality_missing",
            words=_("Name the newest passed quality review of these goods; it must not be over."),
        )
    ]
