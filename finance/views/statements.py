"""Statements on screen: the files as they came, and the runs that reconciled them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from finance import errors
from finance.choices import BreakState
from finance.models import SettlementFile
from finance.selectors import settlement
from finance.services import reconciliation
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Filter,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Tab,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

VIEW, WORK, EXPORT = may("finance", "V"), may("finance", "P"), may("finance", "E")


def channel_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the channels the actor works in."""
    return [(str(one.id), one.name) for one in channels.visible(actor=actor, area="finance")]


class FileList(ListScreen):
    """Statements as they came in."""

    policy = VIEW
    title = _("Settlement files")
    nav = "matching"
    row_url = "finance:file"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("channel", _("Channel"), value=lambda r: r.channel.name),
        Column("first_day", _("First day"), "day"),
        Column("last_day", _("Last day"), "day", sort=True),
        Column("lines", _("Lines"), "number"),
        Column("income", _("Income"), "money"),
        Column("expense", _("Expense"), "money"),
        Column("imported_at", _("Imported at"), "moment", optional=True),
        Column("reconciled_at", _("Reconciled at"), "moment"),
    )
    filters = (
        Filter("channel", _("Channel"), choices=channel_choices),
        Filter("day", _("Day"), "span"),
    )
    tabs = (Tab("all", _("All")), Tab("fresh", _("To reconcile")))
    order = "-last_day"
    export_policy = EXPORT
    empty = _("No statement yet. Import the first one.")
    empty_href = "/imports/new/?profile=alipay_merchant"
    empty_label = _("Import a statement")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of files."""
        rows = settlement.files(actor=actor)
        if query.tab == "fresh":
            rows = rows.filter(reconciled_at__isnull=True)
        if channel := query.get("channel"):
            rows = rows.filter(channel_id=channel)
        if span := query.get("day"):
            rows = rows.filter(last_day__gte=span.first, first_day__lte=span.last)
        return query.page(rows, orders={"last_day": "last_day"})


class FileScreen(RecordScreen):
    """One statement: what it counts, what it states, and its first lines."""

    policy = VIEW
    nav = "matching"
    list_url_name = "finance:files"
    list_title = _("Settlement files")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return one file."""
        row = settlement.files(actor=actor).filter(pk=key["pk"]).first()
        if row is None:
            raise errors.FileMissing("finance.file_missing", gettext("There is no such file here."))
        lines = list(settlement.lines_of(file_id=row.pk, actor=actor).order_by("id")[:100])
        found = settlement.breaks(actor=actor).filter(file_id=row.pk, state=BreakState.OPEN)
        stated = row.stated or {}
        return Record(
            number=row.number,
            title=row.channel.name,
            actions=(
                Action(
                    key="run",
                    label=_("Reconcile"),
                    policy=WORK,
                    is_primary=True,
                    run=partial(_run, row),
                ),
                Action(
                    key="match",
                    label=_("Workbench"),
                    href=reverse("finance:workbench") + f"?channel={row.channel_id}",
                    shortcut="m",
                ),
            ),
            facts=(
                FactGroup(
                    title=_("Statement"),
                    facts=(
                        Fact(title=_("Merchant account"), value=row.account_no),
                        Fact(title=_("First day"), value=row.first_day, kind="day"),
                        Fact(title=_("Last day"), value=row.last_day, kind="day"),
                        Fact(title=_("Lines"), value=row.lines, kind="number"),
                        Fact(title=_("Income"), value=row.income, kind="money"),
                        Fact(title=_("Stated income"), value=stated.get("income")),
                        Fact(title=_("Expense"), value=row.expense, kind="money"),
                        Fact(title=_("Stated expense"), value=stated.get("expense")),
                        Fact(title=_("Reconciled at"), value=row.reconciled_at, kind="moment"),
                    ),
                ),
            ),
            lines=(
                Lines(
                    _("First lines"),
                    (
                        Column("serial_no", _("Serial number"), "code"),
                        Column("occurred_at", _("Occurred at"), "moment"),
                        Column("kind", _("Kind"), value=lambda r: r.get_kind_display()),
                        Column("order_no", _("Order number"), "code"),
                        Column("amount", _("Amount"), "money"),
                        Column("balance", _("Balance"), "money"),
                    ),
                    lines,
                ),
            ),
            related=(
                Related(
                    title=_("Open breaks"),
                    count=found.count(),
                    href=reverse("finance:breaks") + f"?channel={row.channel_id}"
                    f"&day={row.first_day.isoformat()}..{row.last_day.isoformat()}",
                ),
            ),
            clauses=("FIN-7.3-01",),
            subject=("finance.settlementfile", row.pk),
        )


def _run(row: SettlementFile, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = reconciliation.run(
        channel_id=row.channel_id, first=row.first_day, last=row.last_day, actor=actor, at=at
    )
    say = {"number": made.number, "matched": made.matched, "open": made.open_breaks}
    return Done(message=gettext("%(number)s: %(matched)s matched, %(open)s breaks open.") % say)


class RunList(ListScreen):
    """Reconciliations, the newest first."""

    policy = VIEW
    title = _("Reconciliations")
    nav = "matching"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("channel", _("Channel"), value=lambda r: r.channel.name),
        Column("first_day", _("First day"), "day"),
        Column("last_day", _("Last day"), "day"),
        Column("statement_lines", _("Statement lines"), "number"),
        Column("matched", _("Matched"), "number"),
        Column("found", _("New breaks"), "number"),
        Column("cleared", _("Cleared"), "number"),
        Column("open_breaks", _("Open"), "number"),
        Column("difference", _("Difference"), "money"),
        Column("run_at", _("Run at"), "moment"),
    )
    filters = (Filter("channel", _("Channel"), choices=channel_choices),)
    order = "-id"
    export_policy = EXPORT

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of runs."""
        rows = settlement.runs(actor=actor)
        if channel := query.get("channel"):
            rows = rows.filter(channel_id=channel)
        return query.page(rows, orders={"id": "pk"})
