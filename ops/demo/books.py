"""What the ledger knows besides trade: capital, money paid in and out, running costs, old months.

Settled history comes in as opening entries, one per channel and month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.db import connection

from finance import rules
from finance.choices import EntryKind
from finance.services import closing, journal
from finance.types import EntryDraft, LineDraft
from ops.demo.plan import FOUNDER, months_to_close
from ops.demo.scene import Scene
from ops.engines.periods import services as periods
from ops.engines.periods.selectors import next_month

UNSETTLED_DAYS: Final = 3  # the statements of these days lie beside the books, not yet reconciled
LISTED_MONTHS: Final = 1
FEE_RATE: Final = Decimal("0.006")
_CENT: Final = Decimal("0.01")
_MARKETING: Final = Decimal("0.11")
_OVERHEAD: Final = Decimal("0.07")
_ADMINISTRATION: Final = "6602"
_SOURCE: Final = "demo.history"

_SALES: Final = """
SELECT channel_id, month, sum(total) FROM (
    SELECT channel_id, date_trunc('month', business_day)::date AS month, total
      FROM customers_order WHERE kind = 'sale' AND business_day <= %(last)s
    UNION ALL
    SELECT channel_id, date_trunc('month', business_day)::date, -total
      FROM customers_return WHERE business_day <= %(last)s) d
 GROUP BY 1, 2 HAVING sum(total) > 0 ORDER BY 2, 1
"""
_RECEIVED: Final = """
SELECT date_trunc('month', business_day)::date, sum(value) FROM inventory_move
 WHERE reason = 'receipt' AND business_day < %(last)s GROUP BY 1 ORDER BY 1
"""


def keep_books(scene: Scene) -> int:
    """Post capital, settlements, payments and costs of history; return how many vouchers."""
    last = scene.plan.today - dt.timedelta(days=UNSETTLED_DAYS + 1)
    with connection.cursor() as cursor:
        cursor.execute(_SALES, {"last": last})
        sales = cursor.fetchall()
        cursor.execute(_RECEIVED, {"last": last.replace(day=1)})
        received = cursor.fetchall()
    drafts = [*_capital(scene, sales), *_settled(sales, last), *_paid(received, last)]
    drafts += _costs(sales, last)
    return len(journal.post(drafts, actor=FOUNDER, at=scene.plan.at).vouchers)


def close_months(scene: Scene) -> int:
    """Close the ledger of all months but the last ones; return how many.

    The youngest goes through the finance manager's close list; older ones were closed elsewhere.
    """
    plan = scene.plan
    months = months_to_close(plan)
    for month in months[:-LISTED_MONTHS]:
        last = next_month(month) - dt.timedelta(days=1)
        periods.close(module=journal.MODULE, first=month, last=last, actor=FOUNDER, at=plan.at)
    manager = scene.actor("finance_manager")
    for month in months[-LISTED_MONTHS:]:
        note = "本月预提、待摊已核对，无未入账事项"
        closing.accept(month=month, key="accruals_posted", note=note, actor=manager, at=plan.at)
        closing.close_month(month=month, actor=manager, at=plan.at)
    return len(months)


_Sales = list[tuple[int, dt.date, Decimal]]


def _capital(scene: Scene, sales: _Sales) -> Iterator[EntryDraft]:
    total = sum((amount for _channel, _month, amount in sales), Decimal(0))
    amount = max(Decimal(100_000), (total / 5).quantize(Decimal(1)))
    lines = (rules.debit(rules.BANK, amount), rules.credit(rules.CAPITAL, amount))
    yield _entry("capital", scene.plan.first_day, "注册资本实缴", lines)


def _settled(sales: _Sales, last: dt.date) -> Iterator[EntryDraft]:
    """Turn receivables into money at the payment provider, and that into money at the bank."""
    for channel_id, month, gross in sales:
        day, fee = _month_end(month, last), _part(gross, FEE_RATE)
        where = f"{channel_id}:{month:%Y-%m}"
        settled = (
            rules.debit(rules.OTHER_MONEY, gross - fee),
            rules.debit(rules.SELLING_EXPENSE, fee),
            rules.credit(rules.RECEIVABLE, gross),
        )
        yield _entry(f"settled:{where}", day, "平台结算", settled)
        paid_out = (
            rules.debit(rules.BANK, gross - fee),
            rules.credit(rules.OTHER_MONEY, gross - fee),
        )
        yield _entry(f"paid_out:{where}", day, "平台余额提现", paid_out)


def _paid(received: list[tuple[dt.date, Decimal]], last: dt.date) -> Iterator[EntryDraft]:
    for month, amount in received:
        day = min(next_month(month) + dt.timedelta(days=19), last)
        lines = (rules.debit(rules.PAYABLE, amount), rules.credit(rules.BANK, amount))
        yield _entry(f"suppliers:{month:%Y-%m}", day, "支付供应商货款", lines)


def _costs(sales: _Sales, last: dt.date) -> Iterator[EntryDraft]:
    months: dict[dt.date, Decimal] = {}
    for _channel, month, amount in sales:
        months[month] = months.get(month, Decimal(0)) + amount
    for month, amount in months.items():
        selling, overhead = _part(amount, _MARKETING), _part(amount, _OVERHEAD)
        lines = (
            rules.debit(rules.SELLING_EXPENSE, selling),
            rules.debit(_ADMINISTRATION, overhead),
            rules.credit(rules.BANK, selling + overhead),
        )
        yield _entry(
            f"costs:{month:%Y-%m}", _month_end(month, last), "推广、物流、薪酬与房租", lines
        )


def _month_end(month: dt.date, last: dt.date) -> dt.date:
    return min(next_month(month) - dt.timedelta(days=1), last)


def _part(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * rate).quantize(_CENT, ROUND_HALF_UP)


def _entry(key: str, day: dt.date, memo: str, lines: tuple[LineDraft, ...]) -> EntryDraft:
    return EntryDraft(
        effect_key=f"demo:{key}",
        business_day=day,
        source_type=_SOURCE,
        source_id=key,
        memo=memo,
        lines=lines,
        kind=EntryKind.OPENING,
    )
