"""What the price patrol found, and what is done about it (CAT-4.2-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.patrol import CaseState, Severity, ViolationKind
from catalog.models import PriceViolation
from catalog.selectors import channels, penalties
from catalog.selectors import patrol as selected
from catalog.services import patrol
from catalog.views import penalty_panel
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
    Related,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_EXPORT = may("catalog", "E")


class ViolationList(ListScreen):
    """`/price-violations/`: offers that are not what was approved, the open ones first."""

    policy = _VIEW
    title = _("Price patrol")
    nav = "price_cases"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("sku", _("SKU"), "code", value=lambda row: row.sku.code, sub=lambda r: r.sku.name),
        Column("channel", _("Channel"), value=lambda row: row.channel.name),
        Column("kind", _("What was found"), value=lambda row: ViolationKind(row.kind).label),
        Column("severity", _("Severity"), "badge", value=lambda row: Severity(row.severity)),
        Column("shown_price", _("Price shown"), "money"),
        Column("right_price", _("Should be"), "money"),
        Column("found_at", _("Found at"), "moment"),
        Column("state", _("State"), "badge", value=lambda row: CaseState(row.state)),
    )
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("channel", _("Channel"), choices=channels.choices),
        Filter("state", _("State"), choices=CaseState.choices),
        Filter("severity", _("Severity"), choices=Severity.choices),
        Filter("kind", _("What was found"), choices=ViolationKind.choices),
    )
    order = "-id"
    export_policy = _EXPORT
    empty = _("No violation. The patrol compares what channels show every night.")

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Lead to the patrol log and to what was held against channels."""
        del actor
        return (
            Action(key="log", label=_("Patrol log"), href=reverse("catalog:price_patrols")),
            Action(key="held", label=_("Penalties"), href=reverse("catalog:price_penalties")),
        )

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of cases."""
        rows = selected.violations(actor=actor)
        if sku := query.get("sku"):
            rows = rows.filter(sku__code=sku)
        if channel := query.get("channel"):
            rows = rows.filter(channel_id=channel)
        for key in ("state", "severity", "kind"):
            if value := query.get(key):
                rows = rows.filter(**{key: value})
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the case."""
        return reverse("catalog:price_violation", args=[row.pk])


class ViolationScreen(RecordScreen):
    """`/price-violations/<id>/`: one case: what was shown, what is right, what was done."""

    policy = _VIEW
    title = _("Price violation")
    nav = "price_cases"
    list_url_name = "catalog:price_violations"
    list_title = _("Price patrol")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the case with the times its offer was off sale."""
        del at
        case = selected.violation(case_id=key["case_id"], actor=actor)
        off = [row for row in selected.suspensions(sku_id=case.sku_id)
               if row.channel_id == case.channel_id]  # fmt: skip
        is_off = any(row.lifted_at is None for row in off)
        penalty = penalties.of_case(case.pk)
        return Record(
            number=case.number,
            title=ViolationKind(case.kind).label,
            state=CaseState(case.state),
            actions=(*_handle_actions(case, is_off=is_off), *penalty_panel.actions(case, penalty)),
            notices=[("warning", _("The offer is off sale: it has no price now."))]
            if is_off
            else (),
            facts=(_case_facts(case), *penalty_panel.facts(penalty)),
            lines=(
                Lines(
                    _("Off sale"),
                    (
                        Column("since", _("Since"), "moment"),
                        Column("reason", _("Reason")),
                        Column("lifted_at", _("Lifted at"), "moment"),
                        Column("lifted_why", _("Reason of lifting")),
                    ),
                    off,
                    empty=_("This offer was never taken off sale."),
                ),
            ),
            related=(
                Related(
                    title=f"{case.sku.code} {case.sku.name}",
                    href=reverse("catalog:sku", args=[case.sku_id]),
                    note=_("Prices of this SKU"),
                ),
            ),
            clauses=("CAT-4.2-03",),
            subject=(patrol.SUBJECT, case.pk),
        )


def _case_facts(case: PriceViolation) -> FactGroup:
    return FactGroup(
        title=_("Case"),
        facts=(
            Fact(title=_("Channel"), value=case.channel.name),
            Fact(title=_("SKU"), value=case.sku.code, kind="code"),
            Fact(title=_("Severity"), value=Severity(case.severity).label),
            Fact(title=_("Price shown"), value=case.shown_price, kind="money"),
            Fact(title=_("Should be"), value=case.right_price, kind="money"),
            Fact(title=_("Found at"), value=case.found_at, kind="moment"),
            Fact(title=_("Last seen at"), value=case.last_seen_at, kind="moment"),
            Fact(title=_("Times seen"), value=case.times_seen, kind="number"),
            Fact(
                title=_("Who drafted the price"),
                value=people.person_name(case.owner_id) if case.owner_id else "",
            ),
            Fact(title=_("Handling"), value=case.handling),
            Fact(title=_("Handled at"), value=case.handled_at, kind="moment"),
        ),
    )


def _handle_actions(case: PriceViolation, *, is_off: bool) -> tuple[Action, ...]:
    closed = "" if case.state == CaseState.OPEN else _("This case was handled.")
    words = Field("handling", _("What was done"), most=400, least=2)
    return (
        Action(
            key="handle",
            label=_("Close the case"),
            run=lambda values, actor, at: _handle(case.pk, values, actor, at, lift=False),
            policy=patrol.HANDLE,
            fields=(words,),
            why_not=closed,
            is_primary=not closed,
        ),
        Action(
            key="lift",
            label=_("Close, and put back on sale"),
            run=lambda values, actor, at: _handle(case.pk, values, actor, at, lift=True),
            policy=patrol.HANDLE,
            fields=(words,),
            why_not=closed or ("" if is_off else _("The offer is on sale.")),
        ),
    )


def _handle(
    case_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime, *, lift: bool
) -> Done:
    case = patrol.handle(
        case_id=case_id, handling=values["handling"], lift=lift, actor=actor, at=at
    )
    return Done(message=gettext("%(number)s is closed.") % {"number": case.number})
