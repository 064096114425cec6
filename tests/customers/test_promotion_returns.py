"""What comes back of an order with promotions, to the cent, in any order (CAT-4.4-06, -07)."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Promotion
from catalog.services import promotions
from customers import errors
from customers.models import Order, OrderGift, Return, ReturnLine
from customers.services import returns
from customers.types import ReturnInfo, ReturnWant
from finance.models import JournalEntry, JournalLine
from finance.selectors import ledger
from inventory.models import Reservation
from ops.engines.events import delivery
from ops.engines.notices.models import Notice
from tests.catalog.promos import DURING
from tests.customers.house import SYSTEM, order
from tests.customers.promoted import CAPS, SAVE, TEN, Fair, fair, send_off, taken
from tests.finance.test_posting import moved
from tests.inventory.checking import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture(name="fair")
def fixture_fair(db: None) -> Fair:
    return fair()


def gift_rule(fair: Fair, quantity: int = 1, value: str = "10.50") -> dict[str, object]:
    """Return a rule: C-3 comes along from 100 on."""
    gifts = [{"sku_id": fair.house.skus["C-3"], "quantity": quantity, "value": value}]
    return {"type": "gift", "gifts": gifts, "condition": {"amount": "100"}, "caps": CAPS}


def ask(shipped: Order, *wants: tuple[int, int], keeps_gifts: bool = False) -> ReturnInfo:
    return returns.request_return(
        order_id=shipped.pk,
        lines=[ReturnWant(line_no=line, quantity=quantity) for line, quantity in wants],
        reason="does not fit",
        keeps_gifts=keeps_gifts,
        actor=SYSTEM,
        at=DURING,
    )


def accept(*parts: ReturnInfo) -> None:
    for part in parts:
        returns.accept_return(return_id=part.id, actor=SYSTEM, at=DURING)
    delivery.drain(at=DURING)


@pytest.mark.clause("CAT-4.4-06")
@pytest.mark.parametrize("way", list(permutations([(1, 1), (1, 1), (2, 1), (3, 3)])))
def test_everything_back_in_any_order_is_exactly_what_was_paid(
    fair: Fair, way: tuple[tuple[int, int], ...]
) -> None:
    fair.running(SAVE)
    shipped = send_off(fair.place("T1", ("A-1", 2), ("B-2", 1), ("C-3", 3)))

    parts = [ask(shipped, want) for want in way]

    # 398.00, 59.00, 31.50: 40.00 spread as 32.59, 4.83, 2.58.
    assert shipped.total == Decimal("448.50")
    assert sum(part.total for part in parts) == shipped.total
    backs = Return.objects.filter(order=shipped)
    assert sum(one.tax for one in backs) == shipped.tax
    by_line = {want: part.total for want, part in zip(way, parts, strict=True)}
    assert by_line[2, 1] == Decimal("54.17")
    assert by_line[3, 3] == Decimal("28.92")
    accept(*parts)
    assert ledger.differences() == []
    assert "1122" not in moved()
    assert_sound()


def test_a_refused_return_leaves_the_rest_exact(fair: Fair) -> None:
    fair.running(SAVE | {"steps": [{"amount": "30", "save": "10"}]})
    shipped = send_off(fair.place("T1", ("C-3", 3)))

    # 21.50 for three: 7.17, 7.16, 7.17.
    first, second = ask(shipped, (1, 1)), ask(shipped, (1, 1))
    returns.refuse_return(return_id=first.id, reason="worn", actor=SYSTEM, at=DURING)
    third, fourth = ask(shipped, (1, 1)), ask(shipped, (1, 1))

    assert [first.total, second.total] == [Decimal("7.17"), Decimal("7.16")]
    assert second.total + third.total + fourth.total == shipped.total


def test_the_rule_of_the_sale_counts_whatever_became_of_it(fair: Fair) -> None:
    made = fair.running(TEN)
    shipped = send_off(fair.place("T1", ("A-1", 1), ("B-2", 1)))
    promotions.end(promotion_id=made.id, reason="over", actor=SYSTEM, at=DURING)

    back = ask(shipped, (1, 1))

    assert back.total == Decimal("179.10")
    line = ReturnLine.objects.get(back_id=back.id)
    assert (line.unit_price, line.discount) == (Decimal(199), Decimal("19.90"))
    assert line.amount == back.total


@pytest.mark.clause("CAT-4.4-06")
def test_no_more_than_was_paid_comes_back_whoever_writes(fair: Fair) -> None:
    fair.running(TEN)
    shipped = send_off(fair.place("T1", ("A-1", 2)))
    back = Return.objects.get(pk=ask(shipped, (1, 1)).id)
    other = Return.objects.create(
        number="X", channel_id=shipped.channel_id, external_no="X", order=shipped,
        state="requested", total=199, requested_at=DURING, business_day=DURING.date(),
    )  # fmt: skip

    for amount in ("199.00", "179.11", "179.09"):
        wrong = pytest.raises(IntegrityError, match="is not paid back as it was paid")
        with wrong, transaction.atomic():
            ReturnLine.objects.create(
                back=other, line_no=1, sku_id=fair.house.skus["A-1"], quantity=1,
                unit_price=199, discount=199 - Decimal(amount), amount=Decimal(amount),
            )  # fmt: skip
    assert back.total == Decimal("179.10")


@pytest.mark.clause("CAT-4.4-07")
def test_a_gift_is_a_line_of_its_own_reserved_with_the_order(fair: Fair) -> None:
    made = fair.running(gift_rule(fair, 2), gift_stock=10)

    placed = order(fair.place("T1", ("A-1", 1)))

    assert list(placed.lines.values_list("line_no", "kind", "quantity", "amount")) == [
        (1, "sale", 1, Decimal(199)),
        (2, "gift", 2, Decimal(0)),
    ]
    assert placed.total == Decimal("199.00")
    gift = OrderGift.objects.get(order=placed)
    assert (gift.line_no, gift.promotion_id, gift.value) == (2, made.id, Decimal("10.50"))
    assert Reservation.objects.filter(source_id=placed.pk, state="open").count() == 2
    assert fair.house.free("C-3") == 98
    fair.cancel(fair.place("T2", ("A-1", 1)))
    assert fair.house.free("C-3") == 98
    assert taken(made)[0] == 1


@pytest.mark.clause("CAT-4.4-07")
def test_the_cost_of_gifts_is_the_promotions_expense_and_comes_back_with_them(fair: Fair) -> None:
    fair.running(gift_rule(fair, 2), gift_stock=10)
    shipped = send_off(fair.place("T1", ("A-1", 1), ("C-3", 1)))

    # Every piece cost 5.00: one A-1 and one C-3 were sold, two C-3 given away.
    assert moved()["6401"] == Decimal("10.00")
    assert moved()["6601"] == Decimal("10.00")
    voucher = JournalEntry.objects.get(effect_key__startswith=f"gift:{shipped.pk}:")
    assert (voucher.source_type, voucher.source_id) == ("customers.order", str(shipped.pk))
    assert voucher.memo

    accept(ask(shipped, (1, 1), (2, 1), (3, 2)))

    assert "6401" not in moved()
    assert "6601" not in moved()
    assert JournalLine.objects.filter(account_id="6601").count() == 2
    assert ledger.differences() == []
    assert_sound()


@pytest.mark.clause("CAT-4.4-07")
def test_gifts_no_longer_earned_come_back_or_their_worth_is_kept(fair: Fair) -> None:
    fair.running(gift_rule(fair, 2), gift_stock=10)
    shipped = send_off(fair.place("T1", ("A-1", 1), ("B-2", 1)))

    with pytest.raises(errors.ReturnRefused) as caught:
        ask(shipped, (1, 1))
    assert caught.value.code == "customers.gifts_due"
    assert caught.value.context["gifts"] == [{"line_no": 3, "quantity": 2, "value": "10.50"}]
    assert not Return.objects.exists()
    with pytest.raises(errors.ReturnRefused):
        ask(shipped, (1, 1), (3, 1))
    kept = ask(shipped, (1, 1), (3, 1), keeps_gifts=True)

    # One of two gifts comes back, the other is worth 10.50.
    assert kept.total == Decimal("188.50")
    row = Return.objects.get(pk=kept.id)
    assert row.gift_value == Decimal("10.50")
    rest = ask(shipped, (2, 1))
    assert rest.total == Decimal("59.00")
    assert row.tax + Return.objects.get(pk=rest.id).tax <= shipped.tax
    accept(kept, rest)
    # The buyer paid 258.00 and got 247.50 back: 10.50 stay as revenue with their tax.
    books = moved()
    assert books["1122"] == Decimal("10.50")
    assert books["6001"] + books["2221.01.01"] == Decimal("-10.50")
    assert books["6601"] == Decimal("5.00")
    assert ledger.differences() == []


def test_a_gift_still_earned_is_not_asked_for(fair: Fair) -> None:
    fair.running(gift_rule(fair), gift_stock=10)
    shipped = send_off(fair.place("T1", ("A-1", 1), ("B-2", 1)))

    assert ask(shipped, (2, 1)).total == Decimal("59.00")


def test_without_pieces_to_give_there_is_no_gift_and_the_order_stands(fair: Fair) -> None:
    made = fair.running(gift_rule(fair, 2), gift_stock=10)

    # Who buys 99 of the hundred leaves one, and a gift is two.
    bought = order(fair.place("T1", ("C-3", 99)))
    none = order(fair.place("T2", ("A-1", 1)))

    assert (bought.lines.count(), none.lines.count()) == (1, 1)
    assert none.state == "allocated"
    assert fair.house.free("C-3") == 1
    assert taken(made)[0] == 0


@pytest.mark.clause("CAT-4.4-07")
def test_with_gifts_out_of_stock_the_rule_pauses_and_tells_its_owner(fair: Fair) -> None:
    made = fair.running(gift_rule(fair, 2), gift_stock=10)
    assert promotions.run_clock(actor=SYSTEM, at=DURING).paused == 0
    fair.place("T1", ("C-3", 99))

    report = promotions.run_clock(actor=SYSTEM, at=DURING)

    assert report.paused == 1
    paused = Promotion.objects.get(pk=made.id)
    assert (paused.state, paused.paused_why) == ("paused", "The gifts are out of stock.")
    told = Notice.objects.filter(subject=f"catalog.promotion:{made.id}", kind="act")
    persons = {fair.shop.specialist.person_id, fair.shop.supervisor.person_id}
    assert persons <= set(told.values_list("person_id", flat=True))


@pytest.mark.clause("CAT-4.4-07")
def test_with_the_gifts_set_aside_used_up_the_rule_pauses_too(fair: Fair) -> None:
    made = fair.running(gift_rule(fair, 2), gift_stock=5)

    orders = [order(fair.place(f"T{n}", ("A-1", 1))) for n in range(3)]
    promotions.run_clock(actor=SYSTEM, at=DURING)

    # Five pieces are two gifts of two; a third order comes without, and one piece is left over.
    assert [one.lines.count() for one in orders] == [2, 2, 1]
    assert taken(made)[0] == 2
    assert Promotion.objects.get(pk=made.id).state == "paused"
