"""What listings put on the desk, and how one is decided (CAT-4.3-07, CAT-4.3-08)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import ListingStage
from catalog.desk.range_tables import asked_lines
from catalog.rules.listing import judging
from catalog.selectors import listings as selectors
from catalog.services.listings import KIND
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.screens import (
    Card,
    CardData,
    CardLine,
    Column,
    Command,
    DecisionKind,
    Hit,
    Lines,
    NavEntry,
    Place,
    SearchKind,
    Tone,
    card,
    command,
    decision,
    nav,
    register_states,
    search_kind,
    word_actions,
    word_figures,
)
from ops.engines.files.holders import declare_holder
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.declarations import kind_named
from ops.engines.revisions.errors import RevisionMissing

_VIEW = may("catalog", "V")
_WORKERS = (
    Role.OPERATIONS_SPECIALIST,
    Role.EDITOR,
    Role.DESIGNER,
    Role.WEB_EDITING_SUPERVISOR,
)

nav(
    NavEntry(
        key="listings", title=_("Listings"), url_name="catalog:listings", policy=_VIEW,
        roles=(*_WORKERS, Role.OPERATIONS_SUPERVISOR, Role.COMPLIANCE_OFFICER), order=42,
        icon="box", group=_("Goods and prices"),
    )
)  # fmt: skip
for _key, _title, _url in (
    ("listing", _("List a product"), "catalog:listing_new"),
    ("listing_tasks", _("Upkeep of listings"), "catalog:listing_tasks"),
    ("listed_words", _("Listed words"), "catalog:listed_words"),
    ("forbidden_goods", _("Forbidden goods"), "catalog:forbidden_goods"),
    ("listing_rules", _("Listing rules"), "catalog:listing_rules"),
    ("quality_reviews", _("Quality reviews"), "catalog:quality_reviews"),
):
    command(
        Command(
            key=_key,
            title=_title,
            url_name=_url,
            policy=may("catalog", "C") if _key == "listing" else _VIEW,
        )
    )

register_states(
    {
        ListingStage.CONTENT_REVIEW: Tone.WAITING,
        ListingStage.QUALITY_REVIEW: Tone.WAITING,
        ListingStage.FINAL_REVIEW: Tone.WAITING,
        ListingStage.ON_SHELF: Tone.DONE,
        ListingStage.OFF_SHELF: Tone.STOPPED,
    }
)
word_actions(
    {
        "catalog.listing_opened": _("began to list"),
        "catalog.listed": _("put on the shelf"),
        "catalog.delisted": _("took off the shelf"),
        "catalog.delisting_stated": _("stated the reason of a delisting"),
        "catalog.listing_verified": _("verified a listing"),
        "catalog.listings_taken_over": _("took listings over at go-live"),
        "catalog.picture_added": _("added a picture"),
        "catalog.pictures_attested": _("attested the pictures"),
        "catalog.word_proven": _("attached evidence for a word"),
        "catalog.upkeep_opened": _("opened upkeep of listings"),
        "catalog.word_listed": _("listed a word"),
        "catalog.word_ended": _("took a word off the list"),
        "catalog.goods_forbidden": _("forbade goods"),
        "catalog.goods_allowed": _("allowed goods again"),
        "catalog.listing_rule_set": _("decided a listing rule"),
        "catalog.quality_reviewed": _("kept a quality review"),
    }
)
word_figures(
    {
        "pictures": (_("Pictures"), "number"),
        "characters": (_("Characters of the description"), "number"),
        "open_pieces": (_("Pieces in open orders"), "number"),
        "stock_pieces": (_("Pieces left to sell"), "number"),
    }
)


def _tasks(actor: Actor, _at: datetime) -> CardData:
    found = selectors.tasks(actor=actor).filter(done_at__isnull=True)
    return CardData(
        lines=[
            CardLine(
                title=row.listing.product.name,
                number=row.listing.number,
                href=reverse("catalog:listing", args=[row.listing_id]),
                detail=row.get_kind_display(),
            )
            for row in found[:6]
        ],
        href=reverse("catalog:listing_tasks"),
    )


card(
    Card(
        key="listing_tasks", title=_("Listings to mend"), query=_tasks, policy=_VIEW,
        roles=(Role.EDITOR, Role.DESIGNER, Role.WEB_EDITING_SUPERVISOR), place=Place.MINE,
    )
)  # fmt: skip


def _find(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    found = selectors.named(selectors.plain(actor=actor), text)
    return [
        Hit(
            title=f"{row.number} {row.product.name}",
            href=reverse("catalog:listing", args=[row.pk]),
            note=row.channel.name,
            is_exact=row.number.casefold() == text.casefold(),
        )
        for row in found[:most]
    ]


search_kind(SearchKind(key="listing", title=_("Listings"), find=_find, policy=_VIEW, order=26))


def _changed(request: RequestInfo) -> Lines:
    declared = kind_named(KIND)
    return Lines(
        _("What changes"),
        (
            Column(
                "field",
                _("Field of the listing"),
                value=lambda one: declared.label(str(one["field"])),
            ),
            Column("old", _("Live"), value=lambda one: _words(one["old"])),
            Column("new", _("New version"), value=lambda one: _words(one["new"])),
        ),
        list(request.content["changes"]),
    )


def _found(request: RequestInfo) -> Lines:
    try:
        found = versions.info_of(revision_id=int(request.content["revision"])).findings or ()
    except RevisionMissing:  # a request whose version is not here, such as an example
        found = ()
    return Lines(
        _("What was found"),
        (
            Column(
                "field", _("Field of the listing"), value=lambda one: judging.field_words(one.field)
            ),
            Column("words", _("What to do")),
        ),
        found,
        empty=_("Nothing was found."),
    )


def _words(value: Any) -> Any:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return value


def _tables(request: RequestInfo) -> Sequence[Lines]:
    return (_changed(request), _found(request))


decision(
    DecisionKind(
        flow="listing",
        lines=_tables,
        says=("about", "reason"),
        subject_href=lambda request: reverse(
            "catalog:listing", args=[int(request.content["subject_id"])]
        ),
    )
)


def _left_range(request: RequestInfo) -> Sequence[Lines]:
    """Return the SKUs of a drop; a delisting of one listing has none."""
    return (asked_lines(request.content["lines"]),) if "review" in request.content else ()


def _taken_off(request: RequestInfo) -> str:
    content = request.content
    if "review" in content:
        return reverse("catalog:range_review", args=[int(content["review"])])
    return reverse("catalog:listing", args=[int(content["listing"])])


decision(DecisionKind(flow="delisting", lines=_left_range, says=("note",), subject_href=_taken_off))

declare_holder("catalog.listing", policy=_VIEW, visible=selectors.is_visible)
declare_holder("catalog.product", policy=_VIEW)
declare_holder("catalog.paper", policy=_VIEW)
