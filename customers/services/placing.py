"""Taking orders into the book: one set-based path for a single order and for thousands.

Stock is reserved before the rows are written: nobody can wait for rows that do not exist yet, so
the stock counters stay the last lock anyone holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.choices import ProductState, SkuKind
from catalog.selectors.offers import Offer, Offers, offers
from customers import errors, rules
from customers.choices import LineKind, OrderPath, OrderState
from customers.events import OrdersPlaced
from customers.services import people
from customers.types import Complaint, LineDraft, OrderDraft, Outcome, Verdict
from inventory.services import reservations
from inventory.types import BulkWant, Shortage
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.parse import business_day

SOURCE = "customers.order"
OnShort = Literal["refuse", "hold"]

_PREPARE = """
SELECT array(SELECT nextval(pg_get_serial_sequence('customers_order', 'id'))
               FROM generate_series(1, %(count)s)),
       r.warehouse_id, r.ship_within_hours,
       coalesce((SELECT json_object_agg(o.external_no, json_build_array(o.id, o.number, o.state))
                   FROM customers_order o
                  WHERE o.channel_id = %(channel)s AND o.external_no = ANY(%(numbers)s)), '{}')
  FROM (SELECT 1) one LEFT JOIN customers_channelroute r ON r.channel_id = %(channel)s
"""

_WRITE = """
WITH book AS (
    INSERT INTO customers_order
        (id, number, channel_id, external_no, kind, path, state, hold_reason, customer_id,
         warehouse_id, country, recipient_enc, currency, total, tax, placed_at, paid_at, ship_by,
         business_day, batch_id)
    SELECT o.id, 'SO-' || to_char(o.day, 'YYYYMM') || '-' || lpad(o.id::text, 7, '0'),
           %(channel)s, o.external_no, 'sale', o.path, o.state, o.hold_reason, o.customer_id,
           %(warehouse)s, o.country, o.recipient, %(currency)s, o.total, o.tax, o.placed_at,
           o.paid_at, o.ship_by, o.day, %(batch)s
      FROM unnest(%(ids)s::bigint[], %(external)s::text[], %(paths)s::text[], %(states)s::text[],
                  %(holds)s::text[], %(customers)s::bigint[], %(countries)s::text[],
                  %(recipients)s::text[], %(totals)s::numeric[], %(taxes)s::numeric[],
                  %(placed)s::timestamptz[], %(paid)s::timestamptz[], %(ship_by)s::timestamptz[],
                  %(days)s::date[])
           AS o(id, external_no, path, state, hold_reason, customer_id, country, recipient, total,
                tax, placed_at, paid_at, ship_by, day)
    RETURNING id, number, state),
line AS (
    INSERT INTO customers_orderline (order_id, line_no, sku_id, kind, quantity, unit_price, amount)
    SELECT l.*, l.quantity * l.unit_price
      FROM unnest(%(line_orders)s::bigint[], %(line_nos)s::int[], %(line_skus)s::bigint[],
                  %(line_kinds)s::text[], %(line_quantities)s::bigint[],
                  %(line_prices)s::numeric[])
           AS l(order_id, line_no, sku_id, kind, quantity, unit_price)),
step AS (
    INSERT INTO customers_orderstep (order_id, state, at, person_id)
    SELECT id, state, %(at)s, %(person)s FROM book)
SELECT id, number, state FROM book
"""


@dataclass(slots=True)
class _Candidate:
    """An order on its way into the book."""

    draft: OrderDraft
    order_id: int
    offers: tuple[Offer, ...] = ()
    holds: tuple[Complaint, ...] = ()
    refusals: tuple[Complaint, ...] = ()
    customer: people.Known | None = None

    @property
    def path(self) -> OrderPath:
        return OrderPath.COD if self.draft.cash_on_delivery else OrderPath.PREPAID

    @property
    def is_payable(self) -> bool:
        return self.draft.cash_on_delivery or self.draft.paid_at is not None

    @property
    def state(self) -> OrderState:
        if self.holds or not self.is_payable:
            return OrderState.PAID if self.draft.paid_at else OrderState.PLACED
        return OrderState.ALLOCATED

    def priced(self) -> list[tuple[LineDraft, Offer, Decimal]]:
        """Return the lines with their SKU and the price that counts."""
        return [
            (line, offer, line.unit_price if line.unit_price is not None else offer.price or _NONE)
            for line, offer in zip(self.draft.lines, self.offers, strict=True)
        ]


_NONE = Decimal(0)


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
    with transaction.atomic():
        (outcome,) = place_orders([draft], channel=channel, actor=actor, at=at, on_short=on_short)
        if outcome.verdict is Verdict.REFUSED:
            raise errors.OrderRefused(
                "customers.order_refused",
                outcome.complaints[0].detail,
                errors=outcome.complaints,
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

    The number of statements does not depend on the number of orders. Raises ChannelUnknown.
    """
    with transaction.atomic():
        offered = _offers(drafts, channel=channel, actor=actor, at=at)
        ids, warehouse_id, hours, in_book = _prepare(drafts, offered.channel_id)
        candidates = [_judged(d, i, offered) for d, i in zip(drafts, ids, strict=True)]
        _mark_repeats(candidates, in_book)
        taken = [c for c in candidates if not c.refusals and c.draft.external_no not in in_book]
        _reserve(taken, warehouse_id=warehouse_id, on_short=on_short, actor=actor, at=at)
        taken = [c for c in taken if not c.refusals]
        _find_buyers(taken, channel_id=offered.channel_id, at=at)
        numbers = _write(
            taken, offered=offered, warehouse_id=warehouse_id, hours=hours,
            batch_id=batch_id, actor=actor, at=at,
        )  # fmt: skip
        if taken:
            _announce(taken, numbers, channel=channel, batch_id=batch_id, actor=actor, at=at)
    return [_outcome(c, numbers, in_book) for c in candidates]


def _offers(drafts: Sequence[OrderDraft], *, channel: str, actor: Actor, at: dt.datetime) -> Offers:
    codes = {line.code for draft in drafts for line in draft.lines}
    found = offers(channel=channel, codes=codes, at=at)
    mine = actor.scope_ids("channel", "customers", "C")
    if found is None or (mine is not None and found.channel_id not in mine):
        raise errors.ChannelUnknown(
            "customers.channel_unknown",
            _("There is no channel %(code)s among yours.") % {"code": channel},
        )
    if not found.is_active:
        raise errors.ChannelUnknown(
            "customers.channel_closed", _("Channel %(code)s is closed.") % {"code": channel}
        )
    return found


def _prepare(
    drafts: Sequence[OrderDraft], channel_id: int
) -> tuple[list[int], int | None, int, dict[str, tuple[int, str, str]]]:
    numbers = [draft.external_no for draft in drafts]
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE, {"count": len(drafts), "channel": channel_id, "numbers": numbers})
        ids, warehouse_id, hours, in_book = cursor.fetchone()
    return ids, warehouse_id, hours or 48, in_book


def _judged(draft: OrderDraft, order_id: int, offered: Offers) -> _Candidate:
    candidate = _Candidate(draft, order_id)
    refusals, holds, found = [], [], []
    for index, line in enumerate(draft.lines):
        offer = offered.by_code.get(line.code)
        pointer = f"/lines/{index}"
        if offer is None or offer.state == ProductState.DRAFT:
            refusals.append(
                Complaint(
                    f"{pointer}/sku",
                    "customers.sku_unknown",
                    _("There is no SKU %(code)s.") % {"code": line.code},
                )
            )
            continue
        found.append(offer)
        if line.unit_price is None and offer.price is None:
            refusals.append(
                Complaint(
                    f"{pointer}/unit_price",
                    "customers.no_price",
                    _("SKU %(code)s has no price in this channel.") % {"code": line.code},
                )
            )
        elif line.unit_price is not None and offer.price and line.unit_price < offer.price:
            holds.append(
                Complaint(
                    f"{pointer}/unit_price",
                    "customers.below_price",
                    _("%(given)s is below the approved price of %(price)s.")
                    % {"given": line.unit_price, "price": offer.price},
                )
            )
    candidate.offers, candidate.refusals, candidate.holds = (
        tuple(found),
        tuple(refusals),
        tuple(holds),
    )
    return candidate


def _mark_repeats(
    candidates: Sequence[_Candidate], in_book: dict[str, tuple[int, str, str]]
) -> None:
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
    candidates: Sequence[_Candidate],
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
        for number, (line, offer) in enumerate(zip(c.draft.lines, c.offers, strict=True), 1)
        if offer.kind == SkuKind.GOODS
    ]
    if not wants:
        return
    held = reservations.reserve_bulk(source_type=SOURCE, wants=wants, actor=actor, at=at)
    for candidate in ready:
        if short := held.short.get(candidate.order_id):
            _put_aside(candidate, tuple(map(_complaint, short)), on_short)


def _put_aside(candidate: _Candidate, complaints: tuple[Complaint, ...], on_short: OnShort) -> None:
    if on_short == "hold":
        candidate.holds += complaints
    else:
        candidate.refusals += complaints


def _complaint(shortage: Shortage) -> Complaint:
    return Complaint(
        "/lines",
        "inventory.short",
        _("%(available)s of %(sku)s available, %(needed)s needed.")
        % {
            "available": shortage.available,
            "sku": shortage.sku_code,
            "needed": shortage.needed,
        },
    )


def _find_buyers(candidates: Sequence[_Candidate], *, channel_id: int, at: dt.datetime) -> None:
    named = [c for c in candidates if c.draft.buyer is not None]
    if not named:
        return
    drafts = [c.draft.buyer for c in named if c.draft.buyer]
    countries = {c.draft.buyer.code: c.draft.country for c in named if c.draft.buyer}
    known = people.buyers(drafts, channel_id=channel_id, countries=countries, at=at)
    for candidate, buyer in zip(named, drafts, strict=True):
        candidate.customer = known[buyer.code]


def _write(
    candidates: Sequence[_Candidate],
    *,
    offered: Offers,
    warehouse_id: int | None,
    hours: int,
    batch_id: int | None,
    actor: Actor,
    at: dt.datetime,
) -> dict[int, tuple[str, str]]:
    if not candidates:
        return {}
    lines = [
        (c.order_id, number, line, offer, price)
        for c in candidates
        for number, (line, offer, price) in enumerate(c.priced(), 1)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "channel": offered.channel_id,
                "currency": offered.currency,
                "warehouse": warehouse_id,
                "batch": batch_id,
                "at": at,
                "person": actor.person_id,
                "ids": [c.order_id for c in candidates],
                "external": [c.draft.external_no for c in candidates],
                "paths": [c.path.value for c in candidates],
                "states": [c.state.value for c in candidates],
                "holds": [",".join(dict.fromkeys(h.code for h in c.holds)) for c in candidates],
                "customers": [c.customer.id if c.customer else None for c in candidates],
                "countries": [c.draft.country for c in candidates],
                "recipients": [_recipient(c, offered.channel_id) for c in candidates],
                "totals": [_total(c) for c in candidates],
                "taxes": [_tax(c) for c in candidates],
                "placed": [c.draft.placed_at for c in candidates],
                "paid": [c.draft.paid_at for c in candidates],
                "ship_by": [_ship_by(c, hours) for c in candidates],
                "days": [business_day(c.draft.placed_at) for c in candidates],
                "line_orders": [order_id for order_id, *_rest in lines],
                "line_nos": [number for _id, number, *_rest in lines],
                "line_skus": [offer.sku_id for *_head, offer, _price in lines],
                "line_kinds": [_kind(price).value for *_head, price in lines],
                "line_quantities": [line.quantity for _id, _nr, line, *_rest in lines],
                "line_prices": [price for *_head, price in lines],
            },
        )
        return {pk: (number, state) for pk, number, state in cursor.fetchall()}


def _kind(price: Decimal) -> LineKind:
    return LineKind.SALE if price > 0 else LineKind.GIFT


def _recipient(candidate: _Candidate, channel_id: int) -> str:
    buyer = candidate.draft.buyer
    if buyer is None or candidate.customer is None:
        return ""
    row = f"{channel_id}:{candidate.draft.external_no}"
    return people.sealed_recipient(buyer, buyer=candidate.customer, row=row)


def _total(candidate: _Candidate) -> Decimal:
    return rules.total_of((line.quantity, price) for line, _offer, price in candidate.priced())


def _tax(candidate: _Candidate) -> Decimal:
    return rules.tax_in(
        (line.quantity * price, offer.tax_rate) for line, offer, price in candidate.priced()
    )


def _ship_by(candidate: _Candidate, hours: int) -> dt.datetime | None:
    start = candidate.draft.paid_at or (
        candidate.draft.placed_at if candidate.draft.cash_on_delivery else None
    )
    return start + dt.timedelta(hours=hours) if start else None


def _announce(
    candidates: Sequence[_Candidate],
    numbers: dict[int, tuple[str, str]],
    *,
    channel: str,
    batch_id: int | None,
    actor: Actor,
    at: dt.datetime,
) -> None:
    ids = tuple(c.order_id for c in candidates)
    audit.record(
        actor=actor,
        at=at,
        action="customers.orders_placed",
        obj=(SOURCE, ids[0]) if len(ids) == 1 else ("customers.orders", f"{ids[0]}-{ids[-1]}"),
        body={
            "channel": channel,
            "batch": batch_id,
            "count": len(ids),
            "orders_sha256": content_hash([[*numbers[i], str(i)] for i in ids]),
        },
    )
    publish(OrdersPlaced(order_ids=ids))


def _outcome(
    candidate: _Candidate,
    numbers: dict[int, tuple[str, str]],
    in_book: dict[str, tuple[int, str, str]],
) -> Outcome:
    external_no = candidate.draft.external_no
    if candidate.order_id in numbers:
        number, state = numbers[candidate.order_id]
        verdict = Verdict.HELD if candidate.holds else Verdict.ACCEPTED
        return Outcome(external_no, verdict, candidate.order_id, number, state, candidate.holds)
    if external_no in in_book:
        order_id, number, state = in_book[external_no]
        return Outcome(external_no, Verdict.DUPLICATE, order_id, number, state)
    return Outcome(external_no, Verdict.REFUSED, complaints=candidate.refusals)
