"""Disposals on screen: what is left of goods out of the range, and how it goes (CAT-4.1-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.choices import DisposalState, Treatment
from inventory.models import StockDisposal
from inventory.selectors import disposals as selected
from inventory.services import disposals
from inventory.views.stock import EXPORT, VIEW, warehouse_choices
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Tab,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass


class DisposalList(ListScreen):
    """`/inventory/disposals/`: the rest of goods that are not bought any more."""

    policy = VIEW
    title = _("Stock disposals")
    nav = "disposals"
    row_url = "inventory:disposal"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("sku", _("SKU"), "code", value=lambda row: row.sku.code, sub=lambda r: r.sku.name),
        Column("warehouse", _("Warehouse"), value=lambda row: row.warehouse.name),
        Column("pieces", _("At the start"), "number"),
        Column("left", _("Left now"), "number"),
        Column("value", _("Value"), "money", unit=_("CNY"), data=DataClass.COST),
        Column(
            "treatment",
            _("Treatment"),
            value=lambda row: Treatment(row.treatment).label if row.treatment else "",
        ),
        Column("opened_at", _("Opened"), "moment"),
        Column("state", _("State"), "badge", value=lambda row: DisposalState(row.state)),
    )
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("warehouse", _("Warehouse"), choices=warehouse_choices),
        Filter("state", _("State"), choices=DisposalState.choices),
    )
    tabs = (Tab("running", _("Running")), Tab("all", _("All")))
    order = "-id"
    export_policy = EXPORT
    empty = _("Nothing is to be disposed of. A drop from the range opens what is left of it here.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the disposals in the actor's warehouses."""
        found = query.narrow(
            selected.disposals(actor=actor), "state", sku="sku__code", warehouse="warehouse_id"
        )
        if query.tab == "running":
            found = found.exclude(state=DisposalState.ENDED)
        return query.page(found, orders={"id": "id"})


class DisposalScreen(RecordScreen):
    """`/inventory/disposals/<id>/`: what lies there, what is proposed, what is left."""

    policy = VIEW
    nav = "disposals"
    list_url_name = "inventory:disposals"
    list_title = _("Stock disposals")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the disposal; raises UnknownDocument."""
        del at
        row = selected.disposal(disposal_id=int(key["pk"]), actor=actor)
        return Record(
            number=row.number,
            title=f"{row.sku.code} {row.sku.name}",
            state=DisposalState(row.state),
            actions=_actions(row),
            facts=(_facts(row),),
            related=(
                Related(
                    title=_("Stock of this SKU"),
                    note=row.sku.code,
                    href=f"{reverse('inventory:stock')}?sku={row.sku.code}",
                ),
                Related(
                    title=_("Moves of this SKU"),
                    note=row.sku.code,
                    href=f"{reverse('inventory:moves')}?sku={row.sku.code}",
                ),
            ),
            clauses=("CAT-4.1-05",),
            subject=(disposals.SUBJECT, row.pk),
        )


def _facts(row: StockDisposal) -> FactGroup:
    return FactGroup(
        title=_("Disposal"),
        facts=(
            Fact(title=_("Warehouse"), value=row.warehouse.name),
            Fact(title=_("At the start"), value=row.pieces, kind="number"),
            Fact(title=_("Left now"), value=row.left, kind="number"),  # type: ignore[attr-defined]
            Fact(title=_("Value"), value=row.value, kind="money", data=DataClass.COST),
            Fact(title=_("Opened"), value=row.opened_at, kind="moment"),
            Fact(
                title=_("Treatment"),
                value=Treatment(row.treatment).label if row.treatment else "",
            ),
            Fact(title=_("Note"), value=row.note, is_wide=True),
            Fact(
                title=_("Proposed by"),
                value=people.person_name(row.filed_by) if row.filed_by else "",
            ),
            Fact(title=_("Ended"), value=row.ended_at, kind="moment"),
        ),
    )


def _actions(row: StockDisposal) -> tuple[Action, ...]:
    def propose(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        disposals.file_disposal(
            disposal_id=row.pk,
            treatment=values["treatment"],
            note=values["note"],
            actor=actor,
            at=at,
        )
        return Done(message=now("%(number)s is proposed.") % {"number": row.number})

    def end(_values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        disposals.end_disposal(disposal_id=row.pk, actor=actor, at=at)
        return Done(message=now("%(number)s has ended.") % {"number": row.number})

    is_open, is_filed = row.state == DisposalState.OPEN, row.state == DisposalState.FILED
    return (
        Action(
            key="propose",
            label=_("Propose how the rest goes"),
            run=propose,
            policy=disposals.FILE,
            fields=(
                Field("treatment", _("Treatment"), "choice", choices=Treatment.choices),
                Field("note", _("Note"), most=400, least=2),
            ),
            why_not="" if is_open else _("It is proposed already."),
            is_primary=is_open,
        ),
        Action(
            key="end",
            label=_("Nothing is left"),
            run=end,
            policy=disposals.FILE,
            why_not=""
            if is_filed
            else _("It has ended.")
            if row.state == DisposalState.ENDED
            else _("Propose first how the rest goes."),
            is_primary=is_filed,
        ),
    )
