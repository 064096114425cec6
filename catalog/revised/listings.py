"""What is written about goods in a channel, as content with versions (CAT-4.3-07)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import FieldName
from catalog.rules.listing.content import PARTS, SECTIONS
from catalog.selectors import listings as selectors
from catalog.services import content_duty, listing_checks, shelves
from catalog.services.listings import KIND, SUBJECT
from ops.engines.kernel.policy import may
from ops.engines.revisions.declarations import revised
from ops.engines.revisions.types import Subject

_NAMED = frozenset(FieldName.values)


def subjects(ids: Collection[int]) -> Mapping[int, Subject]:
    """Return listings as the engine of versions knows them."""
    return {
        pk: Subject(
            id=pk,
            title=f"{number} {name}",
            href=reverse("catalog:listing", args=[pk]),
            scope_id=channel,
        )
        for pk, (number, name, channel) in selectors.names(listing_ids=ids).items()
    }


LISTING = revised(
    KIND,
    title=_("Listing"),
    flow="listing",
    area="catalog",
    scope="channel",
    subject_type=SUBJECT,
    subjects=subjects,
    visible=selectors.visible_ids,
    read=listing_checks.read,
    policy=may("catalog", "C"),
    keepers=may("catalog", "A"),
    readers=may("catalog", "V"),
    checks=(listing_checks.check,),
    parts=PARTS,
    figures=listing_checks.figures,
    may_edit=content_duty.may_edit,
    on_live=shelves.follow,
    labels={
        **{name: FieldName(name).label for fields in PARTS.values() for name in _NAMED & {*fields}},
        **{f"sections.{name}": FieldName(name).label for name in SECTIONS},
    },
    clauses=("HR-1.2-28", "HR-1.2-29", "CAT-4.3-01", "CAT-4.3-04", "CAT-4.3-07", "CAT-4.3-14"),
)
