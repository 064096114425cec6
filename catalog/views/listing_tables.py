"""The tables on the page of a listing: findings, changes, pictures, versions, shelf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import ListingPicture, ListingShelf
from catalog.rules.listing import judging
from catalog.services import listings as services
from ops.engines.desk.screens import (
    Column,
    Lines,
)
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.choices import Level, Standing
from ops.engines.revisions.declarations import kind_named
from ops.engines.revisions.types import Finding, RevisionInfo, Version


def finding_lines(found: Sequence[Finding]) -> Lines:
    """Return the table of what the checks found."""
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


def change_lines(live: Version | None, waiting: RevisionInfo | None) -> Lines:
    """Return the table of what the version that waits changes."""
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


def picture_lines(pictures: Sequence[ListingPicture], shown: RevisionInfo | None) -> Lines:
    """Return the table of the pictures kept, and which are shown."""
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


def version_lines(history: Sequence[Version]) -> Lines:
    """Return the table of the versions."""
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


def shelf_lines(rows: Sequence[ListingShelf]) -> Lines:
    """Return the table of when the goods stood on the shelf."""
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
