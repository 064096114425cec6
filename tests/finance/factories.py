"""Short ways to a voucher."""

import datetime as dt
from decimal import Decimal

from catalog.services import channels
from finance.types import EntryDraft, LineDraft
from ops.engines.kernel.actor import Actor
from ops.engines.periods import services as periods

BOOKKEEPER = Actor.system("tests.finance")
NOON = dt.datetime(2026, 11, 10, 4, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 10)


def open_month(day: dt.date = DAY) -> None:
    """Open the ledger month of a day."""
    periods.ensure_month(module="ledger", day=day, actor=BOOKKEEPER, at=NOON)


def voucher(
    key: str, *, debit: str = "100.00", credit: str = "100.00", day: dt.date = DAY
) -> EntryDraft:
    """Return a draft: bank against sales."""
    return EntryDraft(
        effect_key=key,
        business_day=day,
        source_type="tests.paper",
        source_id="1",
        memo="test",
        lines=(LineDraft("1002", debit=Decimal(debit)), LineDraft("6001", credit=Decimal(credit))),
    )


def trade_channel(code: str = "tmall") -> int:
    """Return a channel, opened when it is new."""
    return channels.ensure_channel(code=code, name=code, actor=BOOKKEEPER, at=NOON).id
