"""Statement against our side: each difference is found once, what agrees is booked once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from customers.choices import OrderPath, OrderState
from customers.models import Order
from finance import errors
from finance.models import Break, JournalEntry, JournalLine, PaymentRecord, Reconciliation
from finance.selectors import ledger, settlement
from finance.services import breaks, reconciliation
from finance.services.settlement import set_account
from finance.types import RunInfo
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.tables import services as imports
from tests.finance.factories import BOOKKEEPER, NOON, trade_channel
from tests.finance.statements import ACCOUNT, Statement

Bring = Callable[..., None]
pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)
LATER = dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC)
HEAD = "record_no,kind,order_no,refund_no,channel,amount,expected_fee,occurred_at,channel_txn_no\n"


def clerk(person_id: int = 7) -> Actor:
    return Actor(
        kind=ActorKind.PERSON,
        name="clerk",
        person_id=person_id,
        rights={"finance": frozenset("VCPE")},
    )


@pytest.fixture(name="bring")
def fixture_bring(tmp_path: Path) -> Bring:
    """Return a way to bring in our records and a statement."""

    def bring(statement: Statement | None = None, *records: str, name: str = "a") -> None:
        trade_channel()
        if records:
            path = tmp_path / f"records-{name}.csv"
            path.write_text(HEAD + "\n".join(records) + "\n")
            imports.import_file(
                profile="payment_records", path=path, name=path.name,
                actor=Actor.importer("tests"), at=NOON, options={"channel": "tmall"},
            )  # fmt: skip
        if statement is not None:
            path = statement.write(tmp_path, f"statement-{name}.csv")
            imports.import_file(
                profile="alipay_merchant", path=path, name=path.name,
                actor=Actor.importer("tests"), at=NOON, options={"channel": "tmall"},
            )  # fmt: skip

    return bring


def run(first: dt.date = DAY, last: dt.date = DAY, at: dt.datetime = NOON) -> RunInfo:
    return reconciliation.run(
        channel_id=trade_channel(), first=first, last=last, actor=BOOKKEEPER, at=at
    )


def moved() -> dict[str, Decimal]:
    rows = JournalLine.objects.values_list("account_id").annotate(net=Sum(F("debit") - F("credit")))
    return {account: net for account, net in rows if net}


def open_breaks() -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    return list(
        Break.objects.filter(state="open")
        .order_by("type", "order_no")
        .values_list("type", "order_no", "statement_amount", "our_amount")
    )


def pay(order: str, amount: str, *, fee: str = "", at: str = "2026-11-20 09:59:00") -> str:
    return f"R-{order},PAY,{order},,alipay,{amount},{fee},{at},TX{order}"


def refund(order: str, amount: str, *, at: str = "2026-11-20 10:30:00") -> str:
    return f"B-{order},REFUND,{order},RF-{order},alipay,{amount},,{at},"


@pytest.mark.clause("FIN-7.3-01")
def test_what_agrees_is_booked_once_and_needs_nobody(bring: Bring) -> None:
    bring(
        Statement()
        .add("SO-1", "338.00")
        .add("SO-1", "-2.03", "收费")
        .add("SO-2", "-189.00", "交易退款", at="2026-11-20 10:31:00")
        .add("", "-100.00", "提现", at="2026-11-20 11:00:00"),
        pay("SO-1", "338.00", fee="2.03"),
        refund("SO-2", "189.00"),
    )

    first = run()
    second = run()

    assert (first.matched, first.found, first.open_breaks, first.posted) == (2, 0, 0, 1)
    assert (second.posted, second.found) == (0, 0)
    assert moved() == {
        "1012": Decimal("46.97"),
        "1122": Decimal("-149.00"),
        "6601": Decimal("2.03"),
        "1002": Decimal("100.00"),
    }
    entry = JournalEntry.objects.get()
    assert (entry.source_type, entry.business_day) == ("finance.reconciliation", DAY)
    assert ledger.differences() == []


@pytest.mark.clause("FIN-7.3-01")
def test_every_kind_of_difference_is_one_break(bring: Bring) -> None:
    statement = (
        Statement()
        .add("SO-OK", "10.00")
        .add("SO-AMT", "90.00")
        .add("SO-NEW", "55.00")
        .add("SO-NEW", "-0.30", "收费")
        .add("SO-DUP", "20.00")
        .add("SO-DUP", "20.00")
        .add("SO-FEE", "100.00")
        .add("SO-FEE", "-1.00", "收费")
        .add("SO-RA", "-30.00", "交易退款")
        .add("SO-RN", "-8.00", "交易退款")
        .add("", "6.00", "红包")
    )
    bring(
        statement,
        pay("SO-OK", "10.00"),
        pay("SO-AMT", "100.00"),
        pay("SO-DUP", "20.00"),
        pay("SO-FEE", "100.00", fee="0.60"),
        pay("SO-GONE", "70.00"),
        pay("SO-LATE", "71.00", at="2026-11-20 23:58:00"),
        refund("SO-RA", "31.00"),
        refund("SO-RG", "5.00"),
        refund("SO-RL", "4.00", at="2026-11-20 23:59:00"),
    )

    made = run()

    money = Decimal
    assert open_breaks() == [
        ("AMOUNT_DIFF", "SO-AMT", money("90.00"), money("100.00")),
        ("BANK_CREDIT_UNKNOWN", "", money("6.00"), None),
        ("DUPLICATE_IN_CHANNEL", "SO-DUP", money("20.00"), None),
        ("FEE_DIFF", "SO-FEE", money("1.00"), money("0.60")),
        ("MISSING_IN_BOOKS", "SO-NEW", money("55.00"), None),
        ("MISSING_IN_CHANNEL", "SO-GONE", None, money("70.00")),
        ("REFUND_AMOUNT_DIFF", "SO-RA", money("30.00"), money("31.00")),
        ("REFUND_MISSING_IN_BOOKS", "SO-RN", money("8.00"), None),
        ("REFUND_MISSING_IN_CHANNEL", "SO-RG", None, money("5.00")),
        ("REFUND_TIMING_NEXT_PERIOD", "SO-RL", None, money("4.00")),
        ("TIMING_NEXT_PERIOD", "SO-LATE", None, money("71.00")),
    ]
    assert made.found == made.open_breaks == 11
    assert moved() == {"1012": money("130.00"), "1122": money("-130.00")}
    assert run().found == 0


def test_own_orders_are_our_side_with_the_fee_of_the_channel(bring: Bring) -> None:
    set_account(
        channel_id=trade_channel(), provider="alipay", account_no=ACCOUNT,
        fee_rate=Decimal("0.006"), actor=BOOKKEEPER, at=NOON,
    )  # fmt: skip
    Order.objects.create(
        number="SO1", external_no="8831", channel_id=trade_channel(), path=OrderPath.PREPAID,
        state=OrderState.PAID, total=Decimal("100.00"), placed_at=NOON, business_day=DAY,
        paid_at=dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC),
    )  # fmt: skip
    bring(Statement().add("T200P8831", "100.00").add("T200P8831", "-0.60", "收费"))

    made = run()

    assert (made.matched, made.open_breaks) == (1, 0)
    assert moved()["6601"] == Decimal("0.60")


def test_what_arrives_later_clears_its_break_and_is_booked_then(bring: Bring) -> None:
    bring(
        Statement().add("SO-1", "10.00").add("SO-1", "-0.10", "收费"),
        pay("SO-2", "20.00", at="2026-11-20 23:59:30"),
    )
    run()
    assert [found[0] for found in open_breaks()] == ["MISSING_IN_BOOKS", "TIMING_NEXT_PERIOD"]
    assert moved() == {}

    next_day = DAY + dt.timedelta(days=1)
    bring(
        Statement(next_day, next_day).add(
            "SO-2", "20.00", at="2026-11-21 00:00:10", serial="2026112100000001"
        ),
        pay("SO-1", "10.00"),
        name="b",
    )
    made = run(next_day, next_day, LATER)

    assert (made.cleared, made.open_breaks) == (2, 0)
    assert set(Break.objects.values_list("resolution", flat=True)) == {"cleared"}
    assert moved() == {
        "1012": Decimal("29.90"),
        "1122": Decimal("-30.00"),
        "6601": Decimal("0.10"),
    }
    assert run(DAY, next_day, LATER).posted == 0


def test_a_difference_is_explained_by_a_code_and_a_reason(bring: Bring) -> None:
    bring(Statement().add("SO-1", "90.00"), pay("SO-1", "100.00"))
    run()
    found = Break.objects.get()

    with pytest.raises(errors.NeedsCode):
        breaks.resolve(break_ids=[found.pk], code="matched", reason="", actor=clerk(), at=LATER)
    (ended,) = breaks.resolve(
        break_ids=[found.pk], code="subsidy", reason="coupon of the platform", actor=clerk(),
        at=LATER,
    )  # fmt: skip

    assert (ended.state, ended.resolution, ended.resolution_no) == (
        "resolved", "subsidy", "BR-202611-0001",
    )  # fmt: skip
    assert moved() == {
        "1012": Decimal("90.00"),
        "1122": Decimal("-100.00"),
        "6051": Decimal("10.00"),
    }
    assert run(at=LATER).found == 0


def test_two_sides_are_matched_by_hand_and_undone_by_reversal(bring: Bring) -> None:
    bring(Statement().add("ODD-1", "70.00"), pay("SO-GONE", "70.00"))
    run()
    ids = list(Break.objects.values_list("pk", flat=True))

    ended = breaks.resolve(break_ids=ids, code="matched", reason="", actor=clerk(), at=LATER)
    assert moved() == {"1012": Decimal("70.00"), "1122": Decimal("-70.00")}

    breaks.undo(resolution_no=ended[0].resolution_no, actor=clerk(), at=LATER)

    assert moved() == {}
    assert JournalEntry.objects.count() == 2
    assert {row[0] for row in open_breaks()} == {"MISSING_IN_BOOKS", "MISSING_IN_CHANNEL"}


def test_only_what_holds_no_money_is_merely_explained(bring: Bring) -> None:
    bring(Statement().add("SO-1", "5.00"), pay("SO-2", "7.00"))
    run()
    unknown = Break.objects.get(type="MISSING_IN_BOOKS")
    gone = Break.objects.get(type="MISSING_IN_CHANNEL")

    with pytest.raises(errors.NeedsCode):
        breaks.resolve(
            break_ids=[unknown.pk], code="explained", reason="?", actor=clerk(), at=LATER
        )
    breaks.resolve(
        break_ids=[gone.pk], code="explained", reason="paid in cash", actor=clerk(), at=LATER
    )

    assert not JournalEntry.objects.exists()
    with pytest.raises(errors.BreakClosed):
        breaks.resolve(
            break_ids=[gone.pk], code="explained", reason="again", actor=clerk(), at=LATER
        )


def test_who_imported_a_statement_does_not_write_its_differences_off(bring: Bring) -> None:
    bring(Statement().add("SO-1", "90.00"), pay("SO-1", "100.00"))
    run()
    found = Break.objects.get()
    Break.objects.update(imported_by=7)

    with pytest.raises(errors.SamePerson):
        breaks.resolve(
            break_ids=[found.pk], code="write_off", reason="small", actor=clerk(7), at=LATER
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Break.objects.update(
            state="resolved", resolution="write_off", reason="x", resolved_at=LATER, resolved_by=7
        )

    assert not JournalEntry.objects.exists()
    breaks.resolve(break_ids=[found.pk], code="write_off", reason="small", actor=clerk(8), at=LATER)
    assert moved()["6711"] == Decimal("10.00")


def test_breaks_have_age_and_owner(bring: Bring) -> None:
    bring(Statement().add("SO-1", "90.00"), pay("SO-1", "100.00"))
    run()
    found = Break.objects.get()

    (assigned,) = breaks.assign(
        break_ids=[found.pk], person_id=9, due_on=dt.date(2026, 11, 30), actor=clerk(), at=LATER
    )

    assert (assigned.owner_person_id, assigned.age_days, assigned.difference) == (
        9, 5, Decimal("-10.00"),
    )  # fmt: skip
    assert settlement.ages(actor=BOOKKEEPER, at=LATER) == (0, 1, 0)


def test_breaks_of_foreign_channels_do_not_exist(bring: Bring) -> None:
    bring(Statement().add("SO-1", "90.00"), pay("SO-1", "100.00"))
    run()
    stranger = Actor(
        kind=ActorKind.PERSON, name="s", person_id=3, rights={"finance": frozenset("vp")}
    )

    with pytest.raises(errors.BreakMissing):
        breaks.assign(break_ids=[Break.objects.get().pk], person_id=3, actor=stranger, at=LATER)


def test_days_without_a_statement_accuse_nobody(bring: Bring) -> None:
    bring(Statement().add("SO-1", "1.00"), pay("SO-1", "1.00"),
          pay("SO-5", "9.00", at="2026-11-18 10:00:00"))  # fmt: skip

    made = run(DAY - dt.timedelta(days=5), DAY)

    assert made.open_breaks == 0


def test_records_come_in_once(bring: Bring, tmp_path: Path) -> None:
    bring(None, pay("SO-1", "1.00"), pay("SO-2", "2.00"))
    bring(None, pay("SO-2", "2.00"), pay("SO-1", "1.00"), pay("SO-3", "0.00"), name="b")

    assert PaymentRecord.objects.count() == 2
    assert not Reconciliation.objects.exists()
