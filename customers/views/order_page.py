"""The order page: state, price of every line explained, money, parcels, returns (V9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog.selectors import prices
from customers.choices import LineKind, OrderState
from customers.models import Order, OrderLine
from customers.selectors import book
from customers.selectors.rows import returns_of
from customers.services import orders, returns, texts
from customers.services.steps import SOURCE, missing
from customers.types import ReturnWant, StepReport
from customers.words import hold_words
from inventory.selectors import shipments, stock
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    FormScreen,
    Group,
    Lines,
    Record,
    RecordScreen,
    Related,
    StateStep,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict
from ops.engines.kernel.policy import may

_VIEW, _WORK = may("customers", "V"), may("customers", "C")
# What is held and where parcels are is shown to whoever may see the order.
_READER = Actor.system("customers.orders")
_WAY = (
    OrderState.PLACED,
    OrderState.PAID,
    OrderState.CONFIRMED,
    OrderState.ALLOCATED,
    OrderState.SHIPPED,
    OrderState.CLOSED,
)


class OrderScreen(RecordScreen):
    """`/orders/<number>/`: one order."""

    policy = _VIEW
    title = pgettext_lazy("order book", "Order")
    nav = "orders"
    list_url_name = "customers:orders"
    list_title = _("Order desk")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the order with all that belongs to it."""
        order = find(key["number"], actor)
        backs = returns_of(order_id=order.pk)
        notices = []
        if order.hold_reason:
            held = gettext("On hold: %(reason)s.") % {"reason": hold_words(order.hold_reason)}
            notices.append(("warning", held))
        return Record(
            number=order.number,
            title=order.channel.name,
            state=OrderState(order.state),
            states=_states(order),
            actions=_actions(order),
            notices=notices,
            facts=(_money(order), _delivery(order)),
            lines=(_lines(order), _parcels(order), _returns(backs)),
            related=_related(order, len(backs)),
            clauses=("SCM-2.4-03", "SCM-2.4-04"),
            subject=(SOURCE, order.pk),
        )


class ReturnForm(FormScreen):
    """`/orders/<number>/return/`: which pieces come back, and why."""

    policy = _WORK
    title = _("Take goods back")
    nav = "orders"
    submit_label = _("Note the return")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return one quantity per line of the order."""
        order = find(key["number"], actor)
        pieces = [
            Field(
                f"line{line.line_no}",
                f"{line.sku.code} {line.sku.name} ({line.quantity})",
                "quantity",
                required=False,
            )
            for line in book.lines(order_id=order.pk)
        ]
        return (
            Group(_("Pieces"), pieces),
            Group(
                _("Why"),
                (
                    Field("reason", _("Reason")),
                    Field("external_no", _("Refund number of the channel"), required=False),
                ),
            ),
        )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Note the return."""
        order = find(key["number"], actor)
        wants = [
            ReturnWant(line_no=int(name.removeprefix("line")), quantity=value)
            for name, value in values.items()
            if name.startswith("line") and value
        ]
        made = returns.request_return(
            order_id=order.pk,
            lines=wants,
            reason=values["reason"],
            external_no=values["external_no"] or "",
            actor=actor,
            at=at,
        )
        words = gettext("Return %(number)s is noted.") % {"number": made.number}
        return Done(message=words, href=reverse("customers:return", args=[made.id]))

    def back_url(self, **key: Any) -> str:
        """Return to the order."""
        return reverse("customers:order", args=[key["number"]])


def find(number: str, actor: Actor) -> Order:
    """Return an order by number; raises OrderMissing."""
    order = book.orders(actor=actor).filter(number=number).first()
    if order is None:
        raise missing()
    return order


def _states(order: Order) -> list[StateStep]:
    moments = {moment.state: moment.at for moment in book.timeline(order)}
    if order.state == OrderState.CANCELLED:
        way = [*(state for state in _WAY if state in moments), OrderState.CANCELLED]
    else:
        way = [s for s in _WAY if s in moments or s in _WAY[3:] or s == order.state]
    if order.state not in way:
        way.insert(way.index(OrderState.SHIPPED) + 1, OrderState(order.state))
    here = way.index(OrderState(order.state))
    steps = []
    for place, state in enumerate(way):
        when = "past" if place < here else "now" if place == here else "next"
        if state == OrderState.CANCELLED or (when == "now" and order.hold_reason):
            when = "stopped"
        due = order.ship_by if state == OrderState.SHIPPED and when == "next" else None
        note = Fact(title="", value=moments.get(state), kind="moment").text
        shown = note if state in moments else ""
        steps.append(StateStep(title=state.label, when=when, note=shown, due_at=due))
    return steps


def _actions(order: Order) -> tuple[Action, ...]:
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
            run=lambda _v, who, at: _one(
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
            run=lambda values, who, at: _one(
                orders.hold(order_ids=[order.pk], actor=who, at=at, **values), gettext("On hold.")
            ),
            policy=_WORK,
            why_not=shipped,
            fields=(Field("reason", _("Reason")),),
            shortcut="h",
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


def _one(report: StepReport, words: str) -> Done:
    if report.refused:
        (one,) = report.refused
        raise Conflict(one.code, one.reason)
    return Done(message=words)


def _cancelled(order: Order, reason: str, actor: Actor, at: dt.datetime) -> Done:
    orders.cancel(order_id=order.pk, reason=reason, actor=actor, at=at)
    return Done(message=gettext("%(number)s is cancelled.") % {"number": order.number})


def _money(order: Order) -> FactGroup:
    return FactGroup(
        title=_("Money"),
        facts=(
            Fact(title=_("Total"), value=order.total, kind="money"),
            Fact(title=_("Tax in the total"), value=order.tax, kind="money"),
            Fact(title=_("Currency"), value=order.currency),
            Fact(title=_("Paid at"), value=order.paid_at, kind="moment"),
            Fact(title=_("Channel order number"), value=order.external_no, kind="code"),
            Fact(title=_("Placed at"), value=order.placed_at, kind="moment"),
        ),
    )


def _delivery(order: Order) -> FactGroup:
    recipient = texts.masked_recipient(order_id=order.pk)
    href = reverse("customers:customer", args=[order.customer_id]) if order.customer_id else ""
    return FactGroup(
        title=_("Recipient"),
        facts=(
            Fact(
                title=_("Buyer"),
                value=order.customer.code if order.customer else "",
                href=href,
            ),
            Fact(title=pgettext_lazy("order book", "Name"), value=recipient.get("name", "")),
            Fact(title=_("Phone"), value=recipient.get("phone", "")),
            Fact(title=_("Address"), value=recipient.get("address", ""), is_wide=True),
            Fact(title=_("Country or region"), value=order.country),
            Fact(title=_("Warehouse"), value=order.warehouse.name if order.warehouse else ""),
        ),
    )


def _lines(order: Order) -> Lines:
    rows = list(book.lines(order_id=order.pk))
    in_force = prices.price_at(
        sku_ids=[line.sku_id for line in rows], channel_id=order.channel_id, at=order.placed_at
    )
    held = dict(
        stock.reservations(actor=_READER)
        .filter(source_type=SOURCE, source_id=order.pk, state="open")
        .values_list("source_line", "quantity")
    )
    return Lines(
        _("Lines"),
        (
            Column("line_no", _("Line"), "number"),
            Column(
                "sku",
                _("SKU"),
                "code",
                value=lambda row: row.sku.code,
                sub=lambda row: row.sku.name,
            ),
            Column("quantity", _("Pieces"), "number"),
            Column("held", _("Held"), "number", value=lambda row: held.get(row.line_no)),
            Column("unit_price", _("Unit price"), "money"),
            Column(
                "why", _("Why this price"), value=lambda row: _why(row, in_force.get(row.sku_id))
            ),
            Column("amount", _("Amount"), "money"),
        ),
        rows,
        total={"amount": order.total},
    )


def _why(line: OrderLine, price: Decimal | None) -> str:
    """Say where a unit price comes from, against the price in force when the order was placed."""
    if line.kind == LineKind.GIFT:
        return gettext("A gift")
    if line.kind == LineKind.CORRECTION:
        return gettext("A correction, no sale")
    if price is None:
        return gettext("Given by the channel; no price of ours was in force")
    if line.unit_price == price:
        return gettext("The price in force when the order was placed")
    words = gettext("Given by the channel; ours was %(price)s (%(difference)s)")
    return words % {"price": f"{price:.2f}", "difference": f"{line.unit_price - price:+.2f}"}


def _parcels(order: Order) -> Lines:
    rows = shipments.shipments(actor=_READER).filter(source_type=SOURCE, source_id=order.pk)
    return Lines(
        _("Parcels"),
        (
            Column(
                "number",
                _("Shipment"),
                "code",
                href=lambda s: reverse("inventory:shipment", args=[s.pk]),
            ),
            Column("warehouse", _("Warehouse"), value=lambda s: s.warehouse.name),
            Column("carrier", _("Carrier")),
            Column("tracking_no", _("Tracking number"), "code"),
            Column("shipped_at", _("Shipped at"), "moment"),
            Column("state", _("State"), "badge"),
        ),
        list(rows.order_by("pk")),
        empty=_("No parcel yet."),
    )


def _returns(backs: Sequence[Any]) -> Lines:
    return Lines(
        _("Returns"),
        (
            Column(
                "number",
                pgettext_lazy("order book", "Return"),
                "code",
                href=lambda r: reverse("customers:return", args=[r.pk]),
            ),
            Column("reason", _("Reason")),
            Column("total", _("Total"), "money"),
            Column("state", _("State"), "badge"),
        ),
        list(backs),
        empty=_("Nothing came back."),
    )


def _related(order: Order, backs: int) -> tuple[Related, ...]:
    found = [Related(title=_("Returns"), count=backs)]
    if order.customer_id:
        others = book.orders(actor=_READER).filter(customer_id=order.customer_id).count()
        found.append(
            Related(
                title=_("Orders of this buyer"),
                count=others,
                href=reverse("customers:customer", args=[order.customer_id]),
            )
        )
    found.append(Related(title=_("Vouchers"), href=f"{reverse('desk:find')}?q={order.number}"))
    return tuple(found)
