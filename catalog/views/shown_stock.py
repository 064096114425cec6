"""What channels show of our stock, the log of what was told, and buffers (CAT-4.3-10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.shown_stock import SyncKind
from catalog.selectors import channels
from catalog.selectors import shown_stock as selected
from catalog.services import rivals, shown_stock
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Field,
    Filter,
    FormScreen,
    Group,
    ListPage,
    ListQuery,
    ListScreen,
    New,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_EXPORT = may("catalog", "E")


def _channels(actor: Actor) -> list[tuple[str, str]]:
    return [(str(channel.id), channel.name) for channel in channels.visible(actor=actor)]


def _links(*, current: str) -> tuple[Action, ...]:
    """Lead to the other lists about shown stock."""
    places = (
        ("shown_stock", _("Stock shown")),
        ("stock_log", _("Log of shown stock")),
        ("channel_buffers", _("Buffers")),
    )
    return tuple(
        Action(key=key, label=label, href=reverse(f"catalog:{key}"))
        for key, label in places
        if key != current
    )


class ShownStockList(ListScreen):
    """`/shown-stock/`: what each channel was told, and what it was seen showing."""

    policy = _VIEW
    title = _("Stock shown")
    nav = "shown_stock"
    columns = (
        Column("sku", _("SKU"), "code", name=True, value=lambda row: row.sku.code,
               sub=lambda row: row.sku.name),
        Column("channel", _("Channel"), value=lambda row: row.channel.name),
        Column("pieces", _("Told"), "number"),
        Column("told_at", _("Told at"), "moment"),
        Column("seen", _("Seen in the channel"), "number"),
        Column("seen_at", _("Seen at"), "moment"),
    )  # fmt: skip
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("channel", _("Channel"), choices=_channels),
        Filter("differs", _("Compared"), choices=(("yes", _("differs from what was told")),)),
    )
    order = "-id"
    export_policy = _EXPORT
    empty = _("No figure yet. It is told as soon as goods on a shelf have stock.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of figures."""
        rows = selected.shown(actor=actor)
        if sku := query.get("sku"):
            rows = rows.filter(sku__code=sku)
        if channel := query.get("channel"):
            rows = rows.filter(channel_id=channel)
        if query.get("differs"):
            rows = rows.filter(selected.DIFFERS)
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Lead to what was told of this SKU before."""
        return f"{reverse('catalog:stock_log')}?sku={row.sku.code}&channel={row.channel_id}"

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the log and to the buffers."""
        del actor
        return _links(current="shown_stock")


class StockLogList(ListScreen):
    """`/stock-log/`: every figure told anew, and every difference that was corrected."""

    policy = _VIEW
    title = _("Log of shown stock")
    nav = "shown_stock"
    columns = (
        Column("sku", _("SKU"), "code", name=True, value=lambda row: row.sku.code,
               sub=lambda row: row.sku.name),
        Column("channel", _("Channel"), value=lambda row: row.push.channel.name),
        Column("at", _("Told at"), "moment", value=lambda row: row.push.at),
        Column("kind", _("Why"), "badge", value=lambda row: SyncKind(row.kind)),
        Column("stood", _("Stood there"), "number"),
        Column("available", _("Free to sell"), "number"),
        Column("buffer", _("Held back"), "number"),
        Column("pieces", _("Told"), "number"),
    )  # fmt: skip
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("channel", _("Channel"), choices=_channels),
        Filter("kind", _("Why"), choices=SyncKind.choices),
    )
    order = "-id"
    export_policy = _EXPORT
    empty = _("Nothing was told yet. Each change of stock is, and what differs every 5 minutes.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the log."""
        rows = selected.log(actor=actor)
        if sku := query.get("sku"):
            rows = rows.filter(sku__code=sku)
        if channel := query.get("channel"):
            rows = rows.filter(push__channel_id=channel)
        if kind := query.get("kind"):
            rows = rows.filter(kind=kind)
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the SKU."""
        return reverse("catalog:sku", args=[row.sku_id])

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the figures and to the buffers."""
        del actor
        return _links(current="stock_log")


class BufferList(ListScreen):
    """`/channel-buffers/`: what is held back, the newest first; the newest of each counts."""

    policy = _VIEW
    title = _("Buffers")
    nav = "shown_stock"
    columns = (
        Column("channel", _("Channel"), name=True, value=lambda row: row.channel.name),
        Column("sku", _("SKU"), "code", value=lambda row: row.sku.code if row.sku else "",
               sub=lambda row: row.sku.name if row.sku else _("all others")),
        Column("pieces", _("Held back"), "number"),
        Column("reason", _("Reason")),
        Column("set_at", _("Since"), "moment"),
    )  # fmt: skip
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("channel", _("Channel"), choices=_channels),
    )
    order = "-id"
    new = New(_("Set a buffer"), "catalog:channel_buffer_new", shown_stock.SET)
    export_policy = _EXPORT
    empty = _("No buffer: channels show all that is free to sell.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of buffers."""
        rows = selected.buffers(actor=actor)
        if sku := query.get("sku"):
            rows = rows.filter(sku__code=sku)
        if channel := query.get("channel"):
            rows = rows.filter(channel_id=channel)
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Lead to what the channel shows."""
        return f"{reverse('catalog:shown_stock')}?channel={row.channel_id}"

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the figures and to the log."""
        del actor
        return _links(current="channel_buffers")


class BufferForm(FormScreen):
    """`/channel-buffers/new/`: hold pieces back in a channel, from now on."""

    policy = shown_stock.SET
    title = _("Set a buffer")
    submit_label = _("Hold back")
    nav = "shown_stock"
    lead = _("The channel is told its new figures at once.")
    groups = (
        Group(
            _("Buffer"),
            (
                Field("channel", _("Channel"), "choice", choices=_channels),
                Field("sku", _("SKU"), "code", most=64, required=False,
                      hint=_("Empty: all SKUs that have no buffer of their own.")),
                Field("pieces", _("Pieces held back"), "quantity"),
                Field("reason", _("Reason"), most=200, least=2),
            ),
        ),
    )  # fmt: skip

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Set it through the service."""
        code = values["sku"]
        report = shown_stock.set_buffer(
            channel_id=int(values["channel"]),
            sku_id=rivals.sku_ids_of([code])[code] if code else None,
            pieces=values["pieces"],
            reason=values["reason"],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("The buffer holds; %(count)s figures were told anew.")
            % {"count": report.told}
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("catalog:channel_buffers")
