"""What a journey asks the books."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F, Sum
from django.utils import timezone

from finance.models import JournalLine
from finance.selectors import ledger
from inventory.models import Stock
from ops.engines.controls import verification
from ops.engines.events import delivery
from ops.engines.events.models import Delivery


def drain() -> None:
    """Deliver every fact; nothing may be parked."""
    delivery.drain(at=timezone.now())
    assert not Delivery.objects.exclude(state="done").exists()


def moved(source_type: str, source_id: int) -> dict[str, Decimal]:
    """Return what a document put on each account, debit above zero."""
    lines = JournalLine.objects.filter(
        entry__source_type=source_type, entry__source_id=str(source_id)
    )
    sums = lines.values_list("account_id").annotate(net=Sum(F("debit") - F("credit")))
    return {account: net for account, net in sums.order_by("account_id") if net}


def balance() -> dict[str, Decimal]:
    """Return what every account has, debit above zero, without those at zero."""
    sums = JournalLine.objects.values_list("account_id").annotate(net=Sum(F("debit") - F("credit")))
    return {account: net for account, net in sums if net}


def assert_sound() -> None:
    """Assert that every ledger equals its replay and the value of stock its account."""
    assert ledger.differences() == []
    assert sum(balance().values()) == 0
    for name in verification.checks():
        found = verification.differences(name)
        assert found == [], f"{name}: {found[:3]}"
    stock = Stock.objects.aggregate(value=Sum("value"))["value"] or Decimal(0)
    assert stock == balance().get("1405", Decimal(0))
