"""What finance puts on the desk: navigation, the officer's cards (V3), search, words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance.choices import BreakState, CloseState, DraftState, ItemState, Resolution
from finance.models import JournalEntry
from finance.selectors import closing, settlement
from finance.selectors.manual import drafts, waiting_count
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk import formats
from ops.engines.desk.screens import (
    Card,
    CardCount,
    CardData,
    CardLine,
    DecisionKind,
    Hit,
    Look,
    NavEntry,
    Place,
    SearchKind,
    Tone,
    card,
    decision,
    nav,
    register_states,
    search_kind,
    word_actions,
    word_figures,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import everywhere, may

_VIEW = may("finance", "V")
_BOOKS = everywhere("finance", "V")  # the ledger is the company's, not a shop's
_WORK = may("finance", "P")
_LONG_AGO = date(2000, 1, 1)
_GROUP = _("Finance")
_CHANNELS = 6  # shown on the card
_PEOPLE = (Role.FINANCE_OFFICER, Role.FINANCE_MANAGER)

for _entry in (
    NavEntry(
        key="matching",
        title=_("Reconciliation"),
        url_name="finance:breaks",
        policy=_VIEW,
        roles=_PEOPLE,
        order=10,
        icon="check",
        group=_GROUP,
    ),
    NavEntry(
        key="entries",
        title=_("Vouchers"),
        url_name="finance:entries",
        policy=_BOOKS,
        roles=_PEOPLE,
        order=20,
        icon="file",
        group=_GROUP,
    ),
    NavEntry(
        key="ledger",
        title=_("Trial balance"),
        url_name="finance:trial-balance",
        policy=_BOOKS,
        roles=_PEOPLE,
        order=30,
        icon="file",
        group=_GROUP,
    ),
    NavEntry(
        key="close",
        title=_("Month close"),
        url_name="finance:close-now",
        policy=_BOOKS,
        roles=_PEOPLE,
        order=40,
        icon="clock",
        group=_GROUP,
    ),
    NavEntry(
        key="settlement-files",
        title=_("Settlement files"),
        url_name="finance:files",
        policy=_VIEW,
        order=50,
        icon="file",
        group=_GROUP,
    ),
):
    nav(_entry)


def _matching(actor: Actor, at: datetime) -> CardData:
    """Return where each channel stands: matched of all, what differs."""
    found = settlement.desk_standing(actor=actor, most=_CHANNELS)
    lines = [
        CardLine(
            title=each.name,
            detail=f"{each.first_day:%m-%d} – {each.last_day:%m-%d}",
            figure=gettext("%(matched)s of %(lines)s matched, difference %(difference)s")
            % {
                "matched": formats.number(each.matched),
                "lines": formats.number(each.statement_lines),
                "difference": formats.money(each.difference),
            },
            href=reverse("finance:workbench") + f"?channel={each.channel_id}",
        )
        for each in found.channels
    ]
    fresh = found.fresh_files
    counts = [
        CardCount(
            title=_("Files to reconcile"),
            value=str(fresh),
            href=reverse("finance:files") + "?tab=fresh",
        )
    ]
    return CardData(
        lines=lines,
        counts=counts if fresh or lines else (),
        href=reverse("finance:workbench"),
        empty=_("No statement yet. Import the first one."),
    )


def _ages(actor: Actor, at: datetime) -> CardData:
    """Return how old the open breaks are."""
    young, middle, old = settlement.ages(actor=actor, at=at)
    if not young + middle + old:
        return CardData(empty=_("Statements and books agree."))
    today = business_day(at)

    def rows(oldest: date, days: int) -> str:
        youngest = today - timedelta(days=days)
        return reverse("finance:breaks") + f"?tab=open&day={oldest}..{youngest}"

    return CardData(
        counts=[
            CardCount(title=_("up to 3 days"), value=str(young),
                      href=rows(today - timedelta(days=3), 0)),
            CardCount(title=_("4 to 7 days"), value=str(middle),
                      href=rows(today - timedelta(days=7), 4)),
            CardCount(title=_("more than 7 days"), value=str(old), href=rows(_LONG_AGO, 8),
                      is_alarm=bool(old)),
        ]
    )  # fmt: skip


def _close(actor: Actor, at: datetime) -> CardData:
    """Return how far the past month is, and what stops it."""
    past = business_day(at).replace(day=1) - timedelta(days=1)
    href = reverse("finance:close", args=[f"{past:%Y-%m}"])
    found = closing.close_of(month=past)
    if found is None:
        return CardData(
            lines=[CardLine(title=f"{past:%Y-%m}", detail=_("Not looked at yet"), href=href)]
        )
    lines = [
        CardLine(title=closing.TITLES[item.key], detail=item.words, href=href,
                 state=ItemState(item.state))
        for item in found.items
        if item.state != ItemState.DONE
    ]  # fmt: skip
    return CardData(
        lines=lines[:4],
        href=href,
        counts=[
            CardCount(
                title=f"{past:%Y-%m}", value=f"{found.done}/{len(found.items)}", href=href,
                note=CloseState(found.state).label,
            )
        ],
    )  # fmt: skip


def _entries(actor: Actor, at: datetime) -> CardData:
    """Return my entries by hand that wait for me."""
    drafted, returned = waiting_count(person_id=actor.person_id)
    if not drafted + returned:
        return CardData()
    href = reverse("finance:manual-entries")
    return CardData(
        counts=[
            CardCount(title=_("To hand in"), value=str(drafted), href=f"{href}?state=draft"),
            CardCount(title=_("Returned to me"), value=str(returned), href=f"{href}?state=returned",
                      is_alarm=bool(returned)),
        ]
    )  # fmt: skip


for _card in (
    Card(
        key="finance-matching", title=_("Reconciliation"), query=_matching, policy=_WORK,
        roles=_PEOPLE, place=Place.WORK, order=10, shortcut="m",
    ),
    Card(
        key="finance-close", title=_("Month close"), query=_close, policy=_BOOKS, roles=_PEOPLE,
        place=Place.WORK, look=Look.FIGURES, order=20, shortcut="c",
    ),
    Card(
        key="finance-entries", title=_("Entries by hand"), query=_entries, policy=_BOOKS,
        roles=_PEOPLE, place=Place.MINE, look=Look.FIGURES, order=30,
    ),
    Card(
        key="finance-ages", title=_("Age of open items"), query=_ages, policy=_BOOKS, roles=_PEOPLE,
        place=Place.WATCH, look=Look.FIGURES, order=40,
    ),
):  # fmt: skip
    card(_card)


def _find_vouchers(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    found = [
        Hit(title=row.voucher, note=row.memo, href=reverse("finance:entry", args=[row.pk]),
            is_exact=True)
        for row in JournalEntry.objects.filter(voucher=text.upper())[:most]
    ]  # fmt: skip
    found += [
        Hit(title=row.number, note=row.memo, href=reverse("finance:manual-entry", args=[row.pk]),
            is_exact=True)
        for row in drafts().filter(number=text.upper())[:most]
    ]  # fmt: skip
    return found[:most]


def _find_files(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    rows = settlement.files(actor=actor).filter(number=text.upper())
    return [
        Hit(title=row.number, note=row.channel.name, href=reverse("finance:file", args=[row.pk]),
            is_exact=True)
        for row in rows[:most]
    ]  # fmt: skip


search_kind(
    SearchKind(key="voucher", title=_("Vouchers"), find=_find_vouchers, policy=_BOOKS, order=40)
)
search_kind(
    SearchKind(
        key="settlement-file", title=_("Settlement files"), find=_find_files, policy=_VIEW, order=41
    )
)


def _href_of_entry(request: RequestInfo) -> str:
    return reverse("finance:manual-entry", args=[request.subject_id])


def _href_of_month(request: RequestInfo) -> str:
    return reverse("finance:close", args=[str(request.content["month"])])


decision(DecisionKind(flow="manual_journal", subject_href=_href_of_entry))
decision(DecisionKind(flow="period_reopen", subject_href=_href_of_month))
register_states(
    {
        BreakState.OPEN: Tone.WAITING,
        BreakState.RESOLVED: Tone.DONE,
        CloseState.OPEN: Tone.RUNNING,
        CloseState.REOPENED: Tone.WAITING,
        ItemState.NOT_STARTED: Tone.NEUTRAL,
        ItemState.BLOCKED: Tone.STOPPED,
        DraftState.WITHDRAWN: Tone.NEUTRAL,
        Resolution.CLEARED: Tone.DONE,
    }
)
word_figures(
    {
        "account": (_("Account"), ""),
        "debit": (_("Debit"), "money"),
        "credit": (_("Credit"), "money"),
        "business_day": (_("Day"), ""),
        "month": (_("Month"), ""),
        "revision": (_("Revision"), "number"),
    }
)
word_actions(
    {
        "finance.entries_posted": _("Vouchers posted"),
        "finance.manual_drafted": _("Entry by hand drafted"),
        "finance.statement_loaded": _("Statement loaded"),
        "finance.records_loaded": _("Payment records loaded"),
        "finance.payment_account_set": _("Payment account set"),
        "finance.reconciled": _("Reconciled"),
        "finance.breaks_assigned": _("Owner named"),
        "finance.breaks_resolved": _("Break resolved"),
        "finance.resolution_undone": _("Resolution taken back"),
        "finance.books_compared": _("Books compared"),
        "finance.close_checked": _("Close list looked at"),
        "finance.close_item_accepted": _("Item accepted"),
        "finance.month_closed": _("Month closed"),
        "finance.month_reopened": _("Month reopened"),
    }
)
