"""Customers: masked lists, a page, and one text at a time with a purpose (V17)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from customers import rules
from customers.choices import OrderState, PersonalField, Purpose
from customers.models import Customer
from customers.policies import REVEAL
from customers.selectors import book
from customers.selectors import people as buyers
from customers.selectors import tiers as stories
from customers.services import reveals, texts
from customers.views import tiers
from customers.views.order_list import channel_choices
from ops.engines.desk.screens import (
    Column,
    Fact,
    FactGroup,
    Filter,
    Kept,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Screen,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

_SHOWN_ORDERS = 20
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A buyer, masked."""

    customer: Customer
    name: str
    phone: str

    @property
    def id(self) -> int:
        """Return what identifies the row."""
        return self.customer.pk


class CustomerList(ListScreen):
    """`/customers/`: buyers of the actor's channels (CRM-3.1-06)."""

    policy = may("customers", "V")
    title = pgettext_lazy("order book", "Customers")
    nav = "customers"
    columns = (
        Column("code", _("Buyer code"), "code", value=lambda r: r.customer.code, name=True),
        Column("name", pgettext_lazy("order book", "Name")),
        Column("phone", _("Phone")),
        Column("channel", _("Channel"), value=lambda r: r.customer.channel.name),
        Column("country", _("Country or region"), value=lambda r: r.customer.country),
        Column("since", _("Since"), "moment", value=lambda r: r.customer.created_at, sort=True),
    )
    filters = (
        Filter("q", _("Code or whole phone number"), "text"),
        Filter("channel", _("Channel"), choices=Kept("customers.channels", channel_choices)),
    )
    order = "-since"
    empty = _("No customer yet. They come with their first order.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of buyers, masked."""
        found = buyers.customers(actor=actor)
        if text := query.get("q"):
            found = buyers.matching(found, text)
        if code := query.get("channel"):
            found = found.filter(channel__code=code)
        page = query.page(found, orders={"since": "id"})
        masks = texts.masked(customer_ids=[row.pk for row in page.rows])
        rows = [CustomerRow(row, masks[row.pk].name, masks[row.pk].phone) for row in page.rows]
        return replace(page, rows=rows)

    def row_href(self, row: Any) -> str:
        """Open the buyer."""
        return reverse("customers:customer", args=[row.id])


class CustomerScreen(RecordScreen):
    """`/customers/<id>/`: one buyer."""

    policy = may("customers", "V")
    title = _("Customer")
    nav = "customers"
    template_name = "customers/customer.html"
    list_url_name = "customers:customers"
    list_title = pgettext_lazy("order book", "Customers")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the buyer, masked, with the newest orders."""
        found = buyers.customer(customer_id=key["customer_id"], actor=actor)
        mask = texts.masked(customer_ids=[found.pk])[found.pk]
        mine = book.orders(actor=actor).filter(customer=found)
        backs = book.returns(actor=actor).filter(customer=found)
        story = stories.story(customer_id=found.pk)
        return Record(
            number=found.code,
            title=mask.name,
            actions=tiers.actions_of(found, story, at=at),
            facts=(
                FactGroup(
                    title=_("Buyer"),
                    facts=(
                        Fact(title=pgettext_lazy("order book", "Name"), value=mask.name),
                        Fact(title=_("Phone"), value=mask.phone),
                        Fact(title=_("Channel"), value=found.channel.name),
                        Fact(title=_("Country or region"), value=found.country),
                        Fact(title=_("Since"), value=found.created_at, kind="moment"),
                        Fact(
                            title=_("Member tier"),
                            value=tiers.now_in_force(story, at=at),
                            kind="code",
                        ),
                    ),
                ),
            ),
            lines=(
                Lines(
                    _("Newest orders"),
                    (
                        Column(
                            "number",
                            pgettext_lazy("order book", "Order"),
                            "code",
                            href=lambda o: reverse("customers:order", args=[o.number]),
                        ),
                        Column("placed_at", _("Placed at"), "moment"),
                        Column("total", _("Total"), "money"),
                        Column("state", _("State"), "badge", value=lambda o: OrderState(o.state)),
                    ),
                    list(mine.order_by("-id")[:_SHOWN_ORDERS]),
                    empty=_("No order yet."),
                ),
                tiers.story_lines(story),
            ),
            related=(
                Related(title=pgettext_lazy("order book", "Orders"), count=mine.count()),
                Related(title=_("Returns"), count=backs.count()),
            ),
            clauses=("CRM-3.1-03", "CRM-3.1-06"),
            subject=("customers.customer", found.pk),
        )

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Offer the reveal to those who may."""
        used = buyers.reveals_today(actor=actor, at=self.at)
        return {
            "customer_id": record.subject[1] if record.subject else 0,
            "may_reveal": REVEAL.allows(actor),
            "why_not": self.lacking(REVEAL),
            "fields": PersonalField.choices,
            "purposes": Purpose.choices,
            "used": used,
            "limit": rules.REVEALS_A_DAY,
            "is_used_up": used >= rules.REVEALS_A_DAY,
        }


class RevealScreen(Screen):
    """`/customers/<id>/reveal/`: one personal text, for a minute, kept nowhere (CRM-3.1-03)."""

    policy = REVEAL
    title = _("Personal text")
    nav = "customers"

    def post(self, request: HttpRequest, customer_id: int) -> HttpResponse:
        """Show one text; the look is recorded with its purpose."""
        field, purpose = request.POST.get("field", ""), request.POST.get("purpose", "")
        if field not in PersonalField.values or purpose not in Purpose.values:
            raise BadInput("customers.reveal", gettext("Choose what to show and what for."))
        value = reveals.reveal(
            customer_id=customer_id,
            field=PersonalField(field),
            purpose=Purpose(purpose),
            actor=self.actor,
            at=self.at,
        )
        back = reverse("customers:customer", args=[customer_id])
        context = {
            "screen": self,
            "title": PersonalField(field).label,
            "value": value,
            "seconds": _SECONDS,
            "back": back,
        }
        response = render(request, "customers/revealed.html", context)
        response["Cache-Control"] = "no-store, private"
        response["Refresh"] = f"{_SECONDS}; url={back}"
        return response
