"""R8 with promotions: whatever buyers and keepers do, in whatever order, all books agree."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from catalog.selectors import promotions as selectors
from catalog.services import promotions
from customers.models import Order, Return, ReturnLine
from customers.selectors import promoted
from customers.services import returns
from customers.types import Outcome, ReturnWant
from finance.selectors import ledger
from ops.engines.events import delivery
from ops.engines.kernel.errors import OpsError
from tests.catalog.promos import DURING
from tests.customers.house import CODES, SYSTEM
from tests.customers.promoted import SAVE, TEN, fair, shipped_of
from tests.finance.test_posting import moved
from tests.inventory.checking import assert_sound

FULL = os.environ.get("GUIFAN_FAULTS") == "full"
EXAMPLES, STEPS = (25, 60) if FULL else (4, 30)
TOGETHER: dict[str, Any] = {"stacking": {"combines_with": ["*"]}}
BASKETS = st.lists(st.tuples(st.sampled_from(CODES), st.integers(1, 4)), min_size=1, max_size=3)
WHICH = st.integers(0, 1_000)


@dataclass
class Sale:
    """An order, and what came back of it by line."""

    order_id: int
    state: str = "placed"
    back: Counter[int] = field(default_factory=Counter)
    open_returns: list[int] = field(default_factory=list)


class Promoted(RuleBasedStateMachine):
    """Buyers order with and without coupons, cancel, send back; the books are read at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.fair = fair(stock=60)
        skus = self.fair.house.skus
        gift = {"sku_id": skus["C-3"], "quantity": 1, "value": "10.50"}
        self.coupon_rule = self.fair.running(TEN | TOGETHER | {"coupon": True}, coupon_mode="batch")
        self.fair.running(SAVE | TOGETHER | {"caps": {"budget": "300.00", "buyer_uses": 2}})
        self.fair.running(
            {"type": "gift", "gifts": [gift], "condition": {"amount": "150"},
             "caps": {"budget": "50"}},
            gift_stock=6,
        )  # fmt: skip
        self.fair.running(
            {"type": "nth_item", "n": 2, "percent": "50", "caps": {"budget": "200", "pieces": 9},
             "condition": {"goods": {"skus": [skus["B-2"]]}}, **TOGETHER},
        )  # fmt: skip
        self.codes = [self.fair.coupon(self.coupon_rule) for _n in range(3)]
        self.sales: list[Sale] = []
        self.number = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    def tried(self, work: Any) -> Any:
        """Do something, with every promise of the database looked at; a refusal is an answer."""
        try:
            with transaction.atomic():
                done = work()
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except OpsError as refusal:
            return refusal
        return done

    def chosen(self, which: int, *states: str) -> Sale | None:
        fit = [sale for sale in self.sales if sale.state in states]
        return fit[which % len(fit)] if fit else None

    @rule(basket=BASKETS, buyer=st.sampled_from(["", "b1", "b2"]), code=st.integers(-1, 2))
    def order(self, basket: list[tuple[str, int]], buyer: str, code: int) -> None:
        self.number += 1
        coupons = (self.codes[code],) if code >= 0 else ()
        done = self.tried(
            lambda: self.fair.place(f"M{self.number}", *basket, buyer=buyer, coupons=coupons)
        )
        if isinstance(done, Outcome):
            self.sales.append(Sale(done.order_id))

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        if sale := self.chosen(which, "placed"):
            assert self.tried(lambda: self.fair.call_off(sale.order_id)).state == "cancelled"
            sale.state = "cancelled"

    @rule(which=WHICH)
    def ship(self, which: int) -> None:
        if sale := self.chosen(which, "placed"):
            shipped_of(sale.order_id, at=DURING)
            sale.state = "shipped"

    @rule(which=WHICH, keeps=st.booleans(), share=st.integers(1, 4))
    def send_back(self, which: int, keeps: bool, share: int) -> None:  # noqa: FBT001
        sale = self.chosen(which, "shipped")
        if sale is None:
            return
        lines = Order.objects.get(pk=sale.order_id).lines.order_by("line_no")
        left = {line.line_no: line.quantity - sale.back[line.line_no] for line in lines}
        wants = {no: min(share, n) for no, n in left.items() if n and (no + which) % 2 == 0}
        done = self.tried(
            lambda: returns.request_return(
                order_id=sale.order_id, reason="不合适", keeps_gifts=keeps, actor=SYSTEM, at=DURING,
                lines=[ReturnWant(line_no=no, quantity=n) for no, n in wants.items()],
            )
        )  # fmt: skip
        if not isinstance(done, OpsError):
            sale.back.update(wants)
            sale.open_returns.append(done.id)

    @rule(which=WHICH)
    def decide(self, which: int) -> None:
        waiting = [(sale, pk) for sale in self.sales for pk in sale.open_returns]
        if not waiting:
            return
        sale, pk = waiting[which % len(waiting)]
        sale.open_returns.remove(pk)
        if which % 3:
            returns.accept_return(return_id=pk, actor=SYSTEM, at=DURING)
        else:
            lines = ReturnLine.objects.filter(back_id=pk)
            sale.back.subtract(dict(lines.values_list("line_no", "quantity")))
            returns.refuse_return(return_id=pk, reason="worn", actor=SYSTEM, at=DURING)
        delivery.drain(at=DURING)

    @rule()
    def minute(self) -> None:
        """A minute passes: what reached its limit pauses."""
        promotions.run_clock(actor=SYSTEM, at=DURING)

    @invariant()
    def books_agree(self) -> None:
        assert selectors.differences() == []
        assert promoted.differences() == []
        assert ledger.differences() == []
        assert_sound()

    @invariant()
    def money_is_net_of_discounts(self) -> None:
        for sale in self.sales:
            order = Order.objects.get(pk=sale.order_id)
            lines = list(order.lines.order_by("line_no"))
            assert order.total == sum(line.amount for line in lines)
            backs = Return.objects.filter(order=order).exclude(state="refused")
            paid_back = backs.aggregate(money=Sum("total"), kept=Sum("gift_value"))
            money = (paid_back["money"] or 0) + (paid_back["kept"] or 0)
            assert money <= order.total
            sold = [line for line in lines if line.kind == "sale"]
            if all(sale.back[line.line_no] == line.quantity for line in sold):
                assert money == order.total

    @invariant()
    def revenue_is_what_buyers_paid(self) -> None:
        delivery.drain(at=DURING)
        left = Order.objects.filter(pk__in=[s.order_id for s in self.sales if s.state == "shipped"])
        back = Return.objects.exclude(state__in=["requested", "refused"])
        owed = (left.aggregate(sum=Sum("total"))["sum"] or Decimal(0)) - (
            back.aggregate(sum=Sum("total"))["sum"] or Decimal(0)
        )
        assert moved().get("1122", Decimal(0)) == owed


@pytest.mark.django_db
@pytest.mark.slow
def test_books_agree_whatever_happens_to_promoted_orders() -> None:
    run(
        Promoted,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not FULL,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
