"""Forms of an order: to another warehouse, in parts, back again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.models import Order
from customers.selectors import book, fulfilment
from customers.services import moving, returns, splitting
from customers.types import ReturnWant
from customers.views.order_actions import done_with
from customers.views.order_opened import find, held_lines
from inventory.selectors import places, stock
from ops.engines.desk.screens import (
    Done,
    Field,
    FormScreen,
    Group,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_WORK = may("customers", "C")
_GIFTS = Field(
    "gifts",
    _("Gifts that are no longer earned"),
    "choice",
    required=False,
    choices=(("back", _("They come back")), ("keep", _("Their worth is kept back"))),
)
_FEE = Field("fee", _("Pay the shipping fee back too"), "flag", required=False)
_READER = Actor.system("customers.orders")


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
        done = done_with(report, gettext("The warehouse is changed."))
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
        held = dict(held_lines(order))
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
        given = {gift.line_no for gift in book.gifts(order_id=order.pk)}
        pieces = [
            Field(
                f"line{line.line_no}",
                f"{line.sku.code} {line.sku.name} ({line.quantity})",
                "quantity",
                required=False,
                hint=gettext("A gift") if line.line_no in given else "",
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
                    *((_GIFTS,) if given else ()),
                    *((_FEE,) if order.shipping_net else ()),
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
            keeps_gifts=values.get("gifts") == "keep",
            refunds_shipping=bool(values.get("fee")),
            actor=actor,
            at=at,
        )
        words = gettext("Return %(number)s is noted.") % {"number": made.number}
        return Done(message=words, href=reverse("customers:return", args=[made.id]))

    def back_url(self, **key: Any) -> str:
        """Return to the order."""
        return reverse("customers:order", args=[key["number"]])


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
