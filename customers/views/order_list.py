"""The order desk: what waits for whom, with the work done on many at once (V8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from customers.choices import OrderState
from customers.models import Order
from customers.selectors import book, fulfilment, trouble
from customers.selectors import people as buyers
from customers.selectors.rows import Goods, Marks, with_contents
from customers.services import (
    merging,
    moving,
    notes,
    orders,
    rehearsing,
    splitting,
    steps,
    texts,
)
from customers.types import StepReport
from customers.words import HOLDS, OTHER_HOLDS, TROUBLES, hold_words, refusal_words
from inventory.selectors import places
from ops.engines.desk.screens import (
    Action,
    BulkAction,
    BulkOutcome,
    Column,
    Field,
    Filter,
    Kept,
    ListPage,
    ListQuery,
    ListScreen,
    Refused,
    Tab,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.kernel.policy import may

_WORK = may("customers", "C")
_MOST_COUNTED = 10_000
_PHONES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as the desk shows it."""

    order: Order
    buyer: str
    goods: Goods
    marks: str = ""

    @property
    def id(self) -> int:
        """Return what identifies the row."""
        return self.order.pk

    @property
    def content(self) -> str:
        """Return the first product and the pieces."""
        return f"{self.goods.first} x{self.goods.pieces}" if self.goods.lines else ""


def _narrowed(tab: str, rows: QuerySet[Order], at: dt.datetime) -> QuerySet[Order]:
    match tab:
        case "confirm":
            return book.to_confirm(rows)
        case "held":
            return book.held(rows)
        case "ship":
            return book.to_ship(rows)
        case "late":
            return book.late(rows, at=at)
        case "back":
            return rows.filter(state=OrderState.REFUNDING)
        case _:
            return rows


def _count(tab: str) -> Callable[[Actor, dt.datetime], int | None]:
    def counted(actor: Actor, at: dt.datetime) -> int | None:
        rows = _narrowed(tab, book.orders(actor=actor), at).select_related(None).order_by()
        return rows[:_MOST_COUNTED].count()

    return counted


_Step = Callable[[Sequence[int], Actor, dt.datetime], StepReport]


def _confirm(ids: Sequence[int], actor: Actor, at: dt.datetime) -> StepReport:
    return orders.confirm(order_ids=ids, actor=actor, at=at)


def _release(ids: Sequence[int], actor: Actor, at: dt.datetime) -> StepReport:
    return orders.release(order_ids=ids, actor=actor, at=at)


def _merge(ids: Sequence[int], actor: Actor, at: dt.datetime) -> StepReport:
    return merging.merge_alike(order_ids=ids, actor=actor, at=at)


def _split(ids: Sequence[int], actor: Actor, at: dt.datetime) -> StepReport:
    return splitting.split_available(order_ids=ids, actor=actor, at=at)


def _move(values: Mapping[str, Any]) -> _Step:
    def step(ids: Sequence[int], actor: Actor, at: dt.datetime) -> StepReport:
        place = int(values["warehouse"])
        return moving.move_orders(order_ids=ids, warehouse_id=place, actor=actor, at=at)

    return step


def _hold(values: Mapping[str, Any]) -> _Step:
    def step(ids: Sequence[int], actor: Actor, at: dt.datetime) -> StepReport:
        reason = values["reason"] or "customers.by_hand"
        return orders.hold(order_ids=ids, reason=reason, actor=actor, at=at)

    return step


def _note(values: Mapping[str, Any]) -> _Step:
    def step(ids: Sequence[int], actor: Actor, at: dt.datetime) -> StepReport:
        return notes.add_note(order_ids=ids, text=values["text"], actor=actor, at=at)

    return step


def _run(step: _Step) -> Callable[[Sequence[str], Actor, dt.datetime], BulkOutcome]:
    def run(keys: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
        report = step([int(key) for key in keys], actor, at)
        return BulkOutcome(len(report.done), _refused(report))

    return run


def _check(step: _Step) -> Callable[[Sequence[str], Actor, dt.datetime], Sequence[Refused]]:
    """Try the step out, so that the preview says exactly what the step will do."""

    def check(keys: Sequence[str], actor: Actor, at: dt.datetime) -> Sequence[Refused]:
        ids = [int(key) for key in keys]
        return _refused(rehearsing.rehearsed(lambda: step(ids, actor, at)))

    return check


def _refused(report: StepReport) -> list[Refused]:
    return [
        Refused(str(one.order_id), refusal_words(one.code, one.reason), one.number)
        for one in report.refused
    ]


def _bulk(key: str, label: Any, step: _Step, *, shortcut: str = "") -> BulkAction:
    """Return an action with its preview: what can, what cannot and why."""
    return BulkAction(
        key=key, label=label, run=_run(step), check=_check(step), policy=_WORK, shortcut=shortcut
    )


def _asking(
    key: str,
    label: Any,
    field: Field,
    step: Callable[[Mapping[str, Any]], _Step],
    *,
    is_checked: bool = True,
    shortcut: str = "",
) -> BulkAction:
    """Return an action that asks one thing first."""

    def filled(values: Mapping[str, Any]) -> BulkAction:
        check = _check(step(values)) if is_checked else None
        return BulkAction(
            key=key, label=label, run=_run(step(values)), check=check, policy=_WORK,
            shortcut=shortcut,
        )  # fmt: skip

    return BulkAction(
        key=key,
        label=label,
        fields=(field,),
        filled=filled,
        policy=_WORK,
        shortcut=shortcut,
        is_checked=is_checked,
    )


def places_to_move(_actor: Actor) -> list[tuple[str, str]]:
    """Return every warehouse, as an order's own page does: goods may have to come from any."""
    return [(str(one.pk), one.name) for one in places.warehouses(actor=steps.KEEPER)]


def warehouse_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the warehouses that may serve the actor's orders.

    Who works in some channels reads the names of their own warehouses and no others.
    """
    is_everywhere = actor.scope_ids("channel", "customers") is None
    reader = steps.KEEPER if is_everywhere else actor
    return [(str(one.pk), one.name) for one in places.warehouses(actor=reader)]


def channel_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the channels the actor may see, for a filter."""
    return [(one.code, one.name) for one in channels.visible(actor=actor, area="customers")]


class OrderList(ListScreen):
    """`/orders/`: every order of the actor's channels, by what it waits for."""

    template_name = "customers/order_desk.html"
    policy = may("customers", "V")
    title = _("Order desk")
    nav = "orders"
    scope_kinds = ("channel",)
    columns = (
        Column(
            "number",
            pgettext_lazy("order book", "Order"),
            "code",
            value=lambda row: row.order.number,
            sub=lambda row: row.order.external_no,
            name=True,
            sort=True,
        ),
        Column("channel", _("Channel"), value=lambda row: row.order.channel.name),
        Column("buyer", _("Buyer")),
        Column("content", _("Goods")),
        Column("total", _("Total"), "money", value=lambda row: row.order.total),
        Column(
            "shipping",
            _("Shipping fee"),
            "money",
            value=lambda row: row.order.shipping_net,
            optional=True,
        ),
        Column("tier", _("Member tier"), value=lambda row: row.order.tier, optional=True),
        Column("currency", _("Currency"), value=lambda row: row.order.currency, optional=True),
        Column("paid_at", _("Paid at"), "moment", value=lambda row: row.order.paid_at),
        Column("ship_by", _("Ship by"), "due", value=lambda row: _due(row.order)),
        Column("marks", _("Mark")),
        Column(
            "warehouse",
            _("Warehouse"),
            value=lambda row: row.order.warehouse.name if row.order.warehouse else "",
            optional=True,
        ),
        Column("state", _("State"), "badge", value=lambda row: OrderState(row.order.state)),
    )
    tabs = (
        Tab("confirm", _("To confirm"), count=_count("confirm")),
        Tab("held", _("On hold"), count=_count("held")),
        Tab("ship", _("To ship"), count=_count("ship")),
        Tab("late", _("Overdue"), count=_count("late")),
        Tab("back", _("Refunding"), count=_count("back")),
        Tab("all", _("All")),
    )
    filters = (
        Filter("channel", _("Channel"), choices=Kept("customers.channels", channel_choices)),
        Filter("paid", _("Paid"), "span"),
        Filter(
            "warehouse",
            _("Warehouse"),
            choices=Kept("customers.warehouses", warehouse_choices),
        ),
        Filter(
            "trouble",
            _("Why held"),
            choices=(*TROUBLES.items(), *((code, HOLDS[code]) for code in OTHER_HOLDS)),
        ),
        Filter("state", _("State"), choices=OrderState.choices),
        Filter("keys", _("Numbers or phones"), "keys", placeholder=_("paste several")),
    )
    order = "-number"
    bulk = (
        _bulk("confirm", _("Confirm"), _confirm, shortcut="v"),
        _asking(
            "move",
            _("Change warehouse"),
            Field("warehouse", _("Warehouse"), "choice", choices=places_to_move),
            _move,
        ),
        _bulk("merge", _("Join in one parcel"), _merge, shortcut="m"),
        _bulk("split", _("Send what is there"), _split),
        _asking(
            "hold",
            _("Hold"),
            Field("reason", _("Reason"), required=False, most=160),
            _hold,
            shortcut="h",
        ),
        _bulk("release", _("Release"), _release),
        _asking(
            "note",
            pgettext_lazy("order book", "Note"),
            Field("text", pgettext_lazy("order book", "Note"), most=notes.LONGEST),
            _note,
            is_checked=False,
            shortcut="n",
        ),
    )
    bulk_limit = 1_000
    export_policy = may("customers", "E")
    empty = _("Nothing waits here.")
    empty_href = "/imports/"
    empty_label = _("Import an order file")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the desk, or the row of exceptions which is asked for after first paint."""
        if request.GET.get("part") == "troubles":
            return render(
                request, "customers/_troubles.html", {"troubles": self._troubles(request)}
            )
        return super().get(request, *args, **kwargs)

    def _troubles(self, request: HttpRequest) -> list[dict[str, Any]]:
        rows = book.orders(actor=self.actor).select_related(None).order_by()
        return [
            {
                "title": title,
                "href": f"{request.path}?tab=all&trouble={kind}",
                "count": trouble.in_trouble(rows, kind)[:_MOST_COUNTED].count(),
            }
            for kind, title in TROUBLES.items()
        ]

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of orders; pasted numbers are looked for in every tab."""
        rows = with_contents(self._found(actor, query).select_related("customer__key"))
        page = query.page(rows, orders={"number": "id"})
        return replace(page, rows=_shown(page.rows))

    def all_keys(self, *, actor: Actor, query: ListQuery) -> Sequence[str]:
        """Return the ids of all orders that match."""
        found = self._found(actor, query).order_by("-id").values_list("pk", flat=True)
        return [str(pk) for pk in found[: self.bulk_limit + 1]]

    def row_href(self, row: Any) -> str:
        """Open the order."""
        return reverse("customers:order", args=[row.order.number])

    def head_actions(self, *, actor: Actor) -> Sequence[Any]:
        """Offer the import of an order file."""
        if not _WORK.allows(actor):
            return ()
        return (Action(key="import", label=_("Import"), href="/imports/"),)

    def _found(self, actor: Actor, query: ListQuery) -> QuerySet[Order]:
        found = book.orders(actor=actor)
        if ids := query.scope.get("channel"):
            found = found.filter(channel_id__in=ids)
        if code := query.get("channel"):
            found = found.filter(channel__code=code)
        if span := query.get("paid"):
            first = dt.datetime.combine(span.first, dt.time(), BUSINESS_ZONE)
            last = dt.datetime.combine(span.last, dt.time(), BUSINESS_ZONE)
            found = found.filter(paid_at__gte=first, paid_at__lt=last + dt.timedelta(days=1))
        if place := query.get("warehouse"):
            found = found.filter(warehouse_id=place)
        if kind := query.get("trouble"):
            found = trouble.in_trouble(found, kind)
        if state := query.get("state"):
            found = found.filter(state=state)
        if keys := query.get("keys"):
            return found.filter(_named(keys, actor))
        return _narrowed(query.tab, found, query.at)


def _named(keys: Sequence[str], actor: Actor) -> Q:
    """Return the orders under these numbers, ours or the channel's, or of these phones."""
    phones = [key for key in keys if key.isdigit() and len(key) == 11][:_PHONES_AT_ONCE]
    named = Q(number__in=keys) | Q(external_no__in=keys)
    if phones:
        found = buyers.with_phones(buyers.customers(actor=actor), phones)
        named |= Q(customer_id__in=list(found.values_list("pk", flat=True)))
    return named


def _shown(found: Sequence[Any]) -> list[OrderRow]:
    ids = [order.pk for order in found]
    together = fulfilment.together(order_ids=ids)
    # A buyer's several orders are opened once.
    masks = texts.masks_of({order.customer_id: order.customer for order in found if order.customer})
    return [
        OrderRow(
            order,
            (masks[order.customer_id].name or order.customer.code) if order.customer_id else "",
            Goods.of(order),
            _marks(order, together.get(order.pk), Marks.of(order)),
        )
        for order in found
    ]


def _marks(order: Order, together: fulfilment.Together | None, about: Marks) -> str:
    words = [hold_words(order.hold_reason)] if order.hold_reason else []
    if about.notes:
        words.append(pgettext("order book", "note"))
    if about.parts > 1:
        words.append(gettext("%(count)s parts") % {"count": about.parts})
    if together and together.joined:
        words.append(gettext("joined %(count)s") % {"count": together.joined})
    if together and together.alike:
        words.append(gettext("can join %(count)s") % {"count": together.alike})
    return gettext(", ").join(words)


def _due(order: Order) -> dt.datetime | None:
    return order.ship_by if order.state in book.TO_SHIP else None
