"""Comparisons of stock with the ledger on screen."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from finance.models import Agreement
from ops.engines.desk.screens import (
    Column,
    ListPage,
    ListQuery,
    ListScreen,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import everywhere, may

VIEW, EXPORT = everywhere("finance", "V"), may("finance", "E")


class AgreementList(ListScreen):
    """Every comparison of stock with the ledger."""

    policy = VIEW
    title = _("Comparisons of the books")
    nav = "close"
    columns = (
        Column("day", _("Day"), "day", name=True),
        Column("stock_value", _("Stock value"), "money", unit=_("CNY")),
        Column("ledger_value", _("Ledger value"), "money", unit=_("CNY")),
        Column(
            "difference",
            _("Difference"),
            "money",
            unit=_("CNY"),
            value=lambda r: r.stock_value - r.ledger_value,
        ),
        Column("details", _("Differences within the books"), value=lambda r: "; ".join(r.details)),
        Column("compared_at", _("Compared at"), "moment"),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("Not compared yet: this happens every night.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of comparisons."""
        return query.page(Agreement.objects.all(), orders={"id": "pk"})
