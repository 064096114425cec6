"""The order page: state, price of every line explained, money, parcels, returns (V9)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog.choices.goods import SkuKind
from catalog.selectors import prices, promotions
from customers.choices import LineKind, OrderState
from customers.models import (
    Order,
    OrderDiscount,
    OrderGift,
    OrderLine,
    OrderMerge,
    OrderPart,
)
from customers.selectors import book
from customers.services import texts
from customers.services.judging import FEE
from customers.services.steps import SOURCE
from customers.views.order_actions import actions_of
from customers.views.order_opened import Opened, opened_by
from customers.words import hold_words
from inventory.choices import ShipmentState
from inventory.selectors import shipments, stock
from inventory.types import Source
from ops.engines.desk.screens import (
    Column,
    Fact,
    FactGroup,
    Lines,
    Record,
    RecordScreen,
    Related,
    StateStep,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.policy import may

_VIEW = may("customers", "V")
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
        opened = opened_by(key["number"], actor)
        order = opened.order
        notices = []
        if order.hold_reason:
            held = gettext("On hold: %(reason)s.") % {"reason": hold_words(order.hold_reason)}
            notices.append(("warning", held))
        return Record(
            number=order.number,
            title=order.channel.name,
            state=OrderState(order.state),
            states=_states(order, opened.story.entered),
            actions=actions_of(opened),
            notices=notices,
            facts=(_money(opened, at), _delivery(order)),
            lines=(
                *_goods(opened),
                *_discounts(opened),
                _parcels(opened),
                _returns(opened.backs),
                *_notes(opened.story.notes),
            ),
            related=_related(order, len(opened.backs), opened.story.buyer_orders),
            clauses=("SCM-2.4-03", "SCM-2.4-04"),
            subject=(SOURCE, order.pk),
        )


def _states(order: Order, moments: Mapping[str, dt.datetime]) -> list[StateStep]:
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


def _money(opened: Opened, at: dt.datetime) -> FactGroup:
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
            *_fee(order),
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
            *((Fact(title=_("Member tier"), value=order.tier, kind="code"),) if order.tier else ()),
        ),
    )


def _fee(order: Order) -> tuple[Fact, ...]:
    """Return the shipping fee in the total, and what promotions took off it."""
    if not order.shipping:
        return ()
    off = Fact(title=_("Off the shipping fee"), value=-order.shipping_discount, kind="money")
    fee = Fact(title=_("Shipping fee"), value=order.shipping, kind="money")
    return (fee, off) if order.shipping_discount else (fee,)


def _cost(opened: Opened, at: dt.datetime) -> tuple[Decimal | None, bool]:
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
    recipient = texts.masked_recipient_of(order)
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


def _goods(opened: Opened) -> tuple[Lines, ...]:
    """Return the lines of an order, and its parts when it is divided."""
    order, rows = opened.order, opened.lines
    in_force = prices.price_at(
        sku_ids=[line.sku_id for line in rows],
        channel_id=order.channel_id,
        tier=order.tier,
        at=order.placed_at,
    )
    held, parts = opened.held, opened.parts
    givers = {gift.line_no: gift.promotion.number for gift in opened.gifts}
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
                "why",
                _("Why this price"),
                value=lambda row: _why(row, in_force.get(row.sku_id), givers.get(row.line_no, "")),
            ),
            *((Column("discount", _("Discount"), "money"),) if opened.discounts else ()),
            Column("amount", _("Amount"), "money"),
        ),
        rows,
        total={"amount": order.total - order.shipping_net},
    )
    return (
        (lines, _parts(parts, {line.line_no: line for line in rows}, held)) if parts else (lines,)
    )


def _discounts(opened: Opened) -> tuple[Lines, ...]:
    """Return every discount and gift as a line of its own, each with its promotion."""
    if not opened.discounts and not opened.gifts:
        return ()
    skus = {line.line_no: line.sku for line in opened.lines}
    columns = (
        Column(
            "promotion",
            _("Promotion"),
            "code",
            name=True,
            value=lambda row: row.promotion.number,
            sub=lambda row: row.promotion.title,
            href=lambda row: reverse("catalog:promotion", args=[row.promotion_id]),
        ),
        Column("line_no", _("Line"), "number", value=lambda row: row.line_no or None),
        Column("sku", _("SKU"), "code", value=lambda row: _of(skus.get(row.line_no))),
        Column(
            "what",
            _("What it gave"),
            value=lambda row: gettext("Gift") if isinstance(row, OrderGift) else _off_words(row),
        ),
        Column("amount", _("Discount"), "money", value=lambda row: getattr(row, "amount", None)),
    )
    return (
        Lines(
            _("Promotions"),
            columns,
            [*opened.discounts, *opened.gifts],
            total={"amount": sum((off.amount for off in opened.discounts), Decimal(0))},
            anchor="promotions",
        ),
    )


def _of(sku: Any) -> str:
    """Return what a discount is taken off: a SKU, or the shipping fee."""
    return sku.code if sku is not None else gettext("Shipping fee")


def _off_words(off: OrderDiscount) -> str:
    if off.coupon:
        return gettext("With coupon %(code)s") % {"code": promotions.masked(off.coupon)}
    if off.line_no == FEE:
        return gettext("Off the shipping fee")
    return gettext("Off the price")


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


def _why(line: OrderLine, price: Decimal | None, giver: str) -> str:
    """Say where a unit price comes from, against the price in force when the order was placed."""
    if giver:
        return gettext("A gift of promotion %(number)s") % {"number": giver}
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


def _parcels(opened: Opened) -> Lines:
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


def _notes(rows: Sequence[book.Note]) -> tuple[Lines, ...]:
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


def _related(order: Order, backs: int, others: int) -> tuple[Related, ...]:
    found = [Related(title=_("Returns"), count=backs)]
    if order.customer_id:
        found.append(
            Related(
                title=_("Orders of this buyer"),
                count=others,
                href=reverse("customers:customer", args=[order.customer_id]),
            )
        )
    found.append(Related(title=_("Vouchers"), href=f"{reverse('desk:find')}?q={order.number}"))
    return tuple(found)
