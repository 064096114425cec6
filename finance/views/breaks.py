"""Breaks on screen: the list, one break, and how it may end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance import errors
from finance.choices import BreakState, BreakType, Resolution
from finance.selectors import settlement
from finance.services import breaks
from finance.views.statements import channel_choices
from ops.engines.desk.screens import (
    Action,
    BulkAction,
    BulkOutcome,
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
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

VIEW, WORK, EXPORT = may("finance", "V"), may("finance", "P"), may("finance", "E")

CODES = (
    *((code, Resolution(code).label) for code in ("fee", "subsidy", "transit", "payable")),
    (Resolution.WRITE_OFF.value, Resolution.WRITE_OFF.label),
)

_ALL_CODES = (
    (Resolution.MATCHED.value, Resolution.MATCHED.label),
    *CODES,
    (Resolution.EXPLAINED.value, Resolution.EXPLAINED.label),
)


def _take(ids: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    done = breaks.assign(
        break_ids=[int(one) for one in ids], person_id=actor.person_id or 0, actor=actor, at=at
    )
    return BulkOutcome(done=len(done))


class BreakList(ListScreen):
    """Differences between statements and our side."""

    policy = VIEW
    title = _("Breaks")
    nav = "matching"
    row_url = "finance:break"
    columns = (
        Column(
            "order_no",
            _("Order number"),
            "code",
            name=True,
            value=lambda r: r.order_no or r.subject,
        ),
        Column("type", _("Type"), value=lambda r: BreakType(r.type).label),
        Column("channel", _("Channel"), value=lambda r: r.channel.name),
        Column("statement_amount", _("Statement"), "money"),
        Column("our_amount", _("Ours"), "money"),
        Column("difference", _("Difference"), "money", value=settlement.difference),
        Column("occurred_on", _("Day"), "day", sort=True),
        Column("due_on", _("Due"), "day"),
        Column("state", _("State"), "badge", value=lambda r: BreakState(r.state)),
        Column("resolution", _("Resolution"), value=lambda r: r.get_resolution_display()),
    )
    filters = (
        Filter("channel", _("Channel"), choices=channel_choices),
        Filter("type", _("Type"), choices=BreakType.choices),
        Filter("order", _("Order number"), "keys"),
        Filter("day", _("Day"), "span"),
    )
    tabs = (Tab("open", _("Open")), Tab("mine", _("Mine")), Tab("all", _("All")))
    order = "occurred_on"
    export_policy = EXPORT
    bulk = (BulkAction(key="take", label=_("Take over"), run=_take, policy=WORK),)
    empty = _("Statements and books agree.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of breaks."""
        rows = settlement.breaks(actor=actor)
        if query.tab != "all":
            rows = rows.filter(state=BreakState.OPEN)
        if query.tab == "mine":
            rows = rows.filter(owner_person_id=actor.person_id or 0)
        rows = query.narrow(rows, "type", channel="channel_id", order="order_no__in")
        if span := query.get("day"):
            rows = rows.filter(occurred_on__range=(span.first, span.last))
        return query.page(rows, orders={"occurred_on": "occurred_on"})

    def head_actions(self, *, actor: Actor) -> tuple[Action, ...]:
        """Lead to the workbench."""
        bench = reverse("finance:workbench")
        return (Action(key="match", label=_("Workbench"), href=bench, is_primary=True),)


class BreakScreen(RecordScreen):
    """One break: both sides, its age, its owner, and how it may end."""

    policy = VIEW
    nav = "matching"
    list_url_name = "finance:breaks"
    list_title = _("Breaks")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return one break."""
        row = (
            settlement.breaks(actor=actor)
            .select_related("file", "entry")
            .filter(pk=key["pk"])
            .first()
        )
        if row is None:
            raise errors.BreakMissing(
                "finance.break_missing", gettext("There is no such break here.")
            )
        shown = settlement.break_info(row, at=at)
        names = identity.person_names([row.owner_person_id] if row.owner_person_id else [])
        closed = "" if row.state == BreakState.OPEN else gettext("It is resolved.")
        undoable = row.state == BreakState.RESOLVED and row.resolution != Resolution.CLEARED
        return Record(
            number=row.order_no or row.subject,
            title=BreakType(row.type).label,
            state=BreakState(row.state),
            actions=(
                Action(
                    key="resolve",
                    label=_("Resolve"),
                    policy=WORK,
                    is_primary=True,
                    why_not=closed,
                    fields=(
                        Field("code", _("What it is"), "choice", choices=_ALL_CODES),
                        Field("reason", _("Reason"), most=400, required=False),
                    ),
                    run=partial(_resolve, row.pk),
                ),
                Action(
                    key="take",
                    label=_("Take over"),
                    policy=WORK,
                    why_not=closed,
                    run=lambda _values, who, when: _taken(row.pk, who, when),
                ),
                Action(
                    key="undo",
                    label=_("Undo"),
                    policy=WORK,
                    shortcut="u",
                    why_not="" if undoable else gettext("There is nothing to undo."),
                    run=partial(_undo, row.resolution_no),
                ),
            ),
            facts=(
                FactGroup(
                    title=_("Difference"),
                    facts=(
                        Fact(title=_("Statement"), value=row.statement_amount, kind="money"),
                        Fact(title=_("Ours"), value=row.our_amount, kind="money"),
                        Fact(title=_("Difference"), value=shown.difference, kind="money"),
                        Fact(title=_("Fee with it"), value=row.statement_fee, kind="money"),
                        Fact(title=_("Refund"), value=row.refund_no),
                        Fact(title=_("Day"), value=row.occurred_on, kind="day"),
                        Fact(title=_("Age in days"), value=shown.age_days, kind="number"),
                        Fact(
                            title=_("Person responsible"),
                            value=names.get(row.owner_person_id or 0, ""),
                        ),
                        Fact(title=_("Due"), value=row.due_on, kind="day"),
                        Fact(title=_("Resolution"), value=row.get_resolution_display()),
                        Fact(title=_("Reason"), value=row.reason, is_wide=True),
                    ),
                ),
            ),
            related=[
                related
                for related in (
                    row.file
                    and Related(
                        title=_("Settlement file"),
                        note=row.file.number,
                        href=reverse("finance:file", args=[row.file_id]),
                    ),
                    row.entry
                    and Related(
                        title=_("Voucher"),
                        note=row.entry.voucher,
                        href=reverse("finance:entry", args=[row.entry_id]),
                    ),
                )
                if related
            ],
            clauses=("FIN-7.3-01",),
            subject=(breaks.SOURCE, row.pk),
        )


def _resolve(pk: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    (made,) = breaks.resolve(
        break_ids=[pk], code=values["code"], reason=values["reason"] or "", actor=actor, at=at
    )
    return Done(message=gettext("%(number)s is kept.") % {"number": made.resolution_no})


def _taken(pk: int, actor: Actor, at: dt.datetime) -> Done:
    breaks.assign(break_ids=[pk], person_id=actor.person_id or 0, actor=actor, at=at)
    return Done(message=gettext("It is yours now."))


def _undo(number: str, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    breaks.undo(resolution_no=number, actor=actor, at=at)
    return Done(message=gettext("%(number)s was taken back; what it booked is reversed.")
                % {"number": number})  # fmt: skip
