"""The items of a month's close: each looks at the books and says what is open (FIN-7.4-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from finance import rules
from finance.choices import TIMING, BreakState, DraftState, ItemState
from finance.models import Break, ManualEntry, PaymentAccount, SettlementFile
from finance.selectors import ledger
from finance.selectors.agreement import compare
from finance.selectors.settlement import open_sum
from inventory.choices import CountState
from inventory.selectors import closing as stock_totals
from inventory.selectors import documents
from ops.engines.events import selectors as events
from ops.engines.kernel.actor import Actor
from ops.engines.periods import selectors as periods
from ops.engines.periods.choices import PeriodState

_SHOWN: Final = 20
_COVERED: Final = """
SELECT count(*) FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') d
 WHERE NOT EXISTS (SELECT FROM finance_settlementfile f WHERE f.channel_id = %(channel)s
                      AND d::date BETWEEN f.first_day AND f.last_day)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What an item saw: its state and the figures its sentence is made of."""

    state: ItemState
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its check, and whether a person may accept what is open, with a note."""

    key: str
    check: Callable[[dt.date, dt.date, Actor], Found]
    may_accept: bool = False


def _done_if(is_done: bool, otherwise: ItemState, **figures: Any) -> Found:  # noqa: FBT001
    return Found(ItemState.DONE if is_done else otherwise, figures)


def stock_closed(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """Stock closes before money."""
    states = {periods.state_on(module="stock", day=day) for day in (first, last)}
    unposted = [document.number for document in stock_totals.unposted_documents(day=last)]
    return _done_if(
        states == {PeriodState.CLOSED},
        ItemState.BLOCKED if unposted else ItemState.NOT_STARTED,
        unposted=len(unposted),
        numbers=unposted[:_SHOWN],
    )


def facts_delivered(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """Every business event of the month has reached the ledger."""
    waiting = events.undelivered(until=last, handlers_prefix="finance.")
    return _done_if(not waiting, ItemState.RUNNING, waiting=waiting)


def channel_files(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """Every day of every channel with a merchant account is covered by a statement."""
    missing: dict[str, int] = {}
    with connection.cursor() as cursor:
        for account in PaymentAccount.objects.select_related("channel").order_by("pk"):
            cursor.execute(_COVERED, {"first": first, "last": last, "channel": account.channel_id})
            days = cursor.fetchone()[0]
            if days:
                missing[account.channel.code] = days
    return _done_if(not missing, ItemState.RUNNING, days=sum(missing.values()), channels=missing)


def reconciled(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """Statements are reconciled; what is open has an owner and a day, and its sum is tolerable.

    A payment that arrives in the next period is explained by that; everything else open is not.
    """
    fresh = SettlementFile.objects.filter(
        reconciled_at__isnull=True, first_day__lte=last, last_day__gte=first
    ).count()
    rows = Break.objects.filter(occurred_on__range=(first, last))
    count, amount = open_sum(rows)
    _count, unexplained = open_sum(rows.exclude(type__in=TIMING))
    unowned = (
        rows.filter(state=BreakState.OPEN)
        .filter(Q(owner_person_id__isnull=True) | Q(due_on__isnull=True))
        .count()
    )
    return _done_if(
        not fresh and not unowned and unexplained <= rules.UNEXPLAINED_MOST,
        ItemState.BLOCKED if fresh else ItemState.RUNNING,
        fresh=fresh,
        open=count,
        amount=str(amount),
        unexplained=str(unexplained),
        unowned=unowned,
    )


def counts_decided(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """Stock counts begun in the month are posted, or listed and accepted."""
    rows = documents.stock_counts(actor=actor).filter(opened_at__date__lte=last)
    waiting = rows.exclude(state__in=[CountState.POSTED, CountState.CANCELLED])
    numbers = list(waiting.values_list("number", flat=True)[:_SHOWN])
    return _done_if(not numbers, ItemState.RUNNING, counts=len(numbers), numbers=numbers)


def books_agree(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """The value of stock equals its account, and both ledgers equal their replay."""
    found = compare(day=last)
    return _done_if(
        found.agrees,
        ItemState.BLOCKED,
        stock=str(found.stock_value),
        ledger=str(found.ledger_value),
        difference=str(found.difference),
        details=list(found.details[:_SHOWN]),
    )


def suspense_empty(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """Nothing is left on the suspense account."""
    rows = ledger.balances(account=rules.SUSPENSE, until=last)
    left = {currency: str(value) for currency, value in rows.items() if value}
    return _done_if(not left, ItemState.RUNNING, left=left)


def trial_balanced(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """Debit equals credit in every currency."""
    off: dict[str, str] = {}
    for currency in ledger.currencies():
        rows = ledger.trial_balance(first=first, last=last, currency=currency)
        difference = sum(row.closing_debit - row.closing_credit for row in rows)
        if difference:
            off[currency] = str(difference)
    return _done_if(not off, ItemState.BLOCKED, off=off)


def entries_posted(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """No manual entry of the month waits for its approval."""
    waiting = ManualEntry.objects.filter(
        business_day__range=(first, last), state__in=[DraftState.SUBMITTED, DraftState.RETURNED]
    )
    numbers = list(waiting.values_list("number", flat=True)[:_SHOWN])
    return _done_if(not numbers, ItemState.RUNNING, waiting=len(numbers), numbers=numbers)


def accruals_posted(first: dt.date, last: dt.date, actor: Actor) -> Found:
    """A person confirms that accruals and deferrals are posted."""
    posted = ManualEntry.objects.filter(
        business_day__range=(first, last), state=DraftState.POSTED
    ).count()
    return Found(ItemState.NOT_STARTED, {"posted": posted})


ITEMS: Final[tuple[Item, ...]] = (
    Item("stock_closed", stock_closed),
    Item("facts_delivered", facts_delivered),
    Item("channel_files", channel_files, may_accept=True),
    Item("reconciled", reconciled),
    Item("counts_decided", counts_decided, may_accept=True),
    Item("books_agree", books_agree),
    Item("suspense_empty", suspense_empty, may_accept=True),
    Item("entries_posted", entries_posted),
    Item("accruals_posted", accruals_posted, may_accept=True),
    Item("trial_balanced", trial_balanced),
)
ITEM_NAMED: Final[Mapping[str, Item]] = {item.key: item for item in ITEMS}
