"""Statements, runs and breaks on screen, and the matching workbench (V13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import channels
from finance import errors
from finance.choices import BreakSource, BreakState, BreakType, Resolution
from finance.models import Agreement, Break, SettlementFile
from finance.selectors import matching, settlement
from finance.services import breaks, reconciliation
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
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Screen,
    Tab,
)
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, OpsError
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


def channel_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the channels the actor works in."""
    return [(str(one.id), one.name) for one in channels.visible(actor=actor, area="finance")]


class FileList(ListScreen):
    """Statements as they came in."""

    policy = VIEW
    title = _("Settlement files")
    nav = "matching"
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

    def row_href(self, row: Any) -> str:
        """Open the file."""
        return reverse("finance:file", args=[row.pk])


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
                    title=_("Open breaks"), count=found.count(), href=reverse("finance:breaks")
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
        for key, lookup in (("channel", "channel_id"), ("type", "type"), ("order", "order_no__in")):
            if value := query.get(key):
                rows = rows.filter(**{lookup: value})
        if span := query.get("day"):
            rows = rows.filter(occurred_on__range=(span.first, span.last))
        return query.page(rows, orders={"occurred_on": "occurred_on"})

    def row_href(self, row: Any) -> str:
        """Open the break."""
        return reverse("finance:break", args=[row.pk])

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
                        Fact(title=_("Owner"), value=names.get(row.owner_person_id or 0, "")),
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


class Workbench(Screen):
    """Statement left, ours right: match by hand, one key for a suggestion."""

    policy = WORK
    title = _("Matching workbench")
    nav = "matching"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the open lines of a channel and what may belong to the current one."""
        mine = channels.visible(actor=self.actor, area="finance")
        with_work = settlement.channels_with_work(actor=self.actor)
        asked = request.GET.get("channel", "")
        chosen = next((c for c in mine if str(c.id) == asked), None) or next(
            (c for c in mine if c.id in with_work), mine[0] if mine else None
        )
        context: dict[str, Any] = {
            "screen": self,
            "title": self.title,
            "channels": mine,
            "channel": chosen,
            "codes": CODES,
        }
        if chosen is not None:
            context |= self._sides(chosen.id, request.GET.get("line", ""))
        return render(request, "finance/workbench.html", context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Match, skip nothing, or take the last match back; then go on with the next line."""
        given = request.POST
        back = f"{request.path}?channel={given.get('channel', '')}&line={given.get('next', '')}"
        try:
            if undone := given.get("undo"):
                breaks.undo(resolution_no=undone, actor=self.actor, at=self.at)
                words = gettext("%(number)s was taken back; what it booked is reversed.")
                self.say(request, "success", words % {"number": undone})
                return HttpResponseRedirect(back)
            ids = {int(one) for one in given.getlist("sel") + given.getlist("take") if one}
            if take := given.get("take"):
                ids = {int(take), int(given.get("line") or 0)}
            made = breaks.resolve(
                break_ids=ids,
                code=given.get("code") or Resolution.MATCHED,
                reason=given.get("reason", ""),
                actor=self.actor,
                at=self.at,
            )
            words = gettext("%(number)s is kept.") % {"number": made[0].resolution_no}
            self.say(request, "success", words)
        except ValueError as error:
            raise BadInput("finance.selection", gettext("Select lines of the list.")) from error
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            back = f"{request.path}?channel={given.get('channel', '')}&line={given.get('line', '')}"
        return HttpResponseRedirect(back)

    def _sides(self, channel_id: int, asked: str) -> dict[str, Any]:
        waiting = matching.waiting(actor=self.actor, channel_id=channel_id)
        left = list(matching.statement_side(waiting)[: matching.A_SIDE])
        ours = list(matching.our_side(waiting)[:500])
        current = next((one for one in left if str(one.pk) == asked), left[0] if left else None)
        place = left.index(current) if current is not None else 0
        following = left[place + 1] if place + 1 < len(left) else None
        count, total = settlement.open_sum(waiting)
        return {
            "left": [self._row(one) for one in left],
            "right": [self._row(one) for one in ours[: matching.A_SIDE]],
            "current": current,
            "following": following,
            "suggestions": [
                {"score": one.score, "reasons": one.reasons, **self._row(one.item)}
                for one in (matching.suggestions(current, ours) if current else ())
            ],
            "run": next(iter(settlement.latest_runs(actor=self.actor, channel_ids=[channel_id])),
                        None),
            "open_count": count,
            "open_total": total,
            "last_number": settlement.last_resolution(
                actor=self.actor, channel_id=channel_id, person_id=self.actor.person_id
            ),
        }  # fmt: skip

    def _row(self, one: Break) -> dict[str, Any]:
        return {
            "id": one.pk,
            "order": one.order_no or one.refund_no or "-",
            "at": one.line.occurred_at if one.line else None,
            "day": one.occurred_on,
            "type": BreakType(one.type).label,
            "amount": matching.signed(one),
            "who": one.line.counterparty if one.line else "",
            "text": one.line.remark if one.line else "",
            "is_both": one.source == BreakSource.BOTH,
        }
