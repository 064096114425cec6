"""The ledger on screen: trial balance, lines of an account, vouchers, entries by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance import errors
from finance.choices import DraftState, EntryKind
from finance.models import Account, JournalEntry, JournalLine, ManualEntry
from finance.selectors import ledger
from finance.selectors.manual import drafts
from finance.services import manual
from finance.types import ZERO, LineDraft, TrialBalanceRow
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
    LineFields,
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
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.periods.selectors import next_month

VIEW, ENTER, EXPORT = may("finance", "V"), may("finance", "C"), may("finance", "E")
_DOCUMENTS: Mapping[str, str] = {
    "inventory.receipt": "inventory:receipt",
    "inventory.shipment": "inventory:shipment",
    "inventory.stockcount": "inventory:count",
    "customers.order": "customers:order",
    "customers.return": "customers:return",
    "finance.manualentry": "finance:manual-entry",
}


_NAMES: Mapping[str, Any] = {
    "inventory.receipt": _("receipt no."),
    "inventory.shipment": _("shipment no."),
    "inventory.goodsreturn": _("goods return no."),
    "inventory.stockcount": _("stock count no."),
    "inventory.history": _("import no."),
    "customers.order": _("order no."),
    "customers.return": _("return no."),
    "finance.manualentry": _("manual entry no."),
}


def document_name(entry: JournalEntry) -> str:
    """Return how people call the document of a voucher."""
    return f"{_NAMES.get(entry.source_type, entry.source_type)} {entry.source_id}"


def document_href(entry: JournalEntry) -> str:
    """Return where the document of a voucher is shown, empty when it has no screen."""
    name = _DOCUMENTS.get(entry.source_type)
    if name is None or not entry.source_id.isdecimal():
        return ""
    try:
        return reverse(name, args=[int(entry.source_id)])
    except NoReverseMatch:
        return ""


def account_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the accounts that take postings."""
    rows = Account.objects.filter(is_postable=True).values_list("code", "name")
    return [(code, f"{code} {name}") for code, name in rows]


class TrialBalanceScreen(RecordScreen):
    """Opening, turnover and closing of every account in a month; each opens its lines."""

    policy = VIEW
    nav = "ledger"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the month's trial balance, one table per currency."""
        month = _month(key.get("month", ""), at)
        last = next_month(month) - dt.timedelta(days=1)
        before = (month - dt.timedelta(days=1)).replace(day=1)
        return Record(
            number=f"{month:%Y-%m}",
            title=_("Trial balance"),
            actions=(
                Action(key="before", label=_("Month before"), href=_balance(before), shortcut="["),
                Action(
                    key="after", label=_("Month after"), href=_balance(last + dt.timedelta(1)),
                    shortcut="]",
                ),
                Action(key="close", label=_("Month close"), shortcut="c",
                       href=reverse("finance:close", args=[f"{month:%Y-%m}"])),
            ),
            lines=[
                _balance_lines(month, last, currency) for currency in ledger.currencies() or ["CNY"]
            ],
            related=(
                Related(title=_("Vouchers"), href=reverse("finance:entries")),
                Related(title=_("Entries by hand"), href=reverse("finance:manual-entries")),
            ),
            clauses=("FIN-7.1-02", "FIN-7.4-01"),
        )  # fmt: skip


def _balance_lines(month: dt.date, last: dt.date, currency: str) -> Lines:
    rows = ledger.trial_balance(first=month, last=last, currency=currency)
    keys = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")
    titles = (
        _("Opening debit"), _("Opening credit"), _("Debit"), _("Credit"), _("Closing debit"),
        _("Closing credit"),
    )  # fmt: skip
    return Lines(
        gettext("Trial balance in %(currency)s") % {"currency": currency},
        [
            Column("account", _("Account"), "code", href=partial(_lines_href, month, last)),
            Column("name", _("Name")),
            *(
                Column(key, title, "money", unit=currency)
                for key, title in zip(keys, titles, strict=True)
            ),
        ],
        rows,
        total={key: sum((getattr(row, key) for row in rows), ZERO) for key in keys},
        empty=_("No voucher until the end of this month."),
    )


def _lines_href(month: dt.date, last: dt.date, row: TrialBalanceRow) -> str:
    return (
        reverse("finance:lines")
        + f"?account={row.account}&day={month.isoformat()}..{last.isoformat()}"
    )


def _balance(month: dt.date) -> str:
    return reverse("finance:trial-balance-of", args=[f"{month:%Y-%m}"])


def _month(text: str, at: dt.datetime) -> dt.date:
    if not text:
        return business_day(at).replace(day=1)
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise errors.MonthMissing(
            "finance.month_missing", gettext("There is no such month.")
        ) from None


class LineList(ListScreen):
    """Lines of an account, newest first, each with its voucher and document."""

    policy = VIEW
    title = _("Account lines")
    nav = "ledger"
    columns = (
        Column("voucher", _("Voucher"), "code", name=True, value=lambda r: r.entry.voucher),
        Column("day", _("Day"), "day", value=lambda r: r.entry.business_day),
        Column("account_id", _("Account"), "code", sub=lambda r: r.account.name),
        Column("memo", _("Memo"), value=lambda r: r.entry.memo),
        Column("debit", _("Debit"), "money"),
        Column("credit", _("Credit"), "money"),
        Column("currency", _("Currency"), value=lambda r: r.entry.currency),
        Column(
            "document",
            _("Document"),
            value=lambda r: document_name(r.entry),
            href=lambda r: document_href(r.entry),
        ),
    )
    filters = (
        Filter("account", _("Account"), choices=account_choices),
        Filter("day", _("Day"), "span"),
    )
    order = "-id"
    export_policy = EXPORT

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of lines."""
        rows = JournalLine.objects.select_related("entry", "account")
        if account := query.get("account"):
            rows = rows.filter(account_id=account)
        if span := query.get("day"):
            rows = rows.filter(entry__business_day__range=(span.first, span.last))
        return query.page(rows, orders={"id": "pk"})

    def row_href(self, row: Any) -> str:
        """Open the voucher."""
        return reverse("finance:entry", args=[row.entry_id])


class EntryList(ListScreen):
    """The journal: every voucher."""

    policy = VIEW
    title = _("Vouchers")
    nav = "entries"
    columns = (
        Column("voucher", _("Voucher"), "code", name=True),
        Column("business_day", _("Day"), "day", sort=True),
        Column("kind", _("Kind"), value=lambda r: r.get_kind_display()),
        Column("memo", _("Memo")),
        Column(
            "document",
            _("Document"),
            value=document_name,
            href=document_href,
        ),
        Column("currency", _("Currency")),
        Column("posted_at", _("Posted at"), "moment"),
    )
    filters = (
        Filter("voucher", _("Voucher"), "keys"),
        Filter("kind", _("Kind"), choices=EntryKind.choices),
        Filter("day", _("Day"), "span"),
        Filter("source", _("Document"), "text"),
    )
    tabs = (Tab("all", _("All")), Tab("manual", _("By hand")), Tab("reversal", _("Reversals")))
    order = "-business_day"
    export_policy = EXPORT
    empty = _("No voucher yet: every receipt, shipment and order posts one by itself.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of vouchers."""
        rows = JournalEntry.objects.all()
        if query.tab in ("manual", "reversal"):
            rows = rows.filter(kind=query.tab)
        if vouchers := query.get("voucher"):
            rows = rows.filter(voucher__in=vouchers)
        if kind := query.get("kind"):
            rows = rows.filter(kind=kind)
        if span := query.get("day"):
            rows = rows.filter(business_day__range=(span.first, span.last))
        if source := query.get("source"):
            kind_of, _blank, number = source.partition(" ")
            named = {str(name): key for key, name in _NAMES.items()}
            kind_of = named.get(kind_of, kind_of)
            rows = rows.filter(source_type=kind_of, **({"source_id": number} if number else {}))
        return query.page(rows, orders={"business_day": "business_day"})

    def row_href(self, row: Any) -> str:
        """Open the voucher."""
        return reverse("finance:entry", args=[row.pk])

    def head_actions(self, *, actor: Actor) -> tuple[Action, ...]:
        """Offer an entry by hand."""
        new = reverse("finance:manual-entry-new")
        return (Action(key="new", label=_("Enter by hand"), href=new, policy=ENTER),)


class EntryScreen(RecordScreen):
    """One voucher: its lines, the document it stands on, what reverses it."""

    policy = VIEW
    nav = "entries"
    list_url_name = "finance:entries"
    list_title = _("Vouchers")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return one voucher."""
        rows = JournalEntry.objects.select_related("reverses", "reversal")
        entry = rows.filter(pk=key["pk"]).first()
        if entry is None:
            raise errors.EntryMissing("finance.entry_missing", gettext("There is no such entry."))
        mirror = JournalEntry.objects.filter(reverses=entry).first()
        lines = list(entry.lines.select_related("account"))
        is_red = entry.kind == EntryKind.REVERSAL
        return Record(
            number=entry.voucher,
            title=gettext("Reversal") if is_red else entry.memo,
            actions=(
                Action(
                    key="reverse",
                    label=_("Ask for a reversal"),
                    policy=ENTER,
                    why_not=gettext("This voucher has been reversed.") if mirror else "",
                    fields=(
                        Field("business_day", _("Day"), "day"),
                        Field("reason", _("Reason"), most=200, least=1),
                    ),
                    run=partial(_reverse, entry.pk),
                ),
            ),
            facts=(
                FactGroup(
                    title=_("Voucher"),
                    facts=(
                        Fact(title=_("Day"), value=entry.business_day, kind="day"),
                        Fact(title=_("Kind"), value=entry.get_kind_display()),
                        Fact(title=_("Currency"), value=entry.currency),
                        Fact(
                            title=_("Document"),
                            value=document_name(entry),
                            href=document_href(entry),
                        ),
                        Fact(title=_("Memo"), value=entry.memo, is_wide=True),
                        Fact(title=_("Posted at"), value=entry.posted_at, kind="moment"),
                    ),
                ),
            ),
            lines=(
                Lines(
                    _("Lines"),
                    (
                        Column(
                            "account_id",
                            _("Account"),
                            "code",
                            href=lambda r: f"{reverse('finance:lines')}?account={r.account_id}",
                        ),
                        Column("name", _("Name"), value=lambda r: r.account.name),
                        Column("debit", _("Debit"), "money", unit=entry.currency),
                        Column("credit", _("Credit"), "money", unit=entry.currency),
                    ),
                    lines,
                    total={
                        "debit": sum((line.debit for line in lines), ZERO),
                        "credit": sum((line.credit for line in lines), ZERO),
                    },
                ),
            ),
            related=[
                Related(title=title, note=other.voucher, href=reverse("finance:entry", args=[pk]))
                for title, other in ((_("Reverses"), entry.reverses), (_("Reversed by"), mirror))
                if other is not None and (pk := other.pk)
            ],
            clauses=("FIN-7.1-02",),
            subject=("finance.journalentry", entry.voucher),
        )


def _reverse(entry_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = manual.draft_reversal(
        entry_id=entry_id,
        business_day=values["business_day"],
        reason=values["reason"],
        actor=actor,
        at=at,
    )
    manual.submit(draft_id=made.id, actor=actor, at=at)
    return Done(
        message=gettext("%(number)s was handed in to the finance manager.")
        % {"number": made.number},
        href=reverse("finance:manual-entry", args=[made.id]),
    )


class ManualList(ListScreen):
    """Entries by hand, on their way to being vouchers."""

    policy = VIEW
    title = _("Entries by hand")
    nav = "entries"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("business_day", _("Day"), "day"),
        Column("memo", _("Memo")),
        Column("state", _("State"), "badge", value=lambda r: DraftState(r.state)),
        Column("voucher", _("Voucher"), "code", value=lambda r: r.entry and r.entry.voucher),
        Column("drafted_at", _("Drafted at"), "moment"),
    )
    filters = (Filter("state", _("State"), choices=DraftState.choices),)
    order = "-id"
    export_policy = EXPORT

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page."""
        rows = drafts()
        if state := query.get("state"):
            rows = rows.filter(state=state)
        return query.page(rows, orders={"id": "pk"})

    def row_href(self, row: Any) -> str:
        """Open the entry."""
        return reverse("finance:manual-entry", args=[row.pk])

    def head_actions(self, *, actor: Actor) -> tuple[Action, ...]:
        """Offer a new one."""
        new = reverse("finance:manual-entry-new")
        return (Action(key="new", label=_("Enter by hand"), href=new, policy=ENTER),)


class ManualScreen(RecordScreen):
    """One entry by hand."""

    policy = VIEW
    nav = "entries"
    list_url_name = "finance:manual-entries"
    list_title = _("Entries by hand")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return one entry by hand."""
        row = drafts().filter(pk=key["pk"]).first()
        if row is None:
            raise errors.DraftMissing(
                "finance.draft_missing", gettext("There is no such manual entry.")
            )
        names = dict(Account.objects.values_list("code", "name"))
        can_submit = row.state in (DraftState.DRAFT, DraftState.RETURNED)
        return Record(
            number=row.number,
            title=row.memo,
            state=DraftState(row.state),
            actions=(
                Action(
                    key="submit",
                    label=_("Hand in"),
                    policy=ENTER,
                    is_primary=True,
                    why_not="" if can_submit else gettext("It was handed in already."),
                    run=partial(_submit, row.pk),
                ),
            ),
            facts=(
                FactGroup(
                    title=_("Entry"),
                    facts=(
                        Fact(title=_("Day"), value=row.business_day, kind="day"),
                        Fact(title=_("Currency"), value=row.currency),
                        Fact(
                            title=_("Reverses"),
                            value=row.reverses.voucher if row.reverses else "",
                        ),
                        Fact(
                            title=_("Voucher"),
                            value=row.entry.voucher if row.entry else "",
                            href=(
                                reverse("finance:entry", args=[row.entry_id]) if row.entry else ""
                            ),
                        ),
                    ),
                ),
            ),
            lines=_manual_lines(row, names),
            related=[
                Related(title=_("Approval"), href=reverse("desk:approval", args=[row.approval_id]))
            ]
            if row.approval_id
            else (),
            clauses=("FIN-7.1-02",),
            subject=(manual.SUBJECT, row.pk),
        )


def _manual_lines(row: ManualEntry, names: Mapping[str, str]) -> list[Lines]:
    if row.reverses_id is not None:
        return []
    return [
        Lines(
            _("Lines"),
            (
                Column("account", _("Account"), "code"),
                Column("name", _("Name"), value=lambda r: names.get(r["account"], "")),
                Column("debit", _("Debit"), "money", unit=row.currency),
                Column("credit", _("Credit"), "money", unit=row.currency),
            ),
            row.lines,
        )
    ]


def _submit(draft_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = manual.submit(draft_id=draft_id, actor=actor, at=at)
    return Done(
        message=gettext("%(number)s was handed in to the finance manager.")
        % {"number": made.number}
    )


class ManualForm(FormScreen):
    """A new entry by hand."""

    policy = ENTER
    title = _("Entry by hand")
    nav = "entries"
    submit_label = _("Keep the draft")
    check = True
    keeps_draft = True
    lead = _("Another person approves it before it is posted.")
    groups = (
        Group(
            _("Voucher"),
            (
                Field("business_day", _("Day"), "day"),
                Field("memo", _("Memo"), most=200, least=1),
                Field("currency", _("Currency"), "code", required=False, most=3),
            ),
        ),
        Group(
            _("Lines"),
            (
                LineFields(
                    "lines",
                    _("Lines"),
                    (
                        Field("account", _("Account"), "choice", choices=account_choices),
                        Field("debit", _("Debit"), "money", required=False),
                        Field("credit", _("Credit"), "money", required=False),
                    ),
                    rows=4,
                ),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft."""
        made = manual.draft(
            business_day=values["business_day"],
            memo=values["memo"],
            currency=values["currency"] or "CNY",
            lines=[
                LineDraft(line["account"], line["debit"] or ZERO, line["credit"] or ZERO)
                for line in values["lines"]
            ],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("%(number)s is kept. Hand it in when it is complete.")
            % {"number": made.number},
            href=reverse("finance:manual-entry", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the vouchers."""
        return reverse("finance:manual-entries")
