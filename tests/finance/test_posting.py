"""Every business fact becomes vouchers once, on the accounts its rule names (FIN-7.1-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from customers.choices import OrderPath, OrderState, ReturnState
from customers.events import OrderShipped, OrdersImported, ReturnAccepted, ReturnsImported
from customers.models import Order, Return
from finance import rules
from finance.models import JournalEntry, JournalLine
from finance.selectors import ledger
from inventory.choices import MoveReason
from inventory.events import CountPosted, GoodsReturned, GoodsShipped, MovesImported, ReceiptPosted
from inventory.selectors import values
from inventory.selectors.values import DocumentValue
from inventory.services import returns
from inventory.types import ReturnedLine, Source
from ops.engines.events import delivery
from ops.engines.events.facts import Fact
from ops.engines.events.publishing import publish
from tests.finance.factories import BOOKKEEPER, trade_channel
from tests.inventory.factories import AT, TODAY, Shop, shop


@pytest.fixture(name="stock")
def fixture_stock(db: None) -> Shop:
    """Return a warehouse."""
    return shop()


def tell(*facts: Fact) -> None:
    """Publish facts, twice each, and deliver them."""
    for fact in (*facts, *facts):
        publish(fact)
    delivery.drain(at=AT)


def moved() -> dict[str, Decimal]:
    """Return what every account has (debit above zero), without those at zero."""
    rows = JournalLine.objects.values_list("account_id").annotate(
        net=Coalesce(Sum(F("debit") - F("credit")), Decimal(0))
    )
    return {account: net for account, net in rows if net}


def order(number: str = "SO-1", **more: object) -> Order:
    values = {
        "number": number,
        "external_no": number,
        "channel_id": trade_channel(),
        "path": OrderPath.HISTORY,
        "state": OrderState.SHIPPED,
        "total": Decimal("113.00"),
        "tax": Decimal("13.00"),
        "placed_at": AT,
        "business_day": dt.date(2026, 11, 20),
    } | more
    return Order.objects.create(**values)


def back(number: str = "RT-1", **more: object) -> Return:
    values = {
        "number": number,
        "external_no": number,
        "channel_id": trade_channel(),
        "state": ReturnState.REQUESTED,
        "total": Decimal("56.50"),
        "tax": Decimal("6.50"),
        "requested_at": AT,
        "business_day": TODAY,
    } | more
    return Return.objects.create(**values)


@pytest.fixture(name="stock_says")
def fixture_stock_says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a way to let stock report a document whose way into stock is tested there."""

    def say(source: str, source_id: int, reason: str, *, gain: str = "0", loss: str = "0") -> None:
        value = DocumentValue(source, source_id, TODAY, reason, Decimal(gain), Decimal(loss))
        monkeypatch.setattr(
            values,
            "document_values",
            lambda *, source_type, source_ids: [
                one
                for one in [value]
                if (source_type, [source_id]) == (source, list(set(source_ids)))
            ],
        )

    return say


def test_goods_received_are_owed_to_the_supplier(db: None, stock_says: Callable[..., None]) -> None:
    stock_says("inventory.receipt", 7, "receipt", gain="25.00")

    tell(ReceiptPosted(receipt_id=7, dated_on=TODAY))

    assert moved() == {"1405": Decimal("25.00"), "2202": Decimal("-25.00")}
    entry = JournalEntry.objects.get()
    assert (entry.source_type, entry.source_id, entry.business_day) == (
        "inventory.receipt", "7", TODAY,
    )  # fmt: skip


@pytest.mark.clause("FIN-7.2-02")
def test_goods_shipped_cost_what_stock_valued_them(stock: Shop) -> None:
    stock.receive(stock.skus[0], 10, "2.50")
    made = stock.ship(1, (stock.skus[0], 4))

    tell(GoodsShipped(shipment_id=made.id, dated_on=TODAY))

    assert moved() == {"6401": Decimal("10.00"), "1405": Decimal("-10.00")}
    assert JournalEntry.objects.count() == 1


def test_goods_that_came_back_undo_their_cost(stock: Shop) -> None:
    stock.receive(stock.skus[0], 10, "2.50")
    stock.ship(1, (stock.skus[0], 4))
    returns.accept_return(
        key="back-1",
        source=Source(type="customers.return", id=1),
        origin=Source(type="customers.order", id=1),
        warehouse_id=stock.warehouse.id,
        lines=[ReturnedLine(line=1, sku_id=stock.skus[0], quantity=2)],
        actor=BOOKKEEPER,
        at=AT,
    )

    delivery.drain(at=AT)
    tell(GoodsReturned(return_key="back-1", dated_on=TODAY))

    assert moved() == {"1405": Decimal("-5.00"), "6401": Decimal("5.00")}
    assert JournalEntry.objects.count() == 2


def test_an_order_shipped_is_revenue_on_the_day_it_left(stock: Shop) -> None:
    made = order()

    tell(OrderShipped(order_id=made.pk, dated_on=TODAY))

    assert moved() == {
        "1122": Decimal("113.00"),
        "6001": Decimal("-100.00"),
        "2221.01.01": Decimal("-13.00"),
    }
    entry = JournalEntry.objects.get()
    assert (entry.business_day, entry.source_type) == (TODAY, "customers.order")


def test_a_return_mirrors_the_sale(stock: Shop) -> None:
    made = back()
    made.state = ReturnState.ACCEPTED
    made.save()
    tell(ReturnAccepted(return_id=made.pk, dated_on=TODAY))

    assert moved() == {
        "6001": Decimal("50.00"),
        "2221.01.01": Decimal("6.50"),
        "1122": Decimal("-56.50"),
    }


@pytest.mark.parametrize(
    ("side", "accounts"),
    [
        ("gain", {"1405": Decimal("5.00"), "6301": Decimal("-5.00")}),
        ("loss", {"1405": Decimal("-5.00"), "6602": Decimal("5.00")}),
    ],
)
def test_count_differences_pass_through_suspense(
    db: None, stock_says: Callable[..., None], side: str, accounts: dict[str, Decimal]
) -> None:
    stock_says("inventory.stockcount", 3, "count", **{side: "5.00"})

    tell(CountPosted(count_id=3, dated_on=TODAY))

    assert moved() == accounts
    suspense = JournalLine.objects.filter(account_id=rules.SUSPENSE)
    five, none = Decimal("5.00"), Decimal("0.00")
    assert sorted(suspense.values_list("debit", "credit")) == [(none, five), (five, none)]


def test_goods_that_only_change_their_place_leave_the_books(stock: Shop) -> None:
    stock.receive(stock.skus[0], 10, "2.50")
    stock.post(
        stock.draft(
            stock.skus[0],
            2,
            stock.warehouse.bin_id,
            stock.warehouse.damage_id,
            source=Source(type="inventory.shipment", id=9),
        )
    )

    tell(GoodsShipped(shipment_id=9, dated_on=TODAY))

    assert not JournalEntry.objects.exists()


def test_imported_history_is_booked_on_its_own_days(stock: Shop) -> None:
    order("SO-1", batch_id=5, business_day=dt.date(2025, 3, 1), currency="GBP", tax=0)
    order("SO-2", batch_id=5, business_day=dt.date(2025, 3, 2), kind="correction")
    order("SO-3", batch_id=5, total=0, tax=0)
    back(
        "RT-1",
        batch_id=6,
        state=ReturnState.ACCEPTED,
        business_day=dt.date(2025, 4, 1),
        currency="GBP",
        tax=0,
    )
    stock.receive(
        stock.skus[0], 4, "1.25", source=Source(type="inventory.history", id=8),
        reason=MoveReason.OPENING,
    )  # fmt: skip

    tell(
        OrdersImported(batch_id=5, dated_on=dt.date(2025, 3, 1)),
        ReturnsImported(batch_id=6, dated_on=dt.date(2025, 4, 1)),
        MovesImported(batch_id=8, dated_on=TODAY),
    )

    booked = {
        (entry.source_type, entry.business_day, entry.currency)
        for entry in JournalEntry.objects.all()
    }
    assert booked == {
        ("customers.order", dt.date(2025, 3, 1), "GBP"),
        ("customers.return", dt.date(2025, 4, 1), "GBP"),
        ("inventory.history", TODAY, "CNY"),
    }
    assert JournalEntry.objects.count() == 3
    assert moved()["4001"] == Decimal("-5.00")
    assert ledger.differences() == []


def test_a_fact_without_a_day_is_parked_not_lost(stock: Shop) -> None:
    publish(OrderShipped(order_id=order().pk))

    report = delivery.deliver_due(at=AT)

    assert report.failed == 1
    assert not JournalEntry.objects.exists()


def test_verify_ledger_runs_the_proof(stock: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    tell(OrderShipped(order_id=order().pk, dated_on=TODAY))

    call_command("verify", "ledger")

    assert "ledger: equal" in capsys.readouterr().out
