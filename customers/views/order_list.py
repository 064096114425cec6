"""The order desk: what waits for whom, with the work done on many at once (V8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.selectors import channels
from customers.choices import OrderState
from customers.models import Order
from customers.selectors import book
from customers.selectors import people as buyers
from customers.selectors.rows import Goods, goods_of
from customers.services import orders, texts
from customers.types import StepReport
from customers.words import HOLDS, hold_words
from ops.engines.desk.screens import (
    Action,
    BulkAction,
    BulkOutcome,
    Column,
    Filter,
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


def _confirm(keys: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    return _outcome(orders.confirm(order_ids=[int(key) for key in keys], actor=actor, at=at))


def _hold(keys: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    ids = [int(key) for key in keys]
    return _outcome(orders.hold(order_ids=ids, reason="customers.by_hand", actor=actor, at=at))


def _release(keys: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    return _outcome(orders.release(order_ids=[int(key) for key in keys], actor=actor, at=at))


def _outcome(report: StepReport) -> BulkOutcome:
    refused = [Refused(str(one.order_id), one.reason) for one in report.refused]
    return BulkOutcome(len(report.done), refused)


def channel_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the channels the actor may see, for a filter."""
    return [(one.code, one.name) for one in channels.visible(actor=actor, area="customers")]


class OrderList(ListScreen):
    """`/orders/`: every order of the actor's channels, by what it waits for."""

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
        Column("currency", _("Currency"), value=lambda row: row.order.currency, optional=True),
        Column("paid_at", _("Paid at"), "moment", value=lambda row: row.order.paid_at),
        Column("ship_by", _("Ship by"), "due", value=lambda row: _due(row.order)),
        Column("mark", _("Mark"), value=lambda row: hold_words(row.order.hold_reason)),
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
        Filter("channel", _("Channel"), choices=channel_choices),
        Filter("paid", _("Paid"), "span"),
        Filter("hold", _("Why held"), choices=tuple(HOLDS.items())),
        Filter("state", _("State"), choices=OrderState.choices),
        Filter("keys", _("Numbers or phones"), "keys", placeholder=_("paste several")),
    )
    order = "-number"
    bulk = (
        BulkAction(key="confirm", label=_("Confirm"), run=_confirm, policy=_WORK, shortcut="v"),
        BulkAction(key="hold", label=_("Hold"), run=_hold, policy=_WORK, shortcut="h"),
        BulkAction(key="release", label=_("Release"), run=_release, policy=_WORK),
    )
    bulk_limit = 1_000
    export_policy = may("customers", "E")
    empty = _("Nothing waits here.")
    empty_href = "/imports/"
    empty_label = _("Import an order file")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of orders; pasted numbers are looked for in every tab."""
        page = query.page(self._found(actor, query), orders={"number": "id"})
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
        if code := query.get("hold"):
            found = found.filter(hold_reason__contains=code)
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
    goods = goods_of(order_ids=[order.pk for order in found])
    masks = texts.masked(customer_ids={order.customer_id for order in found if order.customer_id})
    return [
        OrderRow(
            order,
            (masks[order.customer_id].name or order.customer.code) if order.customer_id else "",
            goods.get(order.pk, Goods()),
        )
        for order in found
    ]


def _due(order: Order) -> dt.datetime | None:
    return order.ship_by if order.state in book.TO_SHIP else None
