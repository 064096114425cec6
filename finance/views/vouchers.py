"""Vouchers on screen: the journal, one voucher, asking to reverse it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance import errors
from finance.choices import EntryKind
from finance.models import JournalEntry
from finance.services import manual
from finance.types import ZERO
from finance.views.documents import document_href, document_kinds, document_name
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
    Tab,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import everywhere, may

VIEW, ENTER, EXPORT = everywhere("finance", "V"), may("finance", "C"), may("finance", "E")


class EntryList(ListScreen):
    """The journal: every voucher."""

    policy = VIEW
    title = _("Vouchers")
    nav = "entries"
    row_url = "finance:entry"
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
            kind_of = document_kinds().get(kind_of, kind_of)
            rows = rows.filter(source_type=kind_of, **({"source_id": number} if number else {}))
        return query.page(rows, orders={"business_day": "business_day"})

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
            prints=[("voucher", entry.pk)],
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
