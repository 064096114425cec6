"""What may be done on the page of a listing, and why not (CAT-4.3-07, CAT-4.3-08)."""

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
from catalog.models import Delisting
from catalog.services import delisting, owners, upkeep
from catalog.services import listings as services
from catalog.views.listings import AT_ONCE, ATTEST, HAND_IN, WRITE
from ops.engines.desk.screens import (
    Action,
    Done,
    Field,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.revisions.choices import RevisionState
from ops.engines.revisions.types import RevisionInfo

# What members of the owning department alone do.
_DEPARTMENTS: Final = frozenset(
    {"edit", "submit", "picture", "proof", "paper", "withdraw", "delist"}
)
_REVIEWS = (
    ListingStage.CONTENT_REVIEW,
    ListingStage.QUALITY_REVIEW,
    ListingStage.FINAL_REVIEW,
)


def actions_of(
    row: Any,
    waiting: RevisionInfo | None,
    offs: Sequence[Delisting],
    *,
    actor: Actor,
    at: dt.datetime,
) -> Sequence[Action]:
    """Return the actions; those of the owning department say so to anybody else (HR-1.2-02)."""
    lacking = _lacking(row.product_id, actor, at)
    return [
        replace(one, why_not=lacking) if one.key in _DEPARTMENTS and not one.why_not else one
        for one in _actions(row, waiting, offs)
    ]


def _lacking(product_id: int, actor: Actor, at: dt.datetime) -> str:
    """Return why the actor does not write this listing: another department owns the product."""
    try:
        owners.require(product_ids=[product_id], actor=actor, at=at)
    except NotOfDepartment as refusal:
        return str(refusal)
    return ""


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
