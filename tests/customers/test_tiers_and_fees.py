"""Orders take what quotes promise: tier, shipping fee, gifts with their own stock (CAT-4.4-02)."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Channel
from catalog.rules.promotions.quotes import Reason
from catalog.selectors import impact_promotions, promotions
from catalog.types.impact import Window
from customers import errors
from customers.models import Order, OrderDiscount, Return
from customers.selectors import payments, promoted
from customers.services import returns, tiers
from customers.types import BuyerDraft, ReturnWant, Verdict
from finance.selectors import ledger
from ops.engines.events import delivery
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import business_day
from tests.catalog.promos import DURING
from tests.compliance.conftest import enter
from tests.customers.house import SYSTEM, order, statements
from tests.customers.promoted import CAPS, TEN, Fair, fair, offs, send_off, taken
from tests.customers.test_api import ORDERS, body, post
from tests.customers.test_promotion_returns import gift_rule
from tests.customers.tiered import belongs, quoted, tier_price
from tests.engines.http.conftest import with_token
from tests.finance.test_posting import moved

pytestmark = pytest.mark.django_db
FREE: dict[str, Any] = {"type": "free_shipping", "condition": {"amount": "200"}, "caps": CAPS}
MEMBERS = TEN | {"condition": {"tiers": ["gold"]}, "stacking": {"combines_with": ["*"]}}


@pytest.fixture(name="fair")
def fixture_fair(db: None) -> Fair:
    return fair()


def gift_of(made: Order) -> list[tuple[int, int]]:
    rows = made.gifts.order_by("line_no").values_list("promotion_id", "line_no")
    lines = dict(made.lines.values_list("line_no", "quantity"))
    return [(promotion, lines[line]) for promotion, line in rows]


def test_an_order_is_priced_under_the_tier_its_buyer_has_then(fair: Fair) -> None:
    tier_price(fair)
    made = fair.running(MEMBERS)
    belongs(fair, "b1", until=DURING + timedelta(hours=1))
    belongs(fair, "b2", tier="gold", since=DURING + timedelta(hours=1))

    gold = order(fair.place("T1", ("A-1", 1), buyer="b1"))
    others = [order(fair.place(f"T{n}", ("A-1", 1), buyer=b)) for n, b in ((2, "b2"), (3, ""))]
    later = fair.house.place(
        "T4", ("A-1", 1), buyer=BuyerDraft(code="b1"), at=DURING + timedelta(hours=1)
    )
    tiers.end_tier(
        customer_id=gold.customer_id or 0, reason="left", actor=SYSTEM,
        at=DURING + timedelta(minutes=1),
    )  # fmt: skip
    gone = order(
        fair.house.place(
            "T5", ("A-1", 1), buyer=BuyerDraft(code="b1"), at=DURING + timedelta(minutes=1)
        )
    )

    # 189.00 for gold, less ten percent; everybody else pays 199.00.
    assert (gold.tier, gold.total) == ("gold", Decimal("170.10"))
    assert gold.lines.get().unit_price == Decimal("189.00")
    assert offs(gold.pk) == [(1, made.id, Decimal("18.90"))]
    assert [(one.tier, one.total) for one in (*others, order(later), gone)] == [
        ("", Decimal(199))
    ] * 4
    gold.refresh_from_db()
    assert gold.tier == "gold"


def test_a_channel_that_names_the_price_of_the_tier_is_not_held_as_too_cheap(fair: Fair) -> None:
    tier_price(fair)
    belongs(fair, "b1")

    fine = fair.place("T1", ("A-1", 1, "189.00"), buyer="b1", on_short="hold")
    held = fair.place("T2", ("A-1", 1, "189.00"), buyer="b2", on_short="hold")

    assert (fine.verdict, held.verdict) == (Verdict.ACCEPTED, Verdict.HELD)


def test_neither_tier_nor_fee_costs_a_statement(fair: Fair) -> None:
    def count(number: str, **more: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            fair.place(number, ("A-1", 1), **more)
        return len(statements(captured))

    fair.place("T0", ("A-1", 1), buyer="b1")
    nobody, plain = count("T1"), count("T2", buyer="b1")
    tier_price(fair)
    belongs(fair, "b1")

    assert count("T3", buyer="b1", shipping=Decimal("8.00")) == plain <= 8
    assert count("T4", shipping=Decimal("8.00")) == nobody


@pytest.mark.clause("CAT-4.4-02")
def test_whatever_is_quoted_is_what_is_ordered(fair: Fair) -> None:
    """Baskets drawn at random, each quoted and placed: the same to the cent."""
    tier_price(fair)
    tier_price(fair, "C-3", "9.90")
    fair.running(MEMBERS)
    fair.running(FREE)
    fair.running(TEN | {"condition": {"first_order": True}, "stacking": {"combines_with": ["*"]}})
    fair.running(gift_rule(fair), gift_stock=6)
    belongs(fair, "gold1", "gold2")
    drawn = random.Random(20261127)  # noqa: S311 - the same draws every time
    seen: set[str] = set()
    for number in range(12):
        buyer = drawn.choice(("", "gold1", "gold2", "b1"))
        lines = [(c, drawn.randint(1, 2)) for c in drawn.sample(("A-1", "B-2", "C-3"), 2)]
        fee = Decimal(drawn.choice(("0", "8.00", "12.50")))
        tier = "gold" if buyer.startswith("gold") else ""
        is_first = bool(buyer) and buyer not in seen

        answer = quoted(
            fair, *lines, buyer_key=buyer, tier=tier, is_first_order=is_first, shipping=fee
        )
        made = order(
            fair.place(f"Q{number}", *lines, buyer=buyer, shipping=fee, expected_total=answer.total)
        )

        seen.add(buyer)
        assert (made.total, made.tier, made.shipping) == (answer.total, tier, fee)
        assert made.shipping_net == answer.shipping_after
        given = [(g.rule_id, g.quantity) for g in answer.gifts]
        assert gift_of(made) == given
        told = {
            (int(line.key), off.rule_id): off.amount
            for line in answer.lines
            for off in line.discounts
            if off.amount
        } | {(0, one.rule_id): one.amount for one in answer.discounts if one.on_shipping}
        assert {(line, promotion): off for line, promotion, off in offs(made.pk)} == told
    assert promoted.differences() == []


@pytest.mark.clause("CAT-4.4-07")
def test_a_quote_promises_no_gift_that_is_gone_and_says_why(fair: Fair) -> None:
    made = fair.running(gift_rule(fair, 2), gift_stock=100)
    (gift,) = quoted(fair, ("A-1", 1)).gifts
    fair.place("T1", ("C-3", 99))

    with CaptureQueriesContext(connection) as captured:
        answer = quoted(fair, ("A-1", 1))

    asked = [sql for sql in statements(captured) if "on_hand" in sql]
    assert (gift.quantity, len(asked)) == (2, 1)
    assert not answer.gifts
    (skipped,) = answer.skipped
    assert (skipped.rule_id, skipped.reason) == (made.id, Reason.GIFTS_OUT_OF_STOCK)
    placed = order(fair.place("T2", ("A-1", 1), expected_total=answer.total))
    assert gift_of(placed) == []


def test_the_pieces_a_basket_buys_are_no_gifts_for_it(fair: Fair) -> None:
    fair.running(gift_rule(fair), gift_stock=100)

    assert quoted(fair, ("A-1", 1), ("C-3", 99)).gifts
    assert not quoted(fair, ("A-1", 1), ("C-3", 100)).gifts


def test_the_fee_is_owed_taxed_and_its_discount_a_line_of_its_own(fair: Fair) -> None:
    made = fair.running(FREE | {"percent": "50"})

    under = order(fair.place("T1", ("B-2", 1), shipping=Decimal("11.30")))
    over = order(fair.place("T2", ("A-1", 1), ("B-2", 1), shipping=Decimal("11.30")))

    assert (under.total, under.shipping_discount) == (Decimal("70.30"), Decimal(0))
    assert (over.total, over.shipping_discount) == (Decimal("263.65"), Decimal("5.65"))
    assert offs(over.pk) == [(0, made.id, Decimal("5.65"))]
    assert taken(made) == (1, Decimal("5.65"))
    # 13 % in all of it, the fee included.
    assert (under.tax, over.tax) == (Decimal("8.09"), Decimal("30.33"))
    fair.call_off(over.pk)
    assert taken(made) == (0, Decimal("0.00"))
    assert promoted.differences() == []


def test_with_prices_of_the_channel_the_fee_is_owed_in_full(fair: Fair) -> None:
    fair.running(FREE)

    made = order(fair.place("T1", ("A-1", 2, "199.00"), shipping=Decimal(8)))

    assert (made.total, made.shipping, made.shipping_discount) == (
        Decimal(406),
        Decimal(8),
        Decimal(0),
    )


def test_a_total_without_the_fee_is_another_total(fair: Fair) -> None:
    with pytest.raises(errors.OrderRefused) as caught:
        fair.place("T1", ("A-1", 1), shipping=Decimal(8), expected_total=Decimal(199))

    assert caught.value.context["errors"][0]["code"] == "customers.other_total"
    assert not Order.objects.exists()


def test_a_fee_that_is_none_refuses_the_order(fair: Fair) -> None:
    for fee in ("-0.01", "8.001", "NaN", "Infinity", "1e15", "1e20"):
        with pytest.raises(errors.OrderRefused) as caught:
            fair.place("T1", ("A-1", 1), shipping=Decimal(fee))
        assert caught.value.context["errors"][0]["code"] == "customers.shipping_unreadable", fee
    Channel.objects.filter(pk=fair.house.channel_id).update(currency="JPY")
    with pytest.raises(errors.OrderRefused):
        fair.place("T1", ("A-1", 1), shipping=Decimal("8.50"))

    assert not Order.objects.exists()


def test_only_gifts_and_a_fee_are_taxed_at_the_rate_of_the_gifts(fair: Fair) -> None:
    made = order(fair.place("T1", ("A-1", 1, "0"), shipping=Decimal("11.30"), on_short="hold"))

    assert (made.total, made.tax) == (Decimal("11.30"), Decimal("1.30"))


def _sql(statement: str, *values: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_fee_tier_and_total_cannot_be_written_otherwise(fair: Fair) -> None:
    made = fair.running(FREE)
    placed = order(fair.place("T1", ("A-1", 2), shipping=Decimal(8)))
    copy = (
        "INSERT INTO customers_order (number, channel_id, external_no, kind, path, state,"
        " hold_reason, country, recipient_enc, currency, shipping, shipping_discount, total, tax,"
        " placed_at, business_day) SELECT 'SO-9', channel_id, 'T9', kind, path, 'placed', '', '',"
        " '', currency, {}, {}, {}, 0, placed_at, business_day FROM customers_order WHERE id = %s"
    )
    for changed in ("shipping = 9", "shipping_discount = 7", "tier = 'gold'"):
        with pytest.raises(IntegrityError, match="keeps the tier and the fee"):
            _sql(f"UPDATE customers_order SET {changed} WHERE id = %s", placed.pk)
    for fee, off, total, name in (
        ("-1", "0", "0", "order_shipping_sane"),
        ("'NaN'", "0", "0", "order_shipping_sane"),
        ("8", "9", "0", "order_shipping_sane"),
        ("8", "3", "5", "do not add up to its shipping fee"),
        ("8", "0", "9", "is not its lines and its fee"),
    ):
        with pytest.raises(IntegrityError, match=name):
            _sql(copy.format(fee, off, total), placed.pk)
    plain = order(fair.place("T2", ("C-3", 1), shipping=Decimal(8)))
    with pytest.raises(IntegrityError, match="do not add up to line 0"), transaction.atomic():
        OrderDiscount.objects.create(order=plain, line_no=0, promotion_id=made.id, amount=1)
    assert Order.objects.count() == 2


def back(shipped: Order, *lines: tuple[int, int], fee: bool = False) -> Return:
    made = returns.request_return(
        order_id=shipped.pk,
        lines=[ReturnWant(line_no=line, quantity=pieces) for line, pieces in lines],
        reason="does not fit",
        refunds_shipping=fee,
        actor=SYSTEM,
        at=DURING,
    )
    return Return.objects.get(pk=made.id)


def test_the_fee_goes_back_once_by_choice_and_the_books_agree(fair: Fair) -> None:
    fair.running(FREE | {"percent": "50"})
    shipped = send_off(fair.place("T1", ("A-1", 1), ("B-2", 2), shipping=Decimal("10.00")))
    # 317.00 of goods and 5.00 of the fee, 13 % in it: 37.04; the fee alone: 0.58.
    assert moved()["6051"] == Decimal("-4.42")
    assert moved()["6001"] == Decimal("-280.54")
    assert moved()["1122"] == shipped.total == Decimal("322.00")

    first = back(shipped, (2, 1), fee=True)
    with pytest.raises(errors.ReturnRefused) as refused:
        back(shipped, (2, 1), fee=True)
    returns.refuse_return(return_id=first.pk, reason="worn", actor=SYSTEM, at=DURING)
    again, rest = back(shipped, (2, 2), fee=True), back(shipped, (1, 1))

    assert refused.value.code == "customers.no_fee_left"
    assert (first.total, first.shipping) == (Decimal("64.00"), Decimal("5.00"))
    assert [(one.total, one.shipping) for one in (again, rest)] == [
        (Decimal("123.00"), Decimal("5.00")), (Decimal("199.00"), Decimal("0.00")),
    ]  # fmt: skip
    assert again.tax + rest.tax == shipped.tax
    for one in (again, rest):
        returns.accept_return(return_id=one.pk, actor=SYSTEM, at=DURING)
    delivery.drain(at=DURING)
    books = moved()
    assert not {"1122", "6001", "6051", "2221.01.01"} & books.keys()
    assert ledger.differences() == []
    paid = payments.payments_for_matching(
        channel_id=fair.house.channel_id, first=business_day(DURING - timedelta(days=30)),
        last=business_day(DURING),
    )  # fmt: skip
    assert sorted((one.kind, one.amount) for one in paid) == [
        ("PAY", Decimal("322.00")), ("REFUND", Decimal("123.00")), ("REFUND", Decimal("199.00")),
    ]  # fmt: skip


def test_without_the_choice_the_fee_stays_when_everything_comes_back(fair: Fair) -> None:
    shipped = send_off(fair.place("T1", ("A-1", 1), shipping=Decimal("8.00")))

    whole = back(shipped, (1, 1))

    assert (whole.total, whole.shipping) == (Decimal("199.00"), Decimal(0))
    with (
        pytest.raises(IntegrityError, match="more than the fee that was paid"),
        transaction.atomic(),
    ):
        Return.objects.create(
            number="R9", external_no="R9", channel_id=whole.channel_id, order=shipped,
            state="requested", total=0, shipping=Decimal("8.01"), requested_at=DURING,
            business_day=whole.business_day,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="pays back stands"), transaction.atomic():
        Return.objects.filter(pk=whole.pk).update(shipping=1)


def test_a_gift_earned_as_a_member_is_not_asked_back_while_it_is_still_earned(fair: Fair) -> None:
    rule = gift_rule(fair) | {"condition": {"amount": "100", "tiers": ["gold"]}}
    fair.running(rule, gift_stock=10)
    belongs(fair, "b1")
    shipped = send_off(fair.place("T1", ("A-1", 2), buyer="b1"))
    assert len(gift_of(shipped)) == 1

    one = back(shipped, (1, 1))
    with pytest.raises(errors.ReturnRefused) as refused:
        back(shipped, (1, 1))

    assert one.total == Decimal("199.00")
    assert refused.value.code == "customers.gifts_due"


def test_the_replay_of_a_promotion_knows_the_tiers_of_the_past(fair: Fair) -> None:
    tier_price(fair)
    belongs(fair, "b1", at=DURING - timedelta(hours=1))
    for number, buyer in (("T1", "b1"), ("T2", "b2"), ("T3", "")):
        fair.place(number, ("A-1", 1), buyer=buyer)
    made = fair.running(MEMBERS)
    row = promotions.row(promotion_id=made.id, actor=SYSTEM)
    window = Window(
        days=31, first=business_day(DURING - timedelta(days=30)), last=business_day(DURING)
    )

    with transaction.atomic():
        found = impact_promotions.replay_promotion(row=row, window=window, at=DURING)

    # Gold at 189.00, the others at 199.00; ten percent off for gold alone: 18.90.
    totals = found.totals
    assert totals.revenue_before - totals.revenue_after == Decimal("18.90")


def test_screens_and_api_show_tier_and_fee(fair: Fair) -> None:
    made = fair.running(FREE)
    user = fair.house.worker("li", Role.OPERATIONS_SPECIALIST)
    placed = order(fair.place("T1", ("A-1", 2), shipping=Decimal("8.50")))
    desk, api = enter(user), with_token(user)

    page = desk.get(reverse("customers:order", args=[placed.number])).content.decode()
    told = post(api, ORDERS, body("T2", ("C-3", 2), shipping="8.50", total="29.50"))
    shown = api.get(told["Location"]).json()

    for words in ("8.50", "运费", made.number, "398.00"):
        assert words in page
    export = enter(fair.shop.supervisor).get("/orders/?tab=all&export=csv&c=number&c=shipping")
    sheet = b"".join(export) if export.streaming else export.content

    assert "运费" in sheet.decode("utf-8-sig")
    assert (told.status_code, shown["shipping"], shown["total"]) == (201, "8.50", "29.50")
    assert (shown["tier"], shown["shipping_discount"]) == ("", "0.00")
