"""Goods coming back in the simplest form: asked for, accepted or refused, refunded (SCM-2.4-08)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from customers import errors, rules
from customers.choices import OrderState, ReturnState
from customers.events import ReturnAccepted
from customers.models import Order, OrderLine, Return, ReturnLine
from customers.services import refunding, steps
from customers.services.refunding import Owed
from customers.types import ReturnInfo, ReturnWant
from inventory.services import returns as goods
from inventory.types import ReturnedLine, Source
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.numbering import services as numbering

SOURCE = "customers.return"
SERIES = "RT"
# The warehouse's own step is taken by the machine; who accepted stands in our own fact.
_KEEPER = Actor.system("customers.returns")
_RETURNABLE = frozenset(
    {
        OrderState.SHIPPED,
        OrderState.DELIVERED,
        OrderState.RECEIVED,
        OrderState.CLOSED,
        OrderState.REFUNDING,
    }
)


def request_return(
    *,
    order_id: int,
    lines: Sequence[ReturnWant],
    reason: str,
    actor: Actor,
    at: dt.datetime,
    external_no: str = "",
    keeps_gifts: bool = False,
    refunds_shipping: bool = False,
) -> ReturnInfo:
    """Note that a buyer wants to send goods back.

    `external_no` is the channel's refund number; without one our own number stands for it. With
    `keeps_gifts` the worth of gifts that are due and do not come is kept back, with
    `refunds_shipping` what was paid of the shipping fee goes back too. Raises OrderMissing,
    ReturnRefused (nothing shipped, more than was sold, gifts due, no fee left, no reason), and on a
    refund number that exists.
    """
    if not reason.strip():
        raise errors.ReturnRefused(
            "customers.return_reason", _("State why the goods come back."), field="reason"
        )
    with transaction.atomic():
        order = steps.only([order_id], actor=actor, right="C")
        if order.state not in _RETURNABLE:
            raise errors.ReturnRefused(
                "customers.return_unshipped",
                _("%(number)s has not been shipped; cancel it instead.") % {"number": order.number},
            )
        if external_no and _is_known(order, external_no):
            raise errors.ReturnRefused(
                "customers.return_known",
                _("Refund %(number)s is in the book already.") % {"number": external_no},
                field="external_no",
            )
        sold = {line.line_no: line for line in order.lines.all()}
        _refuse_too_much(order, sold, lines)
        before = _worth_back(order)
        owed = refunding.owed(
            order, sold, lines, keeps_gifts=keeps_gifts, refunds_shipping=refunds_shipping
        )
        worth = owed.total
        (number,) = numbering.take(SERIES, at=at)
        made = Return.objects.create(
            number=number,
            channel_id=order.channel_id,
            external_no=external_no or number,
            order=order,
            customer_id=order.customer_id,
            warehouse_id=order.warehouse_id,
            country=order.country,
            state=ReturnState.REQUESTED,
            reason=reason.strip()[:200],
            currency=order.currency,
            total=rules.cents(before + worth) - rules.cents(before),
            tax=_tax(order, before + worth) - _tax(order, before),
            gift_value=owed.gift_value,
            shipping=owed.shipping,
            requested_at=at,
            business_day=business_day(at),
        )
        ReturnLine.objects.bulk_create(_lines(made, sold, lines, owed))
        _record(made, "requested", actor=actor, at=at)
    return _described(made)


def accept_return(*, return_id: int, actor: Actor, at: dt.datetime) -> ReturnInfo:
    """Take the goods into quarantine and owe the buyer the money from today on.

    Raises OrderMissing, ReturnRefused in another state, and what the warehouse refuses.
    """
    day = business_day(at)
    with transaction.atomic():
        order, back = _lock(return_id, actor, ReturnState.REQUESTED)
        back.state, back.decided_at, back.business_day = ReturnState.ACCEPTED, at, day
        Return.objects.filter(pk=back.pk).update(state=back.state, decided_at=at, business_day=day)
        if order.state != OrderState.REFUNDING:
            steps.advance([order.pk], OrderState.REFUNDING, person_id=actor.person_id, at=at)
        lines = list(back.lines.select_related("sku").order_by("line_no"))
        kept = [line for line in lines if line.sku.kind == "goods"]
        if kept:
            goods.accept_return(
                key=f"{SOURCE}:{back.pk}",
                source=Source(type=SOURCE, id=back.pk),
                origin=Source(type=steps.SOURCE, id=order.pk),
                warehouse_id=order.warehouse_id or 0,
                lines=[
                    ReturnedLine(line=line.line_no, sku_id=line.sku_id, quantity=line.quantity)
                    for line in kept
                ],
                actor=_KEEPER,
                at=at,
                business_day=day,
            )
        _record(back, "accepted", actor=actor, at=at)
        publish(ReturnAccepted(return_id=back.pk, dated_on=day))
    return _described(back)


def refuse_return(*, return_id: int, reason: str, actor: Actor, at: dt.datetime) -> ReturnInfo:
    """Refuse a return with a reason; its pieces may be asked for again.

    Raises OrderMissing, ReturnRefused in another state or without a reason.
    """
    if not reason.strip():
        raise errors.ReturnRefused(
            "customers.refusal_reason", _("State why the return is refused."), field="reason"
        )
    with transaction.atomic():
        _order, back = _lock(return_id, actor, ReturnState.REQUESTED)
        back.state, back.decided_at = ReturnState.REFUSED, at
        Return.objects.filter(pk=back.pk).update(state=back.state, decided_at=at)
        _record(back, "refused", actor=actor, at=at, reason=reason.strip())
    return _described(back)


def note_refund(*, return_id: int, actor: Actor, at: dt.datetime) -> ReturnInfo:
    """Note that the buyer has the money back; the order closes when nothing else is owed.

    Raises OrderMissing, ReturnRefused in another state.
    """
    with transaction.atomic():
        order, back = _lock(return_id, actor, ReturnState.ACCEPTED)
        back.state = ReturnState.REFUNDED
        Return.objects.filter(pk=back.pk).update(state=back.state)
        owed = Return.objects.filter(order=order, state=ReturnState.ACCEPTED).exists()
        if not owed and order.state == OrderState.REFUNDING:
            steps.advance([order.pk], OrderState.CLOSED, person_id=actor.person_id, at=at)
        _record(back, "refunded", actor=actor, at=at)
    return _described(back)


def _lock(return_id: int, actor: Actor, state: ReturnState) -> tuple[Order, Return]:
    """Lock the order first, then its return."""
    owner = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if owner is None:
        raise steps.missing()
    order = steps.only([owner], actor=actor, right="P")
    back = Return.objects.select_for_update(of=("self",), no_key=True).get(pk=return_id)
    if back.state != state:
        raise errors.ReturnRefused(
            "customers.return_state",
            _("%(number)s is %(state)s; this step does not follow.")
            % {"number": back.number, "state": back.get_state_display()},
            state=back.state,
        )
    return order, back


def _is_known(order: Order, external_no: str) -> bool:
    return Return.objects.filter(channel_id=order.channel_id, external_no=external_no).exists()


def _refuse_too_much(order: Order, sold: dict[int, OrderLine], lines: Sequence[ReturnWant]) -> None:
    if not lines or len({want.line_no for want in lines}) != len(lines):
        raise errors.ReturnRefused(
            "customers.return_lines", _("Name at least one line, and each line once.")
        )
    back = Counter(
        dict(
            ReturnLine.objects.filter(back__order=order)
            .exclude(back__state=ReturnState.REFUSED)
            .values_list("line_no")
            .annotate(pieces=Sum("quantity"))
            .order_by()
        )
    )
    for want in lines:
        line = sold.get(want.line_no)
        left = (line.quantity if line else 0) - back[want.line_no]
        if not 1 <= want.quantity <= left:
            raise errors.ReturnRefused(
                "customers.return_too_much",
                _("Line %(line)s: %(wanted)s to come back, %(left)s left of what was sold.")
                % {"line": want.line_no, "wanted": want.quantity, "left": left},
                line=want.line_no,
                left=left,
            )


def _lines(
    made: Return, sold: dict[int, OrderLine], lines: Sequence[ReturnWant], owed: Owed
) -> list[ReturnLine]:
    return [
        ReturnLine(
            back=made,
            line_no=want.line_no,
            sku_id=sold[want.line_no].sku_id,
            quantity=want.quantity,
            unit_price=sold[want.line_no].unit_price,
            discount=sold[want.line_no].unit_price * want.quantity - owed.amounts[want.line_no],
            amount=owed.amounts[want.line_no],
        )
        for want in sorted(lines, key=lambda want: want.line_no)
    ]


def _worth_back(order: Order) -> Decimal:
    """Return the exact worth of what came back before: less what was kept for gifts, with fees."""
    lines = ReturnLine.objects.filter(back__order=order).exclude(back__state=ReturnState.REFUSED)
    worth = lines.aggregate(worth=Sum("amount"))["worth"]
    return worth + _beside(order) if worth is not None else Decimal(0)


def _beside(order: Order) -> Decimal:
    """Return what went back of the fee, less what was kept back for gifts."""
    backs = Return.objects.filter(order=order).exclude(state=ReturnState.REFUSED)
    found = backs.aggregate(fees=Sum("shipping"), kept=Sum("gift_value"))
    return (found["fees"] or Decimal(0)) - (found["kept"] or Decimal(0))


def _tax(order: Order, worth: Decimal) -> Decimal:
    return rules.share(order.tax, worth, order.total)


def _record(back: Return, action: str, *, actor: Actor, at: dt.datetime, reason: str = "") -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"customers.return_{action}",
        obj=(SOURCE, back.pk),
        body={
            "number": back.number,
            "order": back.order_id,
            "total": str(back.total),
            "reason": reason or back.reason,
        },
    )


def _described(back: Return) -> ReturnInfo:
    return ReturnInfo(back.pk, back.number, back.state, back.total)
