"""Returns: the list, and one return from request to refund."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from customers.choices import ReturnState
from customers.models import Return
from customers.selectors import book
from customers.services import returns
from customers.services.steps import missing
from customers.types import ReturnInfo
from customers.views.order_list import channel_choices
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Tab,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_DECIDE = may("customers", "P")


def _open_count(actor: Actor, _at: dt.datetime) -> int:
    return book.returns(actor=actor).filter(state=ReturnState.REQUESTED).count()


class ReturnList(ListScreen):
    """`/returns/`: what buyers send back."""

    policy = may("customers", "V")
    title = _("Returns")
    nav = "returns"
    scope_kinds = ("channel",)
    columns = (
        Column(
            "number",
            pgettext_lazy("order book", "Return"),
            "code",
            sub=lambda row: row.external_no if row.external_no != row.number else "",
            name=True,
            sort=True,
        ),
        Column("channel", _("Channel"), value=lambda row: row.channel.name),
        Column(
            "order",
            pgettext_lazy("order book", "Order"),
            value=lambda row: row.order.number if row.order else "",
        ),
        Column("reason", _("Reason")),
        Column("total", _("Total"), "money"),
        Column("currency", _("Currency"), optional=True),
        Column("requested_at", _("Requested at"), "moment"),
        Column("state", _("State"), "badge", value=lambda row: ReturnState(row.state)),
    )
    tabs = (Tab("open", _("To decide"), count=_open_count), Tab("all", _("All")))
    filters = (
        Filter("channel", _("Channel"), choices=channel_choices),
        Filter("state", _("State"), choices=ReturnState.choices),
        Filter("q", _("Number"), "text"),
    )
    order = "-number"
    export_policy = may("customers", "E")
    empty = _("Nothing comes back.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of returns."""
        found = book.returns(actor=actor)
        if ids := query.scope.get("channel"):
            found = found.filter(channel_id__in=ids)
        if query.tab == "open":
            found = found.filter(state=ReturnState.REQUESTED)
        if code := query.get("channel"):
            found = found.filter(channel__code=code)
        if state := query.get("state"):
            found = found.filter(state=state)
        if text := query.get("q"):
            found = found.filter(number=text) | found.filter(external_no=text)
        return query.page(found, orders={"number": "id"})

    def row_href(self, row: Any) -> str:
        """Open the return."""
        return reverse("customers:return", args=[row.pk])


class ReturnScreen(RecordScreen):
    """`/returns/<id>/`: one return (SCM-2.4-08)."""

    policy = may("customers", "V")
    title = pgettext_lazy("order book", "Return")
    nav = "returns"
    list_url_name = "customers:returns"
    list_title = _("Returns")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the record."""
        back = book.returns(actor=actor).filter(pk=key["return_id"]).first()
        if back is None:
            raise missing()
        order = back.order
        return Record(
            number=back.number,
            title=back.channel.name,
            state=ReturnState(back.state),
            actions=_actions(back),
            facts=(
                FactGroup(
                    title=pgettext_lazy("order book", "Return"),
                    facts=(
                        Fact(
                            title=pgettext_lazy("order book", "Order"),
                            value=order.number if order else "",
                            href=reverse("customers:order", args=[order.number]) if order else "",
                        ),
                        Fact(title=_("Channel number"), value=back.external_no),
                        Fact(title=_("Reason"), value=back.reason, is_wide=True),
                        Fact(title=_("Total"), value=back.total, kind="money"),
                        Fact(title=_("Tax in the total"), value=back.tax, kind="money"),
                        *_kept(back),
                        Fact(title=_("Currency"), value=back.currency),
                        Fact(title=_("Requested at"), value=back.requested_at, kind="moment"),
                        Fact(title=_("Decided at"), value=back.decided_at, kind="moment"),
                    ),
                ),
            ),
            lines=(
                Lines(
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
                        Column("unit_price", _("Unit price"), "money"),
                        Column("discount", _("Discount"), "money"),
                        Column("amount", _("Amount"), "money"),
                    ),
                    list(back.lines.select_related("sku").order_by("line_no")),
                    total={"amount": back.total + back.gift_value - back.shipping},
                ),
            ),
            clauses=("SCM-2.4-08",),
            subject=(returns.SOURCE, back.pk),
        )


def _kept(back: Return) -> tuple[Fact, ...]:
    """Say what was kept back for gifts that did not come, and what of the fee goes back."""
    found = (
        Fact(title=_("Kept back for gifts"), value=back.gift_value, kind="money"),
        Fact(title=_("Shipping fee paid back"), value=back.shipping, kind="money"),
    )
    return tuple(fact for fact in found if fact.value)


def _actions(back: Return) -> tuple[Action, ...]:
    state = gettext("The return is %(state)s.") % {"state": back.get_state_display()}
    is_open = back.state == ReturnState.REQUESTED
    is_owed = back.state == ReturnState.ACCEPTED
    return (
        Action(
            key="accept",
            label=_("Accept"),
            run=lambda _v, who, at: _done(
                returns.accept_return(return_id=back.pk, actor=who, at=at)
            ),
            policy=_DECIDE,
            why_not="" if is_open else state,
            confirm=gettext("The goods go into quarantine and %(total)s %(currency)s are owed.")
            % {"total": back.total, "currency": back.currency},
            is_primary=is_open,
        ),
        Action(
            key="refuse",
            label=_("Refuse"),
            run=lambda values, who, at: _done(
                returns.refuse_return(return_id=back.pk, actor=who, at=at, **values)
            ),
            policy=_DECIDE,
            why_not="" if is_open else state,
            fields=(Field("reason", _("Reason")),),
            is_danger=True,
        ),
        Action(
            key="refund",
            label=_("Money is back"),
            run=lambda _v, who, at: _done(returns.note_refund(return_id=back.pk, actor=who, at=at)),
            policy=_DECIDE,
            why_not="" if is_owed else state,
            is_primary=is_owed,
        ),
    )


def _done(info: ReturnInfo) -> Done:
    words = gettext("%(number)s is %(state)s.")
    label = ReturnState(info.state).label
    return Done(message=words % {"number": info.number, "state": label})
