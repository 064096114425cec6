"""How far a channel is, and whether it is reconciled: only when the balance agrees."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs, Coalesce

from finance import rules
from finance.choices import BreakSource
from finance.models import Break, Reconciliation, SettlementFile
from finance.selectors import settlement
from finance.types import ZERO
from ops.engines.kernel.actor import Actor

# What the statements of a channel moved its balance by, and what the ledger says they did.
_BALANCE: Final = """
SELECT (SELECT coalesce(sum(CASE WHEN kind IN ('refund', 'fee', 'withdrawal') THEN -amount
                                 ELSE amount END), 0)
          FROM finance_settlementline WHERE channel_id = %(channel)s),
       (SELECT coalesce(sum(l.debit - l.credit), 0)
          FROM finance_journalline l
         WHERE l.account_id = %(account)s AND l.entry_id IN (
               SELECT e.id FROM finance_reconciliation r
                 JOIN finance_journalentry e
                   ON e.source_type = 'finance.reconciliation' AND e.source_id = r.number
                WHERE r.channel_id = %(channel)s
               UNION
               SELECT b.entry_id FROM finance_break b
                WHERE b.channel_id = %(channel)s AND b.entry_id IS NOT NULL))
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a channel stands: lines of its newest run, what is open, and the balance.

    `statement` and `booked` are looked up only when nothing is open; None before.
    """

    run: Reconciliation | None
    open: int
    open_lines: int
    difference: Decimal
    is_fresh: bool = False
    statement: Decimal | None = None
    booked: Decimal | None = None

    @property
    def matched(self) -> int:
        """Return how many lines of the newest run need nobody any more."""
        return max((self.run.statement_lines if self.run else 0) - self.open_lines, 0)

    @property
    def rest(self) -> Decimal:
        """Return what the statements moved beyond what is booked."""
        return (self.statement or ZERO) - (self.booked or ZERO)

    @property
    def is_reconciled(self) -> bool:
        """Say whether nothing is open and the balance agrees."""
        return (
            self.run is not None
            and not self.open
            and not self.is_fresh
            and self.statement is not None
            and not self.rest
        )


def standing(*, channel_id: int, rows: QuerySet[Break], actor: Actor) -> Standing:
    """Return where a channel stands; `rows` are its open breaks. Two queries, four at the end."""
    run = next(iter(settlement.latest_runs(actor=actor, channel_ids=[channel_id])), None)
    found = rows.order_by().aggregate(
        open=Count("id"),
        open_lines=Count("id", filter=~Q(source__in=[BreakSource.BOOKS, BreakSource.FILE])),
        difference=Coalesce(
            Sum(Abs(Coalesce(F("statement_amount"), ZERO) - Coalesce(F("our_amount"), ZERO))), ZERO
        ),
    )
    if found["open"] or run is None:
        return Standing(run, **found)
    fresh = SettlementFile.objects.filter(channel_id=channel_id, reconciled_at__isnull=True)
    statement, booked = balance(channel_id=channel_id)
    return Standing(run, **found, is_fresh=fresh.exists(), statement=statement, booked=booked)


def balance(*, channel_id: int) -> tuple[Decimal, Decimal]:
    """Return what a channel's statements moved its balance by, and what the ledger booked."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, {"channel": channel_id, "account": rules.OTHER_MONEY})
        statement, booked = cursor.fetchone()
    return statement, booked
