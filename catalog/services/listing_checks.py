"""The checks of a listing as the engine of versions asks them, and what deciders are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.rules.listing import content as texts
from catalog.rules.listing import judging
from catalog.rules.listing.goods import fingerprint
from catalog.selectors import listing_grounds as grounds
from ops.engines.kernel.parse import business_day
from ops.engines.revisions.choices import Level
from ops.engines.revisions.types import Finding, Subject, Wish


def read(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return content in its canonical form; raises BadInput naming the field."""
    return texts.as_mapping(texts.parse_content(sent))


def check(content: Mapping[str, Any], subject: Subject, at: datetime) -> Sequence[Finding]:
    """Return what is found in a version at a moment (CAT-4.3-01 to -06). About a dozen queries."""
    day = business_day(at)
    read_content = texts.kept(content)
    on = grounds.grounds(listing_ids=[subject.id], at=at)[subject.id]
    marks = {fingerprint(text) for text in read_content.sections.values() if text}
    found = judging.judge(
        read_content,
        on,
        terms=grounds.terms(day=day),
        bans=grounds.bans(day=day),
        holders=grounds.holders(fingerprints=marks),
        day=day,
    )
    return [
        Finding(field=one.field, code=one.code, words=one.words, level=Level(one.level))
        for one in found
    ]


def figures(wish: Wish) -> Mapping[str, Any]:
    """Return what deciders see beside the changes."""
    content = texts.kept(wish.content)
    return {
        "pictures": len(content.pictures),
        "characters": sum(len(text) for text in content.sections.values()),
    }
