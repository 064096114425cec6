"""One listing: what is live, what is new, what to mend, what may be done (CAT-4.3-07)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import (
    DelistingState,
    ListingStage,
)
from catalog.models import Delisting
from catalog.rules.listing import judging
from catalog.rules.listing.content import SECTIONS
from catalog.selectors import listings as selectors
from catalog.selectors import ranks
from catalog.services import listings as services
from catalog.views import listing_actions, listing_tables, rank_parts
from catalog.views.listings import VIEW, completeness
from ops.engines.desk.screens import (
    Fact,
    FactGroup,
    Files,
    Lines,
    Record,
    RecordScreen,
    StateStep,
)
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.choices import RevisionState, Standing
from ops.engines.revisions.types import Finding, RevisionInfo, Version

_COURSE = (
    ListingStage.DRAFT,
    ListingStage.CONTENT_REVIEW,
    ListingStage.QUALITY_REVIEW,
    ListingStage.FINAL_REVIEW,
    ListingStage.APPROVED,
    ListingStage.ON_SHELF,
)


class ListingScreen(RecordScreen):
    """`/listings/<id>/`: state, findings, what an edit changes, texts, pictures, history."""

    policy = VIEW
    title = _("Listing")
    nav = "listings"
    list_url_name = "catalog:listings"
    list_title = _("Listings")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the listing with its versions; findings are those of this moment."""
        row = selectors.listing(listing_id=key["listing_id"], actor=actor, at=at)
        history = versions.history(kind=services.KIND, subject_id=row.pk, at=at)
        live = next((one for one in history if one.standing == Standing.LIVE), None)
        waiting = next(
            (one.info for one in history if one.standing in (Standing.DRAFT, Standing.SUBMITTED)),
            None,
        )
        shown = waiting or (live.info if live else None)
        pictures = selectors.pictures(listing_id=row.pk)
        offs = list(selectors.delistings(actor=actor).filter(listing=row)[:10])
        found = _findings(shown, at)
        return Record(
            number=row.number,
            title=row.product.name,
            state=ListingStage(row.stage),
            states=_states(row),
            actions=listing_actions.actions_of(row, waiting, offs, actor=actor, at=at),
            notices=_notices(row, offs),
            facts=(_facts(row, live), _texts(shown)),
            lines=(
                listing_tables.finding_lines(found),
                listing_tables.change_lines(live, waiting),
                listing_tables.picture_lines(pictures, shown),
                listing_tables.version_lines(history),
                _found_by(row, actor, at),
                listing_tables.shelf_lines(selectors.shelf(listing_id=row.pk)),
            ),
            clauses=("CAT-4.3-01", "CAT-4.3-04", "CAT-4.3-07", "CAT-4.3-08", "CAT-4.3-14"),
            subject=(services.SUBJECT, row.pk),
            files=Files(object_type=services.SUBJECT, object_id=row.pk, title=_("Pictures")),
        )


def _found_by(row: Any, actor: Actor, at: dt.datetime) -> Lines:
    """Return the search words of the goods in this channel, with the last edit in their trend."""
    found = ranks.of_listing(
        product_id=row.product_id, channel_id=row.channel_id, actor=actor, at=at
    )
    return rank_parts.panel(found, at=at)


def _findings(shown: RevisionInfo | None, at: dt.datetime) -> Sequence[Finding]:
    if shown is None:
        return ()
    if shown.state != RevisionState.DRAFT and shown.findings is not None:
        return shown.findings
    return versions.findings(revision_id=shown.id, at=at)


def _states(row: Any) -> Sequence[StateStep]:
    stage = ListingStage(row.stage)
    if stage not in _COURSE:
        return (StateStep(title=stage.label, when="stopped"),)
    place = _COURSE.index(stage)
    return tuple(
        StateStep(
            title=one.label,
            when="past" if at < place else "now" if at == place else "next",
            note="",
        )
        for at, one in enumerate(_COURSE)
    )


def _notices(row: Any, offs: Sequence[Delisting]) -> Sequence[tuple[str, str]]:
    found = []
    if row.review and row.review != row.stage:
        found.append(
            (
                "info",
                gettext("An edit waits (%(where)s); what is live stays live meanwhile.")
                % {"where": ListingStage(row.review).label},
            )
        )
    for off in offs:
        if off.state == DelistingState.AT_ONCE and off.stated_at is None:
            words = gettext("Taken off at once (%(number)s): the reason is stated within a day.")
            found.append(("warning", words % {"number": off.number}))
    return found


def _facts(row: Any, live: Version | None) -> FactGroup:
    missing = "、".join(judging.field_words(one["field"], one["title"]) for one in row.missing)
    return FactGroup(
        title=_("Listing"),
        facts=(
            Fact(title=_("Product"), value=row.product.name),
            Fact(title=_("Channel"), value=row.channel.name),
            Fact(title=_("Complete"), value=completeness(row)),
            Fact(title=_("What is missing"), value=missing or None),
            Fact(title=_("Looked at"), value=row.checked_at, kind="moment"),
            Fact(title=_("Verified"), value=row.verified_at, kind="moment"),
            Fact(title=_("Live version"), value=live.info.no if live else None, kind="number"),
        ),
    )


def _texts(shown: RevisionInfo | None) -> FactGroup:
    if shown is None:
        return FactGroup(title=_("Texts"), facts=())
    content = shown.content
    facts = [Fact(title=_("Title"), value=content["title"], is_wide=True)]
    facts += [
        Fact(
            title=judging.field_words(name),
            value=content["sections"][name],
            is_wide=True,
        )
        for name in SECTIONS
    ]
    facts += [
        Fact(title=_("Search words"), value="、".join(content["keywords"]), is_wide=True),
        Fact(title=_("Title for search"), value=content["search_title"], is_wide=True),
        Fact(title=_("Description for search"), value=content["search_text"], is_wide=True),
    ]
    title = gettext("Version %(no)s: %(why)s") % {"no": shown.no, "why": shown.why}
    return FactGroup(title=title, facts=facts)
