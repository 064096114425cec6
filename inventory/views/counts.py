"""Stock counts on screen: the count and its blind sheets (V11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory.choices import CountKind, CountState
from inventory.errors import NotReady, UnknownDocument
from inventory.models import CountLine, CountSheet, StockCount
from inventory.selectors import documents as selected
from inventory.services import counting, counts
from inventory.types import CountEntry
from inventory.views.stock import EXPORT, VIEW, warehouse_choices
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
    Related,
    Sheet,
    SheetEntry,
    SheetItem,
    SheetScreen,
    Tab,
)
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

WORK = may("inventory", "C", Role.WAREHOUSE_KEEPER, Role.FINANCE_OFFICER)
COUNT = may("inventory", "C", Role.WAREHOUSE_KEEPER)
KNOWN = (CountState.REVIEW, CountState.SUBMITTED, CountState.APPROVED, CountState.POSTED)
MOST_ITEMS = 2000  # a sheet on a phone; bigger places are counted by file
MOST_ROWS = 500


class CountList(ListScreen):
    """`/inventory/counts/`."""

    policy = VIEW
    title = _("Stock counts")
    nav = "counts"
    row_url = "inventory:count"
    new = New(_("Open a count"), "inventory:count-new", WORK)
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("warehouse", _("Warehouse"), value=lambda row: row.warehouse.name),
        Column("kind", _("Kind"), value=lambda row: CountKind(row.kind).label),
        Column("period", _("Period")),
        Column("opened_at", _("Opened"), "moment", sort=True),
        Column("posted_on", _("Posted on"), "day"),
        Column("state", _("State"), "badge", value=lambda row: CountState(row.state)),
    )
    tabs = (Tab("all", _("All")), Tab("work", _("At work")))
    filters = (
        Filter("number", _("Number"), "text"),
        Filter("state", _("State"), choices=CountState.choices),
        Filter("warehouse", _("Warehouse"), choices=warehouse_choices),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("No count yet; they are opened every week and at quarter end.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of counts."""
        rows = selected.stock_counts(actor=actor)
        if query.tab == "work":
            rows = rows.filter(state__in=[CountState.OPEN, CountState.COUNTING, CountState.REVIEW])
        rows = query.narrow(rows, "number", "state", "warehouse")
        return query.page(rows, orders={"id": "id", "opened_at": "opened_at"})


class CountForm(FormScreen):
    """`/inventory/counts/new/`."""

    policy = WORK
    title = _("Open a count")
    nav = "counts"
    submit_label = _("Open the count")
    groups = (
        Group(
            _("Stock count"),
            (
                Field("warehouse", _("Warehouse"), "choice", choices=warehouse_choices),
                Field("kind", _("Kind"), "choice", choices=CountKind.choices),
                Field(
                    "places",
                    _("Places"),
                    "lines",
                    required=False,
                    most=4000,
                    hint=_("One code a line; all places of the warehouse when empty."),
                ),
            ),
        ),
    )

    def submit(self, *, values: Mapping[str, Any], actor: Actor, at: datetime, **key: Any) -> Done:
        """Open the count."""
        warehouse = int(values["warehouse"])
        codes = (values["places"] or "").split()
        made = counts.open_count(
            warehouse_id=warehouse,
            kind=values["kind"],
            location_ids=[selected.location_id(warehouse=warehouse, code=code) for code in codes]
            or None,
            actor=actor,
            at=at,
        )
        return Done(
            message=now("%(code)s is saved.") % {"code": made.number},
            href=reverse("inventory:count", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("inventory:counts")


class CountScreen(RecordScreen):
    """`/inventory/counts/<id>/`: sheets, signatures, the next step."""

    policy = VIEW
    nav = "counts"
    list_url_name = "inventory:counts"
    list_title = _("Stock counts")

    def load(self, *, actor: Actor, at: datetime, **key: Any) -> Record:
        """Return the count; raises UnknownDocument."""
        pk = int(key["pk"])
        row = count_of(actor, pk)
        sheets = selected.sheets(count=row)
        signers = {one for s in sheets for one in (s.keeper_id, s.finance_id) if one}
        names = identity.person_names(signers) if signers else {}

        def name(person_id: int | None) -> str:
            return names.get(person_id, str(person_id)) if person_id else ""

        done = sum(sheet.lines_done for sheet in sheets)
        total = sum(sheet.lines_total for sheet in sheets)
        return Record(
            number=row.number,
            title=f"{row.warehouse.name} {CountKind(row.kind).label}",
            state=CountState(row.state),
            actions=_actions(row),
            facts=[
                FactGroup(
                    title=_("Stock count"),
                    facts=[
                        Fact(title=_("Period"), value=row.period),
                        Fact(title=_("Book frozen at"), value=row.book_at, kind="moment"),
                        Fact(title=_("Book frozen at move"), value=row.book_move_id, kind="code"),
                        Fact(title=_("Counted lines"), value=f"{done} / {total}"),
                        Fact(title=_("Counting closed"), value=row.closed_at, kind="moment"),
                        Fact(title=_("Posted on"), value=row.posted_on, kind="day"),
                    ],
                )
            ],
            lines=[
                Lines(
                    _("Sheets"),
                    [
                        Column(
                            "location",
                            _("Place"),
                            "code",
                            value=lambda sheet: sheet.location,
                            href=lambda sheet: _sheet_href(row, sheet),
                        ),
                        Column("lines_total", _("Lines"), "number"),
                        Column("lines_done", _("Counted"), "number"),
                        Column("keeper", _("Keeper"), value=lambda sheet: name(sheet.keeper_id)),
                        Column("finance", _("Finance"), value=lambda sheet: name(sheet.finance_id)),
                    ],
                    sheets[:MOST_ROWS],
                )
            ],
            related=related(row),
            clauses=["SCM-2.3-05", "SCM-2.3-06", "SCM-2.3-07"],
            subject=(counts.SUBJECT, pk),
            prints=[("count_sheet", pk)] if row.state == CountState.COUNTING else [],
        )


class CountSheetScreen(SheetScreen):
    """`/inventory/counts/<id>/sheets/<n>/`: one place, blind; no book quantity is ever sent.

    An entry sets the figure of its line, so the same entry sent twice has one effect; an entry that
    takes the only one back leaves the line uncounted.
    """

    policy = COUNT
    title = _("Count sheet")
    nav = "counts"

    def load(self, *, actor: Actor, at: datetime, **key: Any) -> Sheet:
        """Return the sheet; raises UnknownDocument, NotReady for one too big for a phone."""
        pk = int(key["pk"])
        sheet_no = int(key["sheet_no"])
        row = count_of(actor, pk)
        sheet = (
            CountSheet.objects.filter(count=row, sheet_no=sheet_no)
            .select_related("location")
            .first()
        )
        if sheet is None:
            raise UnknownDocument("inventory.sheet_unknown", now("There is no such sheet."))
        if row.state != CountState.COUNTING or sheet.keeper_id is not None:
            raise NotReady("inventory.sheet_closed", now("This sheet is not open for counting."))
        lines = selected.blind_lines(count_id=pk, sheet_no=sheet_no, limit=MOST_ITEMS + 1)
        if len(lines) > MOST_ITEMS:
            raise NotReady(
                "inventory.sheet_too_big",
                now("This place holds too many items for a phone; enter its figures by file."),
            )
        place = sheet.location.code
        back = reverse("inventory:count", args=[pk])
        return Sheet(
            title=f"{row.number} {place}",
            note=now("%(warehouse)s, first count by %(name)s")
            % {"warehouse": row.warehouse.name, "name": actor.name},
            items=[
                SheetItem(
                    key=str(line["id"]),
                    place=place,
                    title=line["sku__name"],
                    detail=" ".join(filter(None, (line["sku__code"], line["lot__code"]))),
                    codes=[one for one in (line["sku__code"], line["sku__barcode"]) if one],
                    entered=line["counted"],
                )
                for line in lines
            ],
            done_href=reverse("inventory:count-found", args=[pk, sheet_no]),
            done_label=_("Goods that are not on the sheet"),
            back_href=back,
        )

    def enter(self, *, entry: SheetEntry, actor: Actor, at: datetime, **key: Any) -> str:
        """Write one figure, or take one back."""
        pk = int(key["pk"])
        sheet_no = int(key["sheet_no"])
        line_id = int(entry.item) if entry.item.isascii() and entry.item.isdigit() else 0
        line = CountLine.objects.filter(count_id=pk, sheet__sheet_no=sheet_no, pk=line_id).first()
        if line is None:
            raise UnknownDocument("inventory.count_line_unknown", now("There is no such line."))
        if entry.undoes is not None and entry.quantity == 0:
            counting.clear(count_id=pk, line_id=line.pk, actor=actor, at=at)
            return now("Taken back.")
        counting.enter(
            count_id=pk,
            sheet_no=sheet_no,
            entries=[CountEntry(sku_id=line.sku_id, lot_id=line.lot_id, quantity=entry.quantity)],
            actor=actor,
            at=at,
        )
        return now("Saved.")


class FoundForm(FormScreen):
    """`/inventory/counts/<id>/sheets/<n>/found/`: goods that lie there and are not on the sheet."""

    policy = COUNT
    title = _("Goods that are not on the sheet")
    nav = "counts"
    groups = (
        Group(
            _("Found"),
            (
                Field("sku", _("SKU"), "code"),
                Field("quantity", _("Quantity"), "quantity"),
                Field("lot", _("Lot"), "code", required=False),
            ),
        ),
    )

    def submit(self, *, values: Mapping[str, Any], actor: Actor, at: datetime, **key: Any) -> Done:
        """Write the found goods."""
        pk = int(key["pk"])
        sheet_no = int(key["sheet_no"])
        sku = selected.sku_ids(wanted=[values["sku"]])[values["sku"]]
        lot = values["lot"] and selected.lot_id(sku=sku, code=values["lot"])
        counting.enter(
            count_id=pk,
            sheet_no=sheet_no,
            entries=[CountEntry(sku_id=sku, quantity=values["quantity"], lot_id=lot or None)],
            actor=actor,
            at=at,
        )
        return Done(message=now("%(code)s is saved.") % {"code": values["sku"]})

    def back_url(self, **key: Any) -> str:
        """Lead to the sheet."""
        pk = int(key["pk"])
        sheet_no = int(key["sheet_no"])
        return reverse("inventory:count-sheet", args=[pk, sheet_no])


def count_of(actor: Actor, pk: int) -> StockCount:
    """Return a count of the actor's warehouses. Raises UnknownDocument."""
    row = selected.stock_counts(actor=actor).filter(pk=pk).first()
    if row is None:
        raise UnknownDocument("inventory.count_unknown", now("There is no such count."))
    return row


def _sheet_href(row: StockCount, sheet: selected.SheetRow) -> str:
    if row.state != CountState.COUNTING or sheet.keeper_id is not None:
        return ""
    return reverse("inventory:count-sheet", args=[row.pk, sheet.sheet_no])


def related(row: StockCount) -> list[Related]:
    """Return what belongs to a count: its variance report and its approval."""
    found = []
    if row.state in KNOWN:
        found.append(
            Related(
                title=_("Variance report"), href=reverse("inventory:count-variance", args=[row.pk])
            )
        )
    if row.approval_id:
        found.append(
            Related(title=_("Approval"), href=reverse("desk:approval", args=[row.approval_id]))
        )
    return found


def step(
    row: StockCount, call: Callable[..., Any], words: Any
) -> Callable[[Mapping[str, Any], Actor, datetime], Done]:
    """Return the deed of an action: a service called on this count."""

    def run(values: Mapping[str, Any], actor: Actor, at: datetime) -> Done:
        call(count_id=row.pk, actor=actor, at=at, **values)
        return Done(message=f"{row.number} {words}")

    return run


def _actions(row: StockCount) -> list[Action]:
    actions = []
    if row.state == CountState.OPEN:
        actions.append(
            Action(
                key="start",
                label=_("Freeze the book and start"),
                run=step(row, counts.start_count, now("started")),
                policy=WORK,
                is_primary=True,
            )
        )
    if row.state == CountState.COUNTING:
        actions += [
            Action(
                key="sign",
                label=_("Sign all sheets"),
                run=step(row, counts.sign_sheets, now("signed")),
                policy=WORK,
                confirm=_("You sign what was counted; the figures then stay as they are."),
                is_primary=True,
            ),
            Action(
                key="close",
                label=_("Close counting"),
                run=step(row, counts.close_counting, now("closed; differences are worked out")),
                policy=WORK,
            ),
        ]
    if row.state in KNOWN:
        actions.append(
            Action(
                key="report",
                label=_("Variance report"),
                href=reverse("inventory:count-variance", args=[row.pk]),
                is_primary=True,
            )
        )
    if row.state in (CountState.OPEN, CountState.COUNTING, CountState.REVIEW):
        actions.append(
            Action(
                key="cancel",
                label=_("Cancel the count"),
                run=step(row, counts.cancel_count, now("cancelled")),
                policy=WORK,
                fields=(Field("reason", _("Reason"), least=1),),
                is_danger=True,
            )
        )
    return actions
