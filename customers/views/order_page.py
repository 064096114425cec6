"""The order page: state, price of every line explained, money, parcels, returns (V9)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog.choices import SkuKind
from catalog.selectors import prices
from customers.choices import LineKind, OrderPath, OrderState
from customers.models import Order, OrderLine, OrderMerge, OrderPart, Return
from customers.selectors import book, fulfilment
from customers.selectors.rows import notes_of, returns_of
from customers.services import merging, moving, notes, orders, returns, splitting, texts
from customers.services.steps import SOURCE, missing
from customers.types import ReturnWant, StepReport
from customers.words import hold_words
from inventory.choices import ShipmentState
from inventory.selectors import places, shipments, stock
from inventory.types import Source
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
from ops.engines.kernel.classified import DataClass
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


@dataclass(frozen=True, slots=True)
class _Opened:
    """An order with what its page shows in several places, each read once."""

    order: Order
    lines: Sequence[OrderLine]
    parts: Sequence[OrderPart]
    parcels: Sequence[Any]
    held: Mapping[int, int]
    backs: Sequence[Return]

    @property
    def is_joined(self) -> bool:
        """Say whether it shares a parcel."""
        return any(parcel.parcel_id for parcel in self.parcels)


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
        opened = _opened(order)
        notices = []
        if order.hold_reason:
            held = gettext("On hold: %(reason)s.") % {"reason": hold_words(order.hold_reason)}
            notices.append(("warning", held))
        return Record(
            number=order.number,
            title=order.channel.name,
            state=OrderState(order.state),
            states=_states(order),
            actions=_actions(opened),
            notices=notices,
            facts=(_money(opened, at), _delivery(order)),
            lines=(*_goods(opened), _parcels(opened), _returns(opened.backs), *_notes(order)),
            related=_related(order, len(opened.backs)),
            clauses=("SCM-2.4-03", "SCM-2.4-04"),
            subject=(SOURCE, order.pk),
        )


class MoveForm(FormScreen):
    """`/orders/<number>/move/`: which other warehouse serves the order."""

    policy = _WORK
    title = _("Change warehouse")
    nav = "orders"
    submit_label = _("Change warehouse")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the other warehouses, each with whether it can hold the whole order."""
        order = find(key["number"], actor)
        field = Field("warehouse", _("Warehouse"), "choice", choices=_elsewhere(order))
        return (Group(_("Warehouse"), (field,)),)

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Move the order."""
        order = find(key["number"], actor)
        report = moving.move_orders(
            order_ids=[order.pk], warehouse_id=int(values["warehouse"]), actor=actor, at=at
        )
        done = _one(report, gettext("The warehouse is changed."))
        return Done(message=done.message, href=self.back_url(**key))

    def back_url(self, **key: Any) -> str:
        """Return to the order."""
        return reverse("customers:order", args=[key["number"]])


class SplitForm(FormScreen):
    """`/orders/<number>/split/`: which pieces leave now; the others follow."""

    policy = _WORK
    title = _("Send a part first")
    nav = "orders"
    submit_label = _("Divide the order")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return one quantity per line that can still be divided."""
        order = find(key["number"], actor)
        pieces = fulfilment.pieces(order_ids=[order.pk])
        last = max((piece.part_no for piece in pieces), default=1)
        rest = {piece.line_no: piece.quantity for piece in pieces if piece.part_no == last}
        skus = {line.line_no: line.sku for line in book.lines(order_id=order.pk)}
        free = stock.available(
            sku_ids={sku.pk for sku in skus.values()}, warehouse_ids=[order.warehouse_id or 0]
        )
        held = dict(_held(order))
        fields = []
        for line_no, quantity in rest.items():
            sku = skus[line_no]
            there = held.get(line_no, 0) or free.get((sku.pk, order.warehouse_id or 0), 0)
            words = gettext("%(there)s available, %(quantity)s needed")
            fields.append(
                Field(
                    f"line{line_no}",
                    f"{sku.code} {sku.name}",
                    "quantity",
                    required=False,
                    hint=words % {"there": there, "quantity": quantity},
                )
            )
        return (Group(_("Pieces that leave now"), fields),)

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Divide the order."""
        order = find(key["number"], actor)
        now = {int(name.removeprefix("line")): value or 0 for name, value in values.items()}
        made = splitting.split(order_id=order.pk, now=now, actor=actor, at=at)
        words = gettext("%(number)s: %(now)s pieces leave now, %(later)s follow.")
        told = {"number": made.number, "now": made.now, "later": made.later}
        return Done(message=words % told, href=self.back_url(**key))

    def back_url(self, **key: Any) -> str:
        """Return to the order."""
        return reverse("customers:order", args=[key["number"]])


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


def _opened(order: Order) -> _Opened:
    rows = shipments.shipments(actor=_READER).filter(source_type=SOURCE, source_id=order.pk)
    return _Opened(
        order,
        list(book.lines(order_id=order.pk)),
        list(OrderPart.objects.filter(order=order).order_by("part_no", "line_no")),
        list(rows.order_by("pk")),
        dict(_held(order)),
        returns_of(order_id=order.pk),
    )


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


def _actions(opened: _Opened) -> tuple[Action, ...]:
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
        *_parcel_actions(opened, shipped),
        Action(
            key="note",
            label=pgettext_lazy("order book", "Note"),
            run=lambda values, who, at: _one(
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


def _parcel_actions(opened: _Opened, shipped: str) -> tuple[Action, ...]:
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
        run=lambda _v, who, at: _one(
            merging.merge_alike(order_ids=[order.pk], actor=who, at=at),
            gettext("The orders go out in one parcel."),
        ),
        policy=_WORK,
        why_not=why_not,
        shortcut="m",
    )


def _elsewhere(order: Order) -> list[tuple[str, str]]:
    """Return the other warehouses, each with whether it can hold the whole order."""
    need: Counter[int] = Counter()
    for piece in fulfilment.pieces(order_ids=[order.pk]):
        need[piece.sku_id] += piece.quantity
    free = stock.available(sku_ids=need)
    found = []
    for place in places.warehouses(actor=_READER):
        if place.pk == order.warehouse_id:
            continue
        lacks = sum(free.get((sku, place.pk), 0) < n for sku, n in need.items())
        words = (
            gettext("%(place)s (lacks %(count)s of %(skus)s SKUs)")
            if lacks
            else gettext("%(place)s (can hold all of it)")
        )
        told = {"place": place.name, "count": lacks, "skus": len(need)}
        found.append((str(place.pk), words % told))
    return found


def _unmerged(order: Order, actor: Actor, at: dt.datetime) -> Done:
    merging.unmerge(order_id=order.pk, actor=actor, at=at)
    return Done(message=gettext("The orders go out one by one."))


def _held(order: Order) -> list[tuple[int, int]]:
    """Return (line held for, pieces) of what is held now."""
    rows = stock.reservations(actor=_READER).filter(
        source_type=SOURCE, source_id=order.pk, state="open"
    )
    return list(rows.values_list("source_line", "quantity"))


def _one(report: StepReport, words: str) -> Done:
    if report.refused:
        (one,) = report.refused
        raise Conflict(one.code, one.reason)
    return Done(message=words)


def _cancelled(order: Order, reason: str, actor: Actor, at: dt.datetime) -> Done:
    orders.cancel(order_id=order.pk, reason=reason, actor=actor, at=at)
    return Done(message=gettext("%(number)s is cancelled.") % {"number": order.number})


def _money(opened: _Opened, at: dt.datetime) -> FactGroup:
    """Return what is owed, what came in, what it cost and what is left of it without tax."""
    order = opened.order
    owed_back = [back for back in opened.backs if back.state not in {"requested", "refused"}]
    refunded = sum((back.total for back in owed_back), Decimal(0))
    net = order.total - order.tax - refunded + sum((back.tax for back in owed_back), Decimal(0))
    cost, is_final = _cost(opened, at)
    cost_title = _("Cost of the goods") if is_final else _("Cost of the goods (of now)")
    is_in = order.paid_at is not None
    return FactGroup(
        title=_("Money"),
        facts=(
            Fact(title=_("Receivable"), value=order.total, kind="money"),
            Fact(title=_("Received"), value=order.total if is_in else Decimal(0), kind="money"),
            Fact(title=_("Refunded"), value=refunded, kind="money"),
            Fact(title=_("Tax in the total"), value=order.tax, kind="money"),
            Fact(title=cost_title, value=cost, kind="money", data=DataClass.COST),
            Fact(
                title=_("Gross margin without tax"),
                value=None if cost is None else net - cost,
                kind="money",
                data=DataClass.COST,
            ),
            Fact(title=_("Currency"), value=order.currency),
            Fact(title=_("Paid at"), value=order.paid_at, kind="moment"),
            Fact(title=_("Channel order number"), value=order.external_no, kind="code"),
            Fact(title=_("Placed at"), value=order.placed_at, kind="moment"),
        ),
    )


def _cost(opened: _Opened, at: dt.datetime) -> tuple[Decimal | None, bool]:
    """Return what the goods cost and whether they left at that; None when one is uncosted."""
    order = opened.order
    if order.state not in {*book.TO_SHIP, OrderState.CANCELLED}:
        posted = shipments.cost_of(source=Source(type=SOURCE, id=order.pk))
        if posted is not None:
            value, is_costed = posted
            return (value if is_costed else None), True
    goods = [line for line in opened.lines if line.sku.kind == SkuKind.GOODS]
    costs = stock.unit_costs(sku_ids={line.sku_id for line in goods}, at=at)
    if any(line.sku_id not in costs for line in goods):
        return None, False
    return sum((line.quantity * costs[line.sku_id] for line in goods), Decimal(0)), False


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


def _goods(opened: _Opened) -> tuple[Lines, ...]:
    """Return the lines of an order, and its parts when it is divided."""
    order, rows = opened.order, opened.lines
    in_force = prices.price_at(
        sku_ids=[line.sku_id for line in rows], channel_id=order.channel_id, at=order.placed_at
    )
    held, parts = opened.held, opened.parts
    by_line: Counter[int] = Counter()
    names = {part.source_line: part.line_no for part in parts}
    for source_line, quantity in held.items():
        by_line[names.get(source_line, source_line)] += quantity
    lines = Lines(
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
            Column("held", _("Held"), "number", value=lambda row: by_line.get(row.line_no)),
            Column(
                "in_force", _("Approved price"), "money", value=lambda row: in_force.get(row.sku_id)
            ),
            Column("unit_price", _("Unit price"), "money"),
            Column(
                "difference",
                _("Difference"),
                "money",
                value=lambda row: _difference(row, in_force.get(row.sku_id)),
            ),
            Column(
                "why", _("Why this price"), value=lambda row: _why(row, in_force.get(row.sku_id))
            ),
            Column("amount", _("Amount"), "money"),
        ),
        rows,
        total={"amount": order.total},
    )
    return (
        (lines, _parts(parts, {line.line_no: line for line in rows}, held)) if parts else (lines,)
    )


def _parts(
    parts: Sequence[OrderPart], lines: Mapping[int, OrderLine], held: Mapping[int, int]
) -> Lines:
    def standing(part: OrderPart) -> str:
        if part.left_at is not None:
            return gettext("has left")
        return gettext("held") if part.source_line in held else gettext("waits for goods")

    return Lines(
        _("Parts"),
        (
            Column("part_no", _("Part"), "number"),
            Column("sku", _("SKU"), "code", value=lambda part: lines[part.line_no].sku.code),
            Column("quantity", _("Pieces"), "number"),
            Column("standing", _("State"), value=standing),
            Column("left_at", _("Left at"), "moment"),
        ),
        parts,
    )


def _difference(line: OrderLine, price: Decimal | None) -> Decimal | None:
    return line.unit_price - price if price is not None and line.kind == LineKind.SALE else None


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


def _parcels(opened: _Opened) -> Lines:
    found = opened.parcels
    mates = _mates(opened.order, [parcel.parcel_id for parcel in found if parcel.parcel_id])
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
            Column("with", _("Together with"), value=lambda s: mates.get(s.parcel_id, "")),
            Column("shipped_at", _("Shipped at"), "moment"),
            Column("state", _("State"), "badge", value=lambda s: ShipmentState(s.state)),
        ),
        found,
        empty=_("No parcel yet."),
    )


def _mates(order: Order, parcel_ids: Collection[int]) -> dict[int | None, str]:
    """Return the numbers of the orders this one shares parcels with, by joint parcel."""
    if not parcel_ids:
        return {}
    rows = OrderMerge.objects.filter(parcel_id__in=parcel_ids).exclude(order=order)
    found: dict[int | None, list[str]] = {}
    for parcel_id, number in rows.order_by("order_id").values_list("parcel_id", "order__number"):
        found.setdefault(parcel_id, []).append(number)
    return {parcel_id: " ".join(numbers) for parcel_id, numbers in found.items()}


def _notes(order: Order) -> tuple[Lines, ...]:
    rows = notes_of(order_id=order.pk)
    columns = (
        Column("at", _("At"), "moment"),
        Column("text", pgettext_lazy("order book", "Note")),
    )
    return (Lines(pgettext_lazy("order book", "Notes"), columns, rows),) if rows else ()


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
