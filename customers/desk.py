"""What the order book puts on the desk: navigation, cards, search, words of its facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.choices import CaseState, OrderState, ReturnState
from customers.models import Order
from customers.selectors import book
from customers.selectors import people as buyers
from customers.words import hold_words
from ops.engines.desk.screens import (
    Card,
    CardCount,
    CardData,
    CardLine,
    Hit,
    Look,
    NavEntry,
    Place,
    SearchKind,
    Tone,
    card,
    counts_of,
    nav,
    register_states,
    search_kind,
    word_actions,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("customers", "V")
_HANDLERS = (
    Role.OPERATIONS_SPECIALIST,
    Role.OPERATIONS_SUPERVISOR,
    Role.CUSTOMER_SERVICE_AGENT,
)
ORDERS = pgettext_lazy("order book", "Orders")
CUSTOMERS = pgettext_lazy("order book", "Customers")
_GROUP = _("Orders and customers")
_SHOWN = 6

nav(
    NavEntry(
        key="orders", title=ORDERS, url_name="customers:orders", policy=_VIEW,
        roles=(*_HANDLERS, Role.STORE_MANAGER), order=10, icon="list", group=_GROUP,
    )
)  # fmt: skip
nav(
    NavEntry(
        key="forbidden_sales", title=_("Sales of forbidden goods"),
        url_name="customers:forbidden_sales", policy=may("inventory", "V", Role.COMPLIANCE_OFFICER),
        roles=(Role.COMPLIANCE_OFFICER,), order=18, icon="list", group=_GROUP,
    )
)  # fmt: skip
register_states({CaseState.OPEN: Tone.WAITING, CaseState.CLOSED: Tone.DONE})
word_actions(
    {
        "customers.forbidden_sale_confirmed": _("confirmed a sale of forbidden goods"),
        "customers.recall_told": _("told buyers of a recall"),
        "customers.sale_penalised": _("decided a measure"),
        "customers.forbidden_sale_closed": _("closed a case of forbidden goods"),
    }
)
nav(
    NavEntry(
        key="returns", title=_("Returns"), url_name="customers:returns", policy=_VIEW,
        roles=(Role.CUSTOMER_SERVICE_AGENT,), order=20, icon="left", group=_GROUP,
    )
)  # fmt: skip
nav(
    NavEntry(
        key="customers", title=CUSTOMERS, url_name="customers:customers", policy=_VIEW,
        roles=(Role.CUSTOMER_SERVICE_AGENT,), order=25, icon="person", group=_GROUP,
    )
)  # fmt: skip

register_states(
    {
        OrderState.PLACED: Tone.WAITING,
        OrderState.PAID: Tone.WAITING,
        OrderState.CONFIRMED: Tone.RUNNING,
        OrderState.ALLOCATED: Tone.RUNNING,
        OrderState.CANCELLED: Tone.STOPPED,
        OrderState.REFUNDING: Tone.WAITING,
        ReturnState.REQUESTED: Tone.WAITING,
        ReturnState.ACCEPTED: Tone.RUNNING,
        ReturnState.REFUNDED: Tone.DONE,
    }
)


def _tab(tab: str) -> str:
    return f"{reverse('customers:orders')}?tab={tab}"


def _work(actor: Actor, at: datetime) -> CardData:
    rows = book.orders(actor=actor).select_related(None).order_by()
    parts = (
        ("confirm", _("To confirm"), book.to_confirm(rows), False),
        ("held", _("On hold"), book.held(rows), False),
        ("ship", _("To ship"), book.to_ship(rows), False),
        ("late", _("Overdue"), book.late(rows, at=at), True),
    )
    numbers = counts_of(*(part[2] for part in parts))
    return CardData(
        counts=[
            CardCount(
                title=title, value=str(number), href=_tab(tab), is_alarm=is_bad and number > 0
            )
            for (tab, title, _found, is_bad), number in zip(parts, numbers, strict=True)
        ],
        href=reverse("customers:orders"),
    )


def _held(actor: Actor, _at: datetime) -> CardData:
    found = book.held(book.orders(actor=actor)).order_by("ship_by", "id")[:_SHOWN]
    return CardData(
        lines=[
            CardLine(
                title=hold_words(order.hold_reason),
                number=order.number,
                detail=order.channel.name,
                due_at=order.ship_by,
                href=_href(order),
                state=OrderState(order.state),
            )
            for order in found
        ],
        href=_tab("held"),
    )


def _open_returns(actor: Actor, _at: datetime) -> CardData:
    found = book.returns(actor=actor).filter(state=ReturnState.REQUESTED).order_by("id")
    return CardData(
        lines=[
            CardLine(
                title=back.reason,
                number=back.number,
                detail=back.channel.name,
                href=reverse("customers:return", args=[back.pk]),
                state=ReturnState(back.state),
            )
            for back in found[:_SHOWN]
        ],
        href=reverse("customers:returns"),
    )


card(
    Card(
        key="orders_work", title=ORDERS, query=_work, policy=_VIEW,
        roles=(*_HANDLERS, Role.STORE_MANAGER, Role.OPERATIONS_MANAGER), place=Place.WORK,
        look=Look.TILES, order=10,
    )
)  # fmt: skip
card(
    Card(
        key="orders_held", title=_("Orders on hold"), query=_held, policy=_VIEW,
        roles=_HANDLERS, place=Place.WORK, order=20,
    )
)  # fmt: skip
card(
    Card(
        key="returns_open", title=_("Returns to decide"), query=_open_returns, policy=_VIEW,
        roles=(Role.CUSTOMER_SERVICE_AGENT,), place=Place.WORK, order=30,
    )
)  # fmt: skip


def _href(order: Order) -> str:
    return reverse("customers:order", args=[order.number])


def _find_orders(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    found = book.orders(actor=actor).filter(Q(number=text) | Q(external_no=text))
    return [
        Hit(
            title=order.number,
            href=_href(order),
            note=f"{order.external_no} {order.get_state_display()}",
            is_exact=True,
        )
        for order in found.order_by("-id")[:most]
    ]


def _find_many_orders(actor: Actor, keys: Sequence[str]) -> str | None:
    named = Q(number__in=keys) | Q(external_no__in=keys)
    if not book.orders(actor=actor).filter(named).exists():
        return None
    query = urlencode({"tab": "all", "keys": " ".join(keys)})
    return f"{reverse('customers:orders')}?{query}"


def _find_customers(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    found = buyers.matching(buyers.customers(actor=actor), text)
    return [
        Hit(
            title=buyer.code,
            href=reverse("customers:customer", args=[buyer.pk]),
            note=buyer.channel.name,
            is_exact=True,
        )
        for buyer in found.order_by("-id")[:most]
    ]


search_kind(
    SearchKind(
        key="order", title=ORDERS, find=_find_orders, find_many=_find_many_orders,
        policy=_VIEW, order=10, prefix="#",
    )
)  # fmt: skip
search_kind(
    SearchKind(
        key="customer", title=CUSTOMERS, find=_find_customers, policy=_VIEW, order=30,
        prefix="@",
    )
)  # fmt: skip
word_actions(
    {
        "customers.orders_placed": _("Entered the book"),
        "customers.order_confirmed": pgettext_lazy("order book", "Confirmed"),
        "customers.order_held": _("Put on hold"),
        "customers.order_released": _("Hold lifted"),
        "customers.order_cancelled": _("Cancelled"),
        "customers.order_moved": _("Moved to another warehouse"),
        "customers.order_split": _("Divided"),
        "customers.order_merged": _("Joined in one parcel"),
        "customers.order_unmerged": _("Joint parcel undone"),
        "customers.order_noted": _("Noted"),
        "customers.order_shipped_in_part": _("A part has left"),
        "customers.order_shipped": pgettext_lazy("order book", "Shipped"),
        "customers.order_delivered": _("Delivered"),
        "customers.order_received": _("Received by the buyer"),
        "customers.order_closed": pgettext_lazy("order book", "Closed"),
        "customers.return_requested": _("Return requested"),
        "customers.return_accepted": _("Return accepted"),
        "customers.return_refused": _("Return refused"),
        "customers.return_refunded": _("Money returned"),
        "customers.personal_text_revealed": _("Personal text shown"),
        "customers.tier_set": _("Tier set"),
        "customers.tier_ended": _("Tier ended"),
    }
)
