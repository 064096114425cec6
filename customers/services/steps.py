"""Locking orders and moving them along: the parts every step shares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from customers import errors
from customers.choices import OrderState
from customers.models import Order
from customers.types import StepRefused
from inventory.choices import ShipmentState
from inventory.types import DocumentShipment
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import content_hash

SOURCE = "customers.order"
# The warehouse's own steps are taken by the machine; who asked for them stands in our own fact.
KEEPER = Actor.system("customers.orders")

_ADVANCE = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(ats)s::timestamptz[]) AS given(id, at)),
moved AS (
    UPDATE customers_order o SET state = %(state)s FROM given g WHERE o.id = g.id
    RETURNING o.id, g.at)
INSERT INTO customers_orderstep (order_id, state, at, person_id)
SELECT id, %(state)s, at, %(person)s FROM moved ORDER BY id
"""


def lock(order_ids: Collection[int], *, actor: Actor, right: str) -> list[Order]:
    """Lock those orders that exist within the actor's channels, ascending by id."""
    rows = Order.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=order_ids)
    mine = actor.scope_ids("channel", "customers", right)
    if mine is not None:
        rows = rows.filter(channel_id__in=mine)
    return list(rows.order_by("pk"))


def only(order_ids: Sequence[int], *, actor: Actor, right: str) -> Order:
    """Lock one order; raises OrderMissing."""
    found = lock(order_ids, actor=actor, right=right)
    if not found:
        raise missing()
    return found[0]


def missing() -> errors.OrderMissing:
    """Return the refusal for an order that is not there or not the actor's."""
    return errors.OrderMissing("customers.order_missing", _("There is no such order."))


def absent(order_ids: Iterable[int], found: Iterable[Order]) -> list[StepRefused]:
    """Return a refusal for each id that was not found."""
    known = {order.pk for order in found}
    refusal = missing()
    return [
        StepRefused(order_id, "", refusal.code, str(refusal))
        for order_id in dict.fromkeys(order_ids)
        if order_id not in known
    ]


def wrong_state(order: Order) -> StepRefused:
    """Return the refusal for an order whose state does not allow the step."""
    return StepRefused(
        order.pk,
        order.number,
        "customers.order_state",
        _("%(number)s is %(state)s; this step does not follow.")
        % {"number": order.number, "state": order.get_state_display()},
    )


def unpaid(order: Order) -> StepRefused:
    """Return the refusal for an order that waits for its payment."""
    words = _("%(number)s is not paid yet.") % {"number": order.number}
    return refused(order, "customers.unpaid", words)


def at_work(order: Order, parcels: Iterable[DocumentShipment]) -> StepRefused | None:
    """Return the refusal for an order whose parcel is picked or packed; None when none is."""
    for parcel in parcels:
        if parcel.state in {ShipmentState.PICKED, ShipmentState.PACKED}:
            words = _("Parcel %(parcel)s of %(number)s is picked; the warehouse must reopen it.")
            told = words % {"parcel": parcel.number, "number": order.number}
            return refused(order, "customers.parcel_picked", told)
    return None


def gone(order: Order) -> StepRefused:
    """Return the refusal for an order whose goods have left."""
    words = _("The goods of %(number)s have left.") % {"number": order.number}
    return refused(order, "customers.parcel_left", words)


def refused(order: Order, code: str, reason: str) -> StepRefused:
    """Return a refusal with words of its own."""
    return StepRefused(order.pk, order.number, code, reason)


def advance(
    order_ids: Collection[int], state: OrderState, *, person_id: int | None, at: dt.datetime
) -> None:
    """Move orders into a state and write it down; the database refuses undeclared steps."""
    advance_at(dict.fromkeys(order_ids, at), state, person_id=person_id)


def advance_at(
    moments: Mapping[int, dt.datetime], state: OrderState, *, person_id: int | None
) -> None:
    """Move orders into a state, each at its own moment."""
    if not moments:
        return
    ids = sorted(moments)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADVANCE,
            {
                "state": state.value,
                "ids": ids,
                "ats": [moments[pk] for pk in ids],
                "person": person_id,
            },
        )


def record(
    orders: Sequence[Order],
    action: str,
    *,
    actor: Actor,
    at: dt.datetime,
    body: Mapping[str, Any] | None = None,
) -> None:
    """Record one fact however many orders: alone by its id, many by count and hash."""
    more = dict(body or {})
    if len(orders) == 1:
        (one,) = orders
        audit.record(
            actor=actor,
            at=at,
            action=f"customers.order_{action}",
            obj=(SOURCE, one.pk),
            body={"number": one.number, "state": one.state, **more},
        )
    elif orders:
        rows = [[str(order.pk), order.number] for order in orders]
        audit.record(
            actor=actor,
            at=at,
            action=f"customers.orders_{action}",
            body={"count": len(rows), "orders_sha256": content_hash(rows), **more},
        )
