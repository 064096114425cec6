"""The rounds of the price patrol, and what was held against channels (CAT-4.2-03)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.patrol import ViolationKind
from catalog.models import PricePenalty
from catalog.selectors import channels, penalties
from ops.engines.desk.screens import Column, Filter, ListPage, ListQuery, ListScreen
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_EXPORT = may("catalog", "E")


class PatrolLog(ListScreen):
    """`/price-patrols/`: every round through a channel: offers looked at, cases, suspensions."""

    policy = _VIEW
    title = _("Patrol log")
    nav = "price_cases"
    columns = (
        Column("patrolled_at", _("Patrolled at"), "moment", name=True),
        Column("channel", _("Channel"), value=lambda row: row.channel.name),
        Column("offers", _("Offers looked at"), "number"),
        Column("opened", _("Cases opened"), "number"),
        Column("again", _("Seen again"), "number"),
        Column("severe", _("Severe"), "number"),
        Column("suspended", _("Taken off sale"), "number"),
    )
    filters = (Filter("channel", _("Channel"), choices=channels.choices),)
    order = "-id"
    export_policy = _EXPORT
    empty = _("No round yet. The patrol compares what channels show every night.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of rounds."""
        rows = penalties.patrols(actor=actor)
        if channel := query.get("channel"):
            rows = rows.filter(channel_id=channel)
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the cases of the channel."""
        return f"{reverse('catalog:price_violations')}?channel={row.channel_id}"


def _standing(row: PricePenalty) -> str:
    return gettext("taken back") if row.revoked_at is not None else gettext("counts")


class PenaltyList(ListScreen):
    """`/price-penalties/`: violations confirmed against channels, with the points they cost."""

    policy = _VIEW
    title = _("Price penalties")
    nav = "price_cases"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("channel", _("Channel"), value=lambda row: row.violation.channel.name),
        Column("sku", _("SKU"), "code", value=lambda row: row.violation.sku.code,
               sub=lambda row: row.violation.sku.name),
        Column("kind", _("What was found"),
               value=lambda row: ViolationKind(row.violation.kind).label),
        Column("rule", _("Rule broken")),
        Column("points", _("Points"), "number"),
        Column("confirmed_at", _("Confirmed at"), "moment"),
        Column("standing", _("Standing"), value=_standing),
    )  # fmt: skip
    filters = (Filter("channel", _("Channel"), choices=channels.choices),)
    order = "-id"
    export_policy = _EXPORT
    empty = _("Nothing was held against a channel. Compliance confirms a case on its page.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of penalties."""
        rows = penalties.visible(actor=actor)
        if channel := query.get("channel"):
            rows = rows.filter(violation__channel_id=channel)
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the case."""
        return reverse("catalog:price_violation", args=[row.violation_id])
