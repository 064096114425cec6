"""What may be done with an order from its page, and why not."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from customers.choices import OrderPath, OrderState
from customers.models import Order
from customers.selectors import book, fulfilment
from customers.services import merging, notes, orders
from customers.types import StepReport
from customers.views.order_opened import Opened
from inventory.choices import ShipmentState
from ops.engines.desk.screens import (
    Action,
    Done,
    Field,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict
from ops.engines.kernel.policy import may

_VIEW, _WORK = may("customers", "V"), may("customers", "C")
_READER = Actor.system("customers.orders")


def actions_of(opened: Opened) -> tuple[Action, ...]:
    """Return every action of the page; those not allowed say why."""
    order = opened.order
    before = order.state in book.TO_SHIP
    shipped = (
        "" if before else gettext("The order is %(state)s.") % {"state": order.get_state_display()}
    )
    ready = order.state == OrderState.ALLOCATED and not order.hold_reason
    unpaid = order.state == OrderState.PLACED and order.path == "prepaid"
    why_not = shipped
    if before:
        why_not = gettext("It is confirmed already.") if ready else ""
        why_not = gettext("It is not paid yet.") if unpaid else why_not
    parts = [
        Action(
            key="confirm",
            label=_("Confirm"),
            run=lambda _v, who, at: done_with(
                orders.confirm(order_ids=[order.pk], actor=who, at=at), gettext("Confirmed.")
            ),
            policy=_WORK,
            why_not=why_not,
            is_primary=not ready and before,
            shortcut="v",
        ),
        Action(
            key="hold",
            label=_("Hold"),
            run=lambda values, who, at: done_with(
                orders.hold(order_ids=[order.pk], actor=who, at=at, **values), gettext("On hold.")
            ),
            policy=_WORK,
            why_not=shipped,
            fields=(Field("reason", _("Reason")),),
            shortcut="h",
        ),
        *_parcel_actions(opened, shipped),
        Action(
            key="note",
            label=pgettext_lazy("order book", "Note"),
            run=lambda values, who, at: done_with(
                notes.add_note(order_ids=[order.pk], actor=who, at=at, **values), gettext("Noted.")
            ),
            policy=_WORK,
            fields=(Field("text", pgettext_lazy("order book", "Note"), most=notes.LONGEST),),
            shortcut="n",
        ),
        Action(
            key="cancel",
            label=_("Cancel order"),
            run=lambda values, who, at: _cancelled(order, values["reason"], who, at),
            policy=_WORK,
            why_not=shipped,
            fields=(Field("reason", _("Reason")),),
            confirm=gettext("Order %(number)s ends here and its goods are set free.")
            % {"number": order.number},
            is_danger=True,
        ),
    ]
    gone = OrderState(order.state) not in {*book.TO_SHIP, OrderState.CANCELLED}
    parts.append(
        Action(
            key="return",
            label=_("Take goods back"),
            href=reverse("customers:order-return", args=[order.number]) if gone else "",
            policy=_WORK,
            why_not="" if gone else gettext("Nothing has been shipped."),
        )
    )
    return tuple(parts)


def _parcel_actions(opened: Opened, shipped: str) -> tuple[Action, ...]:
    """Return what may be done about how an order leaves, or why it may not."""
    order, why_not = opened.order, shipped
    for parcel in opened.parcels:
        if parcel.state in {ShipmentState.PICKED, ShipmentState.PACKED}:
            words = gettext("Parcel %(number)s is picked; the warehouse must reopen it.")
            why_not = why_not or words % {"number": parcel.number}
    if not why_not and order.state == OrderState.PLACED and order.path == OrderPath.PREPAID:
        why_not = gettext("It is not paid yet.")
    return (
        Action(
            key="move",
            label=_("Change warehouse"),
            href="" if why_not else reverse("customers:order-move", args=[order.number]),
            policy=_WORK,
            why_not=why_not,
        ),
        Action(
            key="split",
            label=_("Send a part first"),
            href="" if why_not else reverse("customers:order-split", args=[order.number]),
            policy=_WORK,
            why_not=why_not,
        ),
        _apart(order, why_not) if opened.is_joined else _together(order, why_not),
    )


def _apart(order: Order, why_not: str) -> Action:
    return Action(
        key="unmerge",
        label=_("Undo the joint parcel"),
        run=lambda _v, who, at: _unmerged(order, who, at),
        policy=_WORK,
        why_not=why_not,
    )


def _together(order: Order, why_not: str) -> Action:
    if not why_not and order.pk not in fulfilment.alike(order_ids=[order.pk]):
        why_not = gettext("No other order goes to the same recipient.")
    return Action(
        key="merge",
        label=_("Join in one parcel"),
        run=lambda _v, who, at: done_with(
            merging.merge_alike(order_ids=[order.pk], actor=who, at=at),
            gettext("The orders go out in one parcel."),
        ),
        policy=_WORK,
        why_not=why_not,
        shortcut="m",
    )


def _unmerged(order: Order, actor: Actor, at: dt.datetime) -> Done:
    merging.unmerge(order_id=order.pk, actor=actor, at=at)
    return Done(message=gettext("The orders go out one by one."))


def done_with(report: StepReport, words: str) -> Done:
    """Return the words of success, or raise Conflict with the reason of the refusal."""
    if report.refused:
        (one,) = report.refused
        raise Conflict(one.code, one.reason)
    return Done(message=words)


def _cancelled(order: Order, reason: str, actor: Actor, at: dt.datetime) -> Done:
    orders.cancel(order_id=order.pk, reason=reason, actor=actor, at=at)
    return Done(message=gettext("%(number)s is cancelled.") % {"number": order.number})
