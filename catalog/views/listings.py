"""Listings: the desk of all of them, and of those that need a hand (CAT-4.3-07, -09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import (
    ListingStage,
    TaskKind,
)
from catalog.rules.listing import judging
from catalog.selectors import channels
from catalog.selectors import listings as selectors
from ops.engines.desk.screens import (
    Action,
    Column,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Tab,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

VIEW, WRITE = may("catalog", "V"), may("catalog", "C")
HAND_IN = may("catalog", "C", Role.OPERATIONS_SPECIALIST, Role.EDITOR, Role.DESIGNER)
ATTEST = may("catalog", "A", Role.WEB_EDITING_SUPERVISOR)
AT_ONCE = may("catalog", "A", Role.COMPLIANCE_OFFICER)


def channel_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the channels an actor may choose."""
    return [(str(channel.id), channel.name) for channel in channels.visible(actor=actor)]


def completeness(row: Any) -> str:
    """Return a bar of ten places and the percentage: read at a glance, and aloud."""
    if row.percent is None:
        return ""
    full = row.percent // 10
    return f"{'▮' * full}{'▯' * (10 - full)} {row.percent} %"


def _gaps(row: Any) -> str:
    words = [judging.field_words(one["field"], one["title"]) for one in row.missing[:3]]
    more = len(row.missing) - len(words)
    return "、".join(words) + (f" +{more}" if more > 0 else "")


class ListingList(ListScreen):
    """`/listings/`: what stands where, how complete it is, what waits."""

    policy = VIEW
    title = _("Listings")
    nav = "listings"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column(
            "product",
            _("Product"),
            value=lambda row: row.product.name,
            sub=lambda row: row.channel.name,
        ),
        Column("stage", _("State"), "badge", value=lambda row: ListingStage(row.stage)),
        Column(
            "review",
            _("Edit in review"),
            "badge",
            value=lambda row: (
                ListingStage(row.review) if row.review and row.review != row.stage else None
            ),
        ),
        Column("percent", _("Complete"), value=completeness, sub=_gaps),
        Column("verified_at", _("Verified"), "moment"),
        Column("task", _("Upkeep"), "flag", value=lambda row: row.has_task),
    )
    filters = (
        Filter("q", _("Product or number"), "text"),
        Filter("channel", _("Channel"), choices=channel_choices),
        Filter("stage", _("State"), choices=ListingStage.choices),
    )
    tabs = (
        Tab("all", _("All")),
        Tab("mend", _("To mend")),
        Tab("review", _("In review")),
        Tab("off", _("Off the shelf")),
    )
    order = "-id"
    row_url = "catalog:listing"
    new = New(_("List a product"), "catalog:listing_new", WRITE)
    export_policy = may("catalog", "E")
    empty = _("No listing yet. Choose a product and a channel; the page says what is missing.")
    empty_href = "/listings/new/"
    empty_label = _("List a product")

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer one listing, or a file of many."""
        href = reverse("catalog:listings_from_file")
        label = _("Listing texts from a file")
        return (
            *super().head_actions(actor=actor),
            Action(key="file", label=label, href=href, policy=WRITE),
        )

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the listings in the actor's channels."""
        found = query.narrow(selectors.listings(actor=actor, at=query.at), channel="channel_id")
        if stage := query.get("stage"):
            found = found.filter(stage=stage)
        if text := query.get("q"):
            found = selectors.named(found, text)
        if query.tab == "mend":
            found = found.filter(has_task=True)
        elif query.tab == "review":
            found = found.exclude(review="")
        elif query.tab == "off":
            found = found.filter(stage=ListingStage.OFF_SHELF)
        return query.page(found, orders={"id": "id"})


class TaskList(ListScreen):
    """`/listing-tasks/`: which listings need a hand, and why."""

    policy = VIEW
    title = _("Upkeep of listings")
    nav = "listings"
    columns = (
        Column(
            "listing",
            _("Listing"),
            "code",
            name=True,
            value=lambda row: row.listing.number,
            sub=lambda row: row.listing.product.name,
        ),
        Column("channel", _("Channel"), value=lambda row: row.listing.channel.name),
        Column("kind", _("Why"), value=lambda row: TaskKind(row.kind).label),
        Column(
            "details",
            _("What"),
            value=lambda row: "、".join(
                str(one.get("words") or judging.field_words(one["field"], one.get("title", "")))
                for one in row.details[:4]
            ),
        ),
        Column("opened_at", _("Opened"), "moment"),
        Column("outcome", _("Outcome"), value=lambda row: row.get_outcome_display()),
        Column("done_at", _("Done"), "moment"),
    )
    filters = (
        Filter("channel", _("Channel"), choices=channel_choices),
        Filter("kind", _("Why"), choices=TaskKind.choices),
    )
    tabs = (Tab("open", _("Open")), Tab("done", _("Done")))
    order = "-id"
    export_policy = may("catalog", "E")
    empty = _("Nothing needs a hand. The scan looks every night, and for stale ones on Mondays.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the tasks in the actor's channels."""
        found = query.narrow(
            selectors.tasks(actor=actor), "kind", channel="listing__channel_id"
        ).filter(done_at__isnull=query.tab != "done")
        return query.page(found, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the listing."""
        return reverse("catalog:listing", args=[row.listing_id])
