"""One listing: what is live, what is new, what to mend, what may be done (CAT-4.3-07)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import (
    DelistingReason,
    DelistingState,
    ListingStage,
)
from catalog.errors.feedback import NotOfDepartment
from catalog.models import Delisting, ListingPicture, ListingShelf
from catalog.rules.listing import judging
from catalog.rules.listing.content import SECTIONS
from catalog.selectors import listings as selectors
from catalog.selectors import ranks
from catalog.services import delisting, owners, upkeep
from catalog.services import listings as services
from catalog.views import rank_parts
from catalog.views.listings import AT_ONCE, ATTEST, HAND_IN, VIEW, WRITE, completeness
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Files,
    Lines,
    Record,
    RecordScreen,
    StateStep,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.choices import Level, RevisionState, Standing
from ops.engines.revisions.declarations import kind_named
from ops.engines.revisions.types import Finding, RevisionInfo, Version

# What members of the owning department alone do.
_DEPARTMENTS: Final = frozenset(
    {"edit", "submit", "picture", "proof", "paper", "withdraw", "delist"}
)
_COURSE = (
    ListingStage.DRAFT,
    ListingStage.CONTENT_REVIEW,
    ListingStage.QUALITY_REVIEW,
    ListingStage.FINAL_REVIEW,
    ListingStage.APPROVED,
    ListingStage.ON_SHELF,
)
_REVIEWS = (
    ListingStage.CONTENT_REVIEW,
    ListingStage.QUALITY_REVIEW,
    ListingStage.FINAL_REVIEW,
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
            actions=_of_department(
                _actions(row, waiting, offs), _lacking(row.product_id, actor, at)
            ),
            notices=_notices(row, offs),
            facts=(_facts(row, live), _texts(shown)),
            lines=(
                _finding_lines(found),
                _changes(live, waiting),
                _picture_lines(pictures, shown),
                _history(history),
                _found_by(row, actor, at),
                _shelf(selectors.shelf(listing_id=row.pk)),
            ),
            clauses=("CAT-4.3-01", "CAT-4.3-04", "CAT-4.3-07", "CAT-4.3-08", "CAT-4.3-14"),
            subject=(services.SUBJECT, row.pk),
            files=Files(object_type=services.SUBJECT, object_id=row.pk, title=_("Pictures")),
        )


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


def _finding_lines(found: Sequence[Finding]) -> Lines:
    order = {Level.STOP: 0, Level.ROUTE: 1, Level.NOTE: 2}
    return Lines(
        _("What was found, and what to do"),
        (
            Column("level", _("How grave"), value=lambda one: Level(one.level).label),
            Column(
                "field", _("Field of the listing"), value=lambda one: judging.field_words(one.field)
            ),
            Column("words", _("What to do")),
        ),
        sorted(found, key=lambda one: order[Level(one.level)]),
        empty=_("Nothing was found."),
        anchor="findings",
    )


def _changes(live: Version | None, waiting: RevisionInfo | None) -> Lines:
    declared = kind_named(services.KIND)
    rows: Sequence[Any] = ()
    if waiting is not None:
        before = live.info.content if live is not None else None
        rows = versions.compare(before, waiting.content)
    return Lines(
        _("Side by side: live and new"),
        (
            Column("path", _("Field of the listing"), value=lambda one: declared.label(one.path)),
            Column("old", _("Live"), value=lambda one: _words(one.old)),
            Column("new", _("New version"), value=lambda one: _words(one.new)),
        ),
        rows,
        empty=_("No other version is on its way."),
    )


def _words(value: Any) -> Any:
    return "、".join(map(str, value)) if isinstance(value, list) else value


def _picture_lines(pictures: Sequence[ListingPicture], shown: RevisionInfo | None) -> Lines:
    used = {} if shown is None else {
        one["id"]: place for place, one in enumerate(shown.content["pictures"], 1)
    }  # fmt: skip
    return Lines(
        _("Pictures by angle"),
        (
            Column("place", _("Place in the order"), "number", value=lambda one: used.get(one.pk)),
            Column(
                "angle",
                _("Angle"),
                value=lambda one: one.get_angle_display(),
                href=lambda one: f"/files/{one.file_id}/",
                sub=lambda one: one.file.name,
            ),
            Column("size", _("Pixels"), value=lambda one: f"{one.width} × {one.height}"),
            Column(
                "original",
                _("Original"),
                value=lambda one: one.original.name if one.original else "",
                href=lambda one: f"/files/{one.original_id}/" if one.original_id else "",
                sub=lambda one: one.edit_note,
            ),
            Column("added_at", _("Added"), "moment"),
        ),
        sorted(pictures, key=lambda one: (used.get(one.pk, 999), one.pk)),
        empty=_("No picture yet: upload several angles."),
    )


def _history(history: Sequence[Version]) -> Lines:
    return Lines(
        _("Versions"),
        (
            Column("no", _("Version"), "number", value=lambda one: one.info.no),
            Column("standing", _("State"), "badge", value=lambda one: Standing(one.standing)),
            Column("why", _("Reason"), value=lambda one: one.info.why),
            Column("drafted_at", _("Drafted"), "moment", value=lambda one: one.info.drafted_at),
            Column(
                "since",
                _("Live from"),
                "moment",
                value=lambda one: one.spans[-1].since if one.spans else None,
            ),
            Column(
                "until",
                _("Until"),
                "moment",
                value=lambda one: one.spans[-1].until if one.spans else None,
            ),
        ),
        history,
        empty=_("Nothing is written yet: these goods were taken over as they stood."),
    )


def _found_by(row: Any, actor: Actor, at: dt.datetime) -> Lines:
    """Return the search words of the goods in this channel, with the last edit in their trend."""
    found = ranks.of_listing(
        product_id=row.product_id, channel_id=row.channel_id, actor=actor, at=at
    )
    return rank_parts.panel(found, at=at)


def _shelf(rows: Sequence[ListingShelf]) -> Lines:
    return Lines(
        _("On the shelf"),
        (
            Column("how", _("How"), value=lambda one: one.get_how_display()),
            Column("since", _("From"), "moment", value=lambda one: one.during.lower),
            Column("until", _("Until"), "moment", value=lambda one: one.during.upper),
            Column(
                "delisting",
                _("Delisting"),
                "code",
                value=lambda one: one.delisting.number if one.delisting else "",
                sub=lambda one: (
                    f"{one.delisting.get_reason_display()}: {one.delisting.note}"
                    if one.delisting
                    else ""
                ),
            ),
        ),
        rows,
        empty=_("The goods were never on the shelf of this channel."),
    )


def _lacking(product_id: int, actor: Actor, at: dt.datetime) -> str:
    """Return why the actor does not write this listing: another department owns the product."""
    try:
        owners.require(product_ids=[product_id], actor=actor, at=at)
    except NotOfDepartment as refusal:
        return str(refusal)
    return ""


def _of_department(actions: Sequence[Action], lacking: str) -> list[Action]:
    """Show why what its department alone does is not for this reader (HR-1.2-02)."""
    return [
        replace(one, why_not=lacking) if one.key in _DEPARTMENTS and not one.why_not else one
        for one in actions
    ]


def _actions(row: Any, waiting: RevisionInfo | None, offs: Sequence[Delisting]) -> Sequence[Action]:
    is_draft = waiting is not None and waiting.state == RevisionState.DRAFT
    is_shown = row.stage in (ListingStage.ON_SHELF, ListingStage.APPROVED)
    retired = _("The listing was retired for good.") if row.retired_at else ""
    stated = next(
        (off for off in offs if off.state == DelistingState.AT_ONCE and off.stated_at is None),
        None,
    )
    found = [
        Action(
            key="edit",
            label=_("Edit"),
            href=reverse("catalog:listing_edit", args=[row.pk]),
            policy=WRITE,
            why_not=retired
            or ("" if waiting is None or is_draft else _("It is in review: take it back first.")),
            is_primary=not is_draft,
        ),
        Action(
            key="submit",
            label=_("Hand in"),
            run=lambda _values, actor, at: _submitted(row.pk, actor, at),
            policy=HAND_IN,
            why_not="" if is_draft else _("Nothing is drafted."),
            is_primary=is_draft,
        ),
        Action(
            key="picture",
            label=_("Add a picture"),
            href=reverse("catalog:listing_picture", args=[row.pk]),
            policy=WRITE,
            why_not=retired,
        ),
        Action(
            key="attest",
            label=_("Attest the pictures"),
            href=reverse("catalog:listing_attest", args=[row.pk]),
            policy=ATTEST,
            why_not="" if waiting is not None else _("No version waits."),
        ),
        Action(
            key="proof",
            label=_("Attach evidence"),
            href=reverse("catalog:listing_proof", args=[row.pk]),
            policy=WRITE,
            why_not=retired,
        ),
        Action(
            key="paper",
            label=_("Add a document"),
            href=reverse("catalog:listing_paper", args=[row.pk]),
            policy=WRITE,
            why_not=retired,
        ),
        Action(
            key="verify",
            label=_("Verified, nothing to change"),
            run=lambda values, actor, at: _verified(row.pk, values, actor, at),
            policy=WRITE,
            why_not=retired,
            fields=(Field("note", _("What was looked at"), most=200, required=False),),
        ),
        Action(
            key="withdraw",
            label=_("Take back"),
            run=lambda _values, actor, at: _withdrawn(row.pk, actor, at),
            policy=HAND_IN,
            why_not="" if waiting is not None else _("Nothing is drafted."),
            confirm=_("A draft is dropped, a request taken back; what is live stays."),
        ),
        Action(
            key="delist",
            label=_("Take off the shelf"),
            href=reverse("catalog:listing_delist", args=[row.pk]),
            policy=may("catalog", "C", Role.OPERATIONS_SPECIALIST),
            why_not="" if is_shown else _("The goods are not on the shelf."),
            is_danger=True,
        ),
        Action(
            key="at_once",
            label=_("Take off at once"),
            run=lambda _values, actor, at: _off_at_once(row.pk, actor, at),
            policy=AT_ONCE,
            why_not="" if is_shown else _("The goods are not on the shelf."),
            confirm=_("The goods are no longer for sale from this moment; state the reason within a"
                      " day."),
            is_danger=True,
        ),
    ]  # fmt: skip
    if stated is not None:
        found.insert(0, _stating(stated))
    return found


def _stating(off: Delisting) -> Action:
    reasons = [one for one in DelistingReason.choices if one[0] != DelistingReason.UNSTATED]

    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        delisting.state_reason(
            delisting_id=off.pk,
            reason=values["reason"],
            note=values["note"],
            actor=actor,
            at=at,
        )
        return Done(message=gettext("%(number)s: the reason is stated.") % {"number": off.number})

    return Action(
        key="state",
        label=_("State the reason"),
        run=run,
        policy=AT_ONCE,
        fields=(
            Field("reason", _("Reason"), "choice", choices=reasons),
            Field("note", _("What happened"), most=400, least=2),
        ),
        is_primary=True,
    )


def _submitted(listing_id: int, actor: Actor, at: dt.datetime) -> Done:
    made = services.submit(listing_id=listing_id, actor=actor, at=at)
    return Done(message=gettext("Version %(no)s is handed in.") % {"no": made.no})


def _withdrawn(listing_id: int, actor: Actor, at: dt.datetime) -> Done:
    made = services.withdraw(listing_id=listing_id, actor=actor, at=at)
    return Done(message=gettext("Version %(no)s is taken back.") % {"no": made.no})


def _verified(listing_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    upkeep.verify(listing_id=listing_id, note=values["note"] or "", actor=actor, at=at)
    return Done(message=gettext("The listing counts as verified today."))


def _off_at_once(listing_id: int, actor: Actor, at: dt.datetime) -> Done:
    (made,) = delisting.take_off_at_once(listing_ids=[listing_id], actor=actor, at=at)
    return Done(
        message=gettext("%(number)s: off the shelf. State the reason within a day.")
        % {"number": made.number}
    )
