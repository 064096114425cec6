"""Goods leave the shelf: asked and decided, or at once by compliance (CAT-4.3-08)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from catalog.choices.listings import DelistingKind, DelistingReason, DelistingState
from catalog.errors import listings as errors
from catalog.events import ListingDelisted
from catalog.models import Delisting, Listing
from catalog.selectors import listings as selectors
from catalog.services.listings import locked, written
from catalog.types.listings import DelistingInfo
from ops.engines.approvals import services as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.clocks import services as clocks
from ops.engines.clocks.types import Subject
from ops.engines.events.publishing import publish
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering

SUBJECT: Final = "catalog.delisting"
STATING: Final = "delisting_reason"
_AT_ONCE: Final = may("catalog", "A", Role.COMPLIANCE_OFFICER)
_CUT: Final = """
UPDATE catalog_listingshelf
   SET during = CASE WHEN lower(during) >= %(until)s THEN 'empty'::tstzrange
                ELSE tstzrange(lower(during), %(until)s::timestamptz) END,
       delisting_id = %(delisting)s
 WHERE listing_id = %(listing)s AND during && tstzrange(%(until)s::timestamptz, NULL)
"""


def ask(
    *,
    listing_id: int,
    reason: str,
    note: str,
    effective_at: datetime,
    kind: str = DelistingKind.OFF,
    actor: Actor,
    at: datetime,
) -> DelistingInfo:
    """Hand in that goods leave the shelf at a moment, with what hangs on them.

    Raises ListingMissing, ListingRetired, NotOfDepartment, NotOnShelf, DelistingOpen,
    ReasonUnstated, EffectPast, BadInput, and what the approvals engine refuses.
    """
    why = _why(reason, note)
    if kind not in DelistingKind.values:
        raise BadInput("catalog.delisting_kind", str(kind), field="kind")
    if effective_at < at:
        raise errors.EffectPast
    with approvals.handing_in("delisting", actor=actor, at=at):
        listing = written(listing_id, actor, at)
        if not selectors.is_on_shelf(listing_id, at=at):
            raise errors.NotOnShelf
        if Delisting.objects.filter(listing=listing, state=DelistingState.SUBMITTED).exists():
            raise errors.DelistingOpen
        made = _write(
            Delisting(
                listing=listing,
                kind=kind,
                reason=reason,
                note=why,
                effective_at=effective_at,
                state=DelistingState.SUBMITTED,
            ),
            actor=actor,
            at=at,
        )
        request = approvals.submit(
            flow="delisting",
            subject=(SUBJECT, made.pk),
            number=made.number,
            title=f"{listing.number} {listing.product.name}"[:200],
            content={
                "listing": listing.pk,
                "number": listing.number,
                "product": listing.product.name,
                "channel": listing.channel_id,
                "kind": kind,
                "reason": reason,
                "note": why,
                "effective_at": effective_at,
            },
            figures={"open_pieces": made.open_pieces, "stock_pieces": made.stock_pieces},
            scope_ids={"channel": listing.channel_id},
            actor=actor,
            at=at,
        )
        Delisting.objects.filter(pk=made.pk).update(approval_id=request.id)
        made.refresh_from_db()
        return selectors.delisting_info(made)


def take_off(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Cut the time on the shelf at the approved moment, or now when that has passed."""
    row = _locked(request.subject_id)
    row.state = DelistingState.APPROVED
    row.save(update_fields=["state"])
    _cut(row, max(row.effective_at, at), actor=actor, at=at)


def take_back(request: RequestInfo, actor: Actor, at: datetime) -> None:
    """Close a delisting that was returned or withdrawn: the goods stay on the shelf."""
    row = _locked(request.subject_id)
    row.state = (
        DelistingState.WITHDRAWN
        if request.state == RequestState.WITHDRAWN
        else DelistingState.RETURNED
    )
    row.save(update_fields=["state"])


def take_off_at_once(
    *,
    listing_ids: Sequence[int],
    reason: str = "",
    note: str = "",
    kind: str = DelistingKind.OFF,
    actor: Actor,
    at: datetime,
) -> list[DelistingInfo]:
    """Take goods off the shelf now, as compliance may; the reason is stated within a day.

    Retired (`kind`) they never come back. What waits for a decision meanwhile stays. Raises
    Forbidden, ListingMissing, ListingRetired, NotOnShelf.
    """
    _AT_ONCE.require(actor)
    with transaction.atomic():
        made = [
            _at_once(locked(pk, actor, "A"), kind, reason, note, actor=actor, at=at)
            for pk in sorted(set(listing_ids))
        ]
        clocks.start(
            kind=STATING,
            subjects=[
                Subject(
                    type=SUBJECT,
                    id=row.pk,
                    label=row.number,
                    link=f"/listings/{row.listing_id}/",
                    person_id=actor.person_id,
                    role=Role.COMPLIANCE_OFFICER,
                )
                for row in made
                if row.stated_at is None
            ],
            actor=actor,
            at=at,
        )
        return [selectors.delisting_info(row) for row in made]


def take_off_with_drop(
    *, listing_ids: Sequence[int], note: str, request: RequestInfo, actor: Actor, at: datetime
) -> list[DelistingInfo]:
    """Retire listings whose goods left the range, by the approval of the drop (CAT-4.1-05).

    Expects the deciding transaction; listings that are off the shelf already are left alone.
    """
    made = []
    for pk in sorted(listing_ids):
        listing = Listing.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        row = Delisting(
            listing=listing,
            kind=DelistingKind.RETIRE,
            reason=DelistingReason.SLOW,
            note=note,
            effective_at=at,
            state=DelistingState.APPROVED,
            approval_id=request.id,
        )
        _write(row, actor=actor, at=at)
        _cut(row, at, actor=actor, at=at)
        made.append(selectors.delisting_info(row))
    return made


def state_reason(
    *, delisting_id: int, reason: str, note: str, actor: Actor, at: datetime
) -> DelistingInfo:
    """Add the reason of goods taken off at once; it is stated once (CAT-4.3-08).

    Raises Forbidden, DelistingMissing, DelistingClosed, ReasonUnstated.
    """
    _AT_ONCE.require(actor)
    why = _why(reason, note)
    with transaction.atomic():
        row = _locked(delisting_id)
        if row.state != DelistingState.AT_ONCE or row.stated_at is not None:
            raise errors.DelistingClosed
        row.reason, row.note, row.stated_at = reason, why, at
        row.save(update_fields=["reason", "note", "stated_at"])
        clocks.meet(kind=STATING, subjects=[(SUBJECT, row.pk)], actor=actor, at=at)
        _record("catalog.delisting_stated", row, actor=actor, at=at)
        return selectors.delisting_info(row)


def _at_once(
    listing: Listing, kind: str, reason: str, note: str, *, actor: Actor, at: datetime
) -> Delisting:
    if not selectors.is_on_shelf(listing.pk, at=at):
        raise errors.NotOnShelf
    row = _write(
        Delisting(
            listing=listing,
            kind=kind,
            reason=DelistingReason.UNSTATED,
            effective_at=at,
            state=DelistingState.AT_ONCE,
        ),
        actor=actor,
        at=at,
    )
    if reason or note:
        row.reason, row.note, row.stated_at = reason, _why(reason, note), at
        row.save(update_fields=["reason", "note", "stated_at"])
    _cut(row, at, actor=actor, at=at)
    return row


def _write(row: Delisting, *, actor: Actor, at: datetime) -> Delisting:
    ordered, sellable = selectors.delisting_effect(listing_id=row.listing_id)
    row.open_pieces, row.stock_pieces = ordered, sellable
    row.asked_by, row.asked_at = actor.person_id or 0, at
    row.number = numbering.take_one("DL", at=at)
    row.save(force_insert=True)
    return row


def _cut(row: Delisting, until: datetime, *, actor: Actor, at: datetime) -> None:
    """End the time on the shelf, and tell whoever sells or buys the goods."""
    values: dict[str, Any] = {"until": until, "delisting": row.pk, "listing": row.listing_id}
    with connection.cursor() as cursor:
        cursor.execute(_CUT, values)
    listing = Listing.objects.get(pk=row.listing_id)
    if row.kind == DelistingKind.RETIRE:
        listing.retired_at = until
        listing.save(update_fields=["retired_at"])
    _record("catalog.delisted", row, actor=actor, at=at)
    publish(
        ListingDelisted(
            listing_id=listing.pk,
            product_id=listing.product_id,
            channel_id=listing.channel_id,
            kind=row.kind,
            until=until.isoformat(),
        )
    )


def _locked(delisting_id: int) -> Delisting:
    rows = Delisting.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=delisting_id).first()
    if row is None:
        raise errors.DelistingMissing(delisting_id)
    return row


def _why(reason: str, note: str) -> str:
    if reason not in DelistingReason.values or reason == DelistingReason.UNSTATED:
        raise errors.ReasonUnstated("reason")
    words = parse.text(note, most=400).strip()
    if not words:
        raise errors.ReasonUnstated
    return words


def _record(action: str, row: Delisting, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=("catalog.listing", row.listing_id),
        body={
            "number": row.number,
            "kind": row.kind,
            "reason": row.reason,
            "note": row.note,
            "effective_at": row.effective_at,
            "open_pieces": row.open_pieces,
            "stock_pieces": row.stock_pieces,
            "approval": row.approval_id,
        },
    )
