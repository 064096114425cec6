"""Taking orders into the book: one set-based path for a single order and for thousands.

What promotions give is taken first, then stock, then the rows are written: nobody can wait for rows
that do not exist yet, so whoever holds a stock counter waits for nothing but the rows of
simultaneous arrivals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.choices.goods import SkuKind
from catalog.selectors.offers import Offers, offers
from customers import errors, rules
from customers.events import OrdersPlaced
from customers.services import booking, holding, people, promoting, steps
from customers.services.booking import InBook, Prepared
from customers.services.judging import Candidate, judged
from customers.types import Complaint, OrderDraft, Outcome, Verdict
from inventory.services import reservations
from inventory.types import BulkWant
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.notices import services as notices

SOURCE = steps.SOURCE
OnShort = Literal["refuse", "hold"]
_TRIES: Final = 5
_HELD = gettext_noop("%(count)s orders of channel %(channel)s are on hold; contact the buyers.")


def place_order(
    draft: OrderDraft,
    *,
    channel: str,
    actor: Actor,
    at: dt.datetime,
    on_short: OnShort = "refuse",
) -> Outcome:
    """Take one order (SCM-2.4-03, SCM-2.4-04): priced, reserved, audited, announced.

    Raises ChannelUnknown, OrderRefused (unknown codes, no price, too little stock). An order the
    channel has handed in before is answered as `duplicate` and changes nothing.
    """
    (outcome,) = place_orders([draft], channel=channel, actor=actor, at=at, on_short=on_short)
    for _again in range(_TRIES - 1):
        # Somebody else got the last gift between the look and the hold: quoted anew, it goes on.
        if not outcome.lost_gift:
            break
        (outcome,) = place_orders([draft], channel=channel, actor=actor, at=at, on_short=on_short)
    if outcome.verdict is Verdict.REFUSED:
        raise errors.OrderRefused(
            "customers.order_refused",
            outcome.complaints[0].detail,
            errors=[
                {"pointer": one.pointer, "code": one.code, "detail": one.detail}
                for one in outcome.complaints
            ],
        )
    return outcome


def place_orders(
    drafts: Sequence[OrderDraft],
    *,
    channel: str,
    actor: Actor,
    at: dt.datetime,
    on_short: OnShort = "hold",
    batch_id: int | None = None,
) -> list[Outcome]:
    """Take many orders of one channel in arrival order; each gets a verdict of its own.

    The number of statements does not depend on the number of orders. Raises ChannelUnknown,
    OrderRefused for more than 10,000 orders at once.
    """
    if len(drafts) > rules.MOST_ORDERS_IN_A_BATCH:
        raise errors.OrderRefused(
            "customers.too_many_orders",
            _("At most %(most)s orders at once.") % {"most": rules.MOST_ORDERS_IN_A_BATCH},
        )
    if not drafts:
        return []
    offered = _offers(drafts, channel=channel, actor=actor, at=at)
    # No savepoint: what is refused from here on is a verdict, so an error is a bug or a dead link.
    with transaction.atomic(savepoint=False):
        numbers = [draft.external_no for draft in drafts]
        prepared = booking.prepare(
            channel_id=offered.channel_id, numbers=numbers, buyers=_buyers(drafts), at=at
        )
        in_book = prepared.in_book
        candidates = [
            judged(draft, order_id, offered, tier=prepared.tiers.get(draft.buyer_code, ""))
            for draft, order_id in zip(drafts, prepared.ids, strict=True)
        ]
        _mark_repeats(candidates, in_book)
        taken = [c for c in candidates if not c.refusals and c.draft.external_no not in in_book]
        promoting.promote(
            taken, offered=offered, channel=channel, warehouse_id=prepared.warehouse_id, at=at
        )
        promoting.refuse_other_totals(taken)
        taken = [c for c in taken if not c.refusals]
        _reserve(taken, warehouse_id=prepared.warehouse_id, on_short=on_short, actor=actor, at=at)
        promoting.give_back([c for c in taken if c.refusals], actor=actor, at=at)
        taken = [c for c in taken if not c.refusals]
        _find_buyers(taken, channel_id=offered.channel_id, at=at)
        written = booking.write(
            taken, offered=offered, prepared=prepared, batch_id=batch_id,
            person_id=actor.person_id, at=at,
        )  # fmt: skip
        if lost := [c for c in taken if c.order_id not in written]:
            in_book = _give_way(lost, offered=offered, prepared=prepared, actor=actor, at=at)
        if written:
            booked = [c for c in taken if c.order_id in written]
            _announce(booked, written, offered, channel, batch_id, actor=actor, at=at)
    return [_outcome(c, written, in_book) for c in candidates]


def _offers(drafts: Sequence[OrderDraft], *, channel: str, actor: Actor, at: dt.datetime) -> Offers:
    codes = {line.code for draft in drafts for line in draft.lines} or {""}
    found = offers(channel=channel, codes=codes, at=at, with_tiers=bool(_buyers(drafts)))
    mine = actor.scope_ids("channel", "customers", "C")
    if found is None or (mine is not None and found.channel_id not in mine):
        raise errors.ChannelUnknown(
            "customers.channel_unknown",
            _("There is no channel %(code)s among yours.") % {"code": channel},
            field="channel",
        )
    if not found.is_active:
        raise errors.ChannelUnknown(
            "customers.channel_closed",
            _("Channel %(code)s is closed.") % {"code": channel},
            field="channel",
        )
    return found


def _buyers(drafts: Sequence[OrderDraft]) -> set[str]:
    return {draft.buyer_code for draft in drafts} - {""}


def _mark_repeats(candidates: Sequence[Candidate], in_book: InBook) -> None:
    seen: set[str] = set()
    for candidate in candidates:
        number = candidate.draft.external_no
        if number in seen and number not in in_book:
            candidate.refusals += (
                Complaint(
                    "/external_no",
                    "customers.number_twice",
                    _("Order %(number)s is handed in twice.") % {"number": number},
                ),
            )
        seen.add(number)


def _reserve(
    candidates: Sequence[Candidate],
    *,
    warehouse_id: int | None,
    on_short: OnShort,
    actor: Actor,
    at: dt.datetime,
) -> None:
    ready = [c for c in candidates if c.is_payable and not c.holds]
    if warehouse_id is None:
        no_route = Complaint(
            "/channel",
            "customers.no_warehouse",
            _("No warehouse serves this channel. Name one in its route."),
        )
        for candidate in ready:
            _put_aside(candidate, (no_route,), on_short)
        return
    wants = [
        BulkWant(
            source_id=c.order_id,
            line=number,
            sku_id=offer.sku_id,
            warehouse_id=warehouse_id,
            quantity=line.quantity,
        )
        for c in ready
        for number, (line, offer, _price) in enumerate(c.priced, 1)
        if offer.kind == SkuKind.GOODS
    ]
    short = holding.reserved(wants, actor=actor, at=at)
    for candidate in ready:
        if complaints := short.get(candidate.order_id):
            _put_aside(candidate, complaints, on_short)


def _put_aside(candidate: Candidate, complaints: tuple[Complaint, ...], on_short: OnShort) -> None:
    if on_short == "hold":
        candidate.holds += complaints
    else:
        candidate.refusals += complaints


def _find_buyers(candidates: Sequence[Candidate], *, channel_id: int, at: dt.datetime) -> None:
    drafts = {c.draft.buyer.code: c.draft.buyer for c in candidates if c.draft.buyer}
    if not drafts:
        return
    countries = {c.draft.buyer.code: c.draft.country for c in candidates if c.draft.buyer}
    known = people.buyers(drafts.values(), channel_id=channel_id, countries=countries, at=at)
    for candidate in candidates:
        if candidate.draft.buyer:
            candidate.customer = known[candidate.draft.buyer.code]


def _give_way(
    lost: Collection[Candidate],
    *,
    offered: Offers,
    prepared: Prepared,
    actor: Actor,
    at: dt.datetime,
) -> InBook:
    """Give back what was taken for orders that somebody else wrote in the same moment."""
    ids = [c.order_id for c in lost]
    promoting.give_back(lost, actor=actor, at=at)
    reservations.release(source_type=SOURCE, source_ids=ids, actor=actor, at=at)
    numbers = [c.draft.external_no for c in lost]
    now = booking.prepare(channel_id=offered.channel_id, numbers=numbers, buyers=(), at=at)
    return {**prepared.in_book, **now.in_book}


def _announce(
    candidates: Sequence[Candidate],
    written: Mapping[int, tuple[str, str]],
    offered: Offers,
    channel: str,
    batch_id: int | None,
    *,
    actor: Actor,
    at: dt.datetime,
) -> None:
    ids = tuple(c.order_id for c in candidates)
    held = sum(bool(c.holds) for c in candidates)
    audit.record(
        actor=actor,
        at=at,
        action="customers.orders_placed",
        obj=(SOURCE, ids[0]) if len(ids) == 1 else ("customers.orders", f"{ids[0]}-{ids[-1]}"),
        body={
            "channel": channel,
            "batch": batch_id,
            "count": len(ids),
            "held": held,
            **_discounted(candidates),
            "orders_sha256": content_hash([f"{i} {' '.join(written[i])}" for i in ids]),
        },
    )
    publish(OrdersPlaced(order_ids=ids))
    if held:
        notices.notify(
            kind="act",
            title=_HELD,
            params={"count": held, "channel": channel},
            role=Role.OPERATIONS_SPECIALIST,
            area="customers",
            scope=("channel", offered.channel_id),
            link="/orders/?tab=held",
            subject=f"customers.held:{ids[0]}",
            actor=actor,
            at=at,
        )


def _discounted(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """Return what promotions gave to the orders, for their fact; nothing when they gave none."""
    rows = [
        f"{c.order_id} {off.line_no} {off.promotion_id} {off.coupon} {off.amount}"
        for c in candidates
        for off in c.discounts
    ]
    if not any(c.is_promoted for c in candidates):
        return {}
    total = sum((off.amount for c in candidates for off in c.discounts), Decimal(0))
    return {"discount": str(total), "discounts_sha256": content_hash(rows)}


def _outcome(
    candidate: Candidate, written: Mapping[int, tuple[str, str]], in_book: InBook
) -> Outcome:
    external_no = candidate.draft.external_no
    if candidate.order_id in written:
        number, state = written[candidate.order_id]
        verdict = Verdict.HELD if candidate.holds else Verdict.ACCEPTED
        return Outcome(external_no, verdict, candidate.order_id, number, state, candidate.holds)
    if external_no in in_book:
        order_id, number, state = in_book[external_no]
        return Outcome(external_no, Verdict.DUPLICATE, order_id, number, state)
    return Outcome(
        external_no,
        Verdict.REFUSED,
        complaints=candidate.refusals,
        lost_gift=bool(candidate.gifts),
    )
