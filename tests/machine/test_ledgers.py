"""R8: whatever people do, in whatever order, the ledgers agree with plain arithmetic."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from customers.services import orders, placing, returns
from customers.types import LineDraft, OrderDraft, Outcome, ReturnWant, Verdict
from finance.models import ManualEntry
from finance.services import manual
from finance.types import LineDraft as Side
from inventory.choices import MoveReason
from inventory.models import Stock
from inventory.services import moves, shipments
from inventory.types import MoveDraft, Source
from ops.engines.controls import verification
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.parse import business_day
from tests.journeys import books
from tests.machine import deals, world
from tests.machine.model import RETURNABLE, UNSHIPPED, Back, Model, Sale, cents, vat_in
from tests.machine.world import now
from tests.support import company as companies
from tests.support.company import CHANNEL, GOODS, SYSTEM

PIECES = 40
PRICES = {row[0]: Decimal(row[2]) for row in GOODS}
CODES = st.sampled_from(sorted(PRICES))
BASKETS = st.lists(st.tuples(CODES, st.integers(1, 9)), min_size=1, max_size=3)
WHICH = st.integers(0, 10_000)
FULL = os.environ.get("GUIFAN_FAULTS") == "full"
EXAMPLES, STEPS = (250, 200) if FULL else (8, 60)


class Ledgers(RuleBasedStateMachine):
    """Agent, keepers, buyer and finance at work; the model does the same sums beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.company = companies.build(at=now(), pieces=PIECES)
        books.drain()
        self.deal, self.coupons = deals.begin(self.company)
        self.start = books.balance()
        self.model = Model(on_hand=Counter(dict.fromkeys(PRICES, PIECES)))
        self.numbers = self.moved = 0

    def teardown(self) -> None:
        for sale in self.model.sales.values():
            event(f"an order ended {sale.state}")
            for back in sale.backs.values():
                event(f"a return ended {back.state}")
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # -- helpers ---------------------------------------------------------------------------------

    def number(self) -> str:
        self.numbers += 1
        return f"T-{self.numbers}"

    def any_sale(
        self, which: int, fit: Callable[[Sale], bool] = lambda _sale: False
    ) -> tuple[int, Sale]:
        """Choose an order; two times of three one fit for what comes, if there is one."""
        ids = sorted(self.model.sales)
        if which % 3:
            ids = [order_id for order_id in ids if fit(self.model.sales[order_id])] or ids
        order_id = ids[which % len(ids)]
        return order_id, self.model.sales[order_id]

    def tried(self, work: Callable[[], object], *, allowed: bool) -> bool:
        """Do something; it must succeed exactly when the rules allow it."""
        refusal = None
        try:
            with transaction.atomic():
                work()
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except OpsError as error:
            refusal = error
        assert allowed == (refusal is None), refusal or "allowed what the rules forbid"
        return allowed

    def drain(self) -> None:
        books.drain()
        for sale in self.model.sales.values():
            if sale.state == "allocated" and not sale.is_on_hold and not sale.parcel:
                sale.parcel = "open"

    def keep(self, order_id: int, basket: list[tuple[str, int]], state: str) -> Sale:
        lines = tuple((code, pieces, PRICES[code]) for code, pieces in basket)
        self.model.sales[order_id] = sale = Sale(lines, state)
        return sale

    def has_sales(self) -> bool:
        return bool(self.model.sales)

    @initialize()
    def begin(self) -> None:
        """Two orders are with their buyers already; of a third each piece came back alone.

        Of one with a coupon a piece came back, and another gave its coupon back.
        """
        for basket in ([("WJ-2207", 3), ("ST-4105", 2)], [("YR-1001-S", 4)], [("WJ-2207", 3)]):
            self.place(basket)
            self.send_off(1)
        order_id, sale = max(self.model.sales.items())
        for _piece in range(3):  # a third of its tax is no whole number of cents
            self.come_back(order_id, sale, 1, 1)
            self.take_back(len(sale.backs) - 1)
        self.place_with_a_coupon("WJ-2207", 3, 0)
        self.send_off(1)
        order_id, sale = max(self.model.sales.items())
        self.come_back(order_id, sale, 1, 1)
        self.take_back(sum(len(sale.backs) for sale in self.model.sales.values()) - 1)
        self.place_with_a_coupon("YR-1001-M", 1, 1)
        self.cancel(len(self.model.sales) - 1)
        assert self.model.coupons_used() == {self.coupons[0]}
        self.deliver()

    # -- the order book --------------------------------------------------------------------------

    @rule(basket=BASKETS)
    def place(self, basket: list[tuple[str, int]]) -> None:
        outcome = world.place(self.company, self.number(), basket)
        sale = self.keep(outcome.order_id, basket, "paid")
        taken = self.model.allocate(sale)
        assert outcome.verdict is (Verdict.ACCEPTED if taken else Verdict.HELD)

    @rule(basket=BASKETS)
    def place_unpaid(self, basket: list[tuple[str, int]]) -> None:
        outcome = world.place(self.company, self.number(), basket, paid=False)
        self.keep(outcome.order_id, basket, "placed")
        assert outcome.state == "placed"

    @rule(basket=BASKETS)
    def place_to_pay_at_the_door(self, basket: list[tuple[str, int]]) -> None:
        outcome = world.place(self.company, self.number(), basket, at_door=True)
        # Without goods it stays where it was born: to be confirmed.
        self.model.allocate(self.keep(outcome.order_id, basket, "paid"))

    @rule(baskets=st.lists(BASKETS, min_size=2, max_size=6))
    def place_many(self, baskets: list[list[tuple[str, int]]]) -> None:
        at = now()
        drafts = [
            OrderDraft(
                external_no=self.number(), placed_at=at, paid_at=at,
                lines=tuple(LineDraft(code=code, quantity=n) for code, n in basket),
            )
            for basket in baskets
        ]  # fmt: skip
        outcomes = placing.place_orders(
            drafts, channel=CHANNEL, actor=self.company.actor("agent"), at=at
        )
        for basket, outcome in zip(baskets, outcomes, strict=True):
            taken = self.model.allocate(self.keep(outcome.order_id, basket, "paid"))
            assert outcome.verdict is (Verdict.ACCEPTED if taken else Verdict.HELD)

    @rule(code=CODES, pieces=st.integers(1, 9), which=WHICH)
    def place_with_a_coupon(self, code: str, pieces: int, which: int) -> None:
        """A coupon works once, from 300 on, while the budget lasts; else the order is refused."""
        coupon, used = self.coupons[which % len(self.coupons)], self.model.coupons_used()
        worth, made = pieces * PRICES[code], list[Outcome]()
        if self.tried(
            lambda: made.append(
                world.place(self.company, self.number(), [(code, pieces)], coupon=coupon)
            ),
            allowed=worth >= deals.LEAST
            and coupon not in used
            and (len(used) + 1) * deals.SAVED <= deals.BUDGET,
        ):
            net = (worth - deals.SAVED) / pieces
            sale = Sale(((code, pieces, net),), "paid", coupon=coupon)
            self.model.sales[made[0].order_id] = sale
            taken = self.model.allocate(sale)
            assert made[0].verdict is (Verdict.ACCEPTED if taken else Verdict.HELD)
            event("a coupon was used")

    @precondition(has_sales)
    @rule(basket=BASKETS)
    def hand_in_again(self, basket: list[tuple[str, int]]) -> None:
        assert world.place(self.company, "T-1", basket).verdict is Verdict.DUPLICATE

    @rule(code=CODES)
    def ask_for_more_than_there_is(self, code: str) -> None:
        outcome = world.place(self.company, self.number(), [(code, self.model.free(code) + 1)])
        sale = self.keep(outcome.order_id, [(code, self.model.free(code) + 1)], "paid")
        sale.is_on_hold = True
        assert outcome.verdict is Verdict.HELD

    @precondition(has_sales)
    @rule(which=WHICH)
    def pay(self, which: int) -> None:
        order_id, sale = self.any_sale(which)
        allowed = sale.state == "placed"
        agent = self.company.actor("agent")
        if self.tried(
            lambda: orders.note_payment(order_id=order_id, paid_at=now(), actor=agent, at=now()),
            allowed=allowed,
        ):
            sale.state = "paid"
            if not sale.is_on_hold:
                self.model.allocate(sale)

    @precondition(has_sales)
    @rule(which=WHICH)
    def confirm(self, which: int) -> None:
        order_id, sale = self.any_sale(which)
        fit = sale.state == "paid" or (sale.state == "allocated" and sale.is_on_hold)
        report = orders.confirm(order_ids=[order_id], actor=self.company.actor("agent"), at=now())
        done = fit and self.model.allocate(sale)
        assert report.done == ((order_id,) if done else ())

    @precondition(has_sales)
    @rule(which=WHICH)
    def put_on_hold(self, which: int) -> None:
        order_id, sale = self.any_sale(which)
        agent = self.company.actor("agent")
        report = orders.hold(order_ids=[order_id], reason="等买家回话", actor=agent, at=now())
        assert bool(report.done) == (sale.state in UNSHIPPED)
        if report.done:
            sale.is_on_hold, sale.parcel = True, ""

    @precondition(has_sales)
    @rule(which=WHICH)
    def release(self, which: int) -> None:
        order_id, sale = self.any_sale(which)
        report = orders.release(order_ids=[order_id], actor=self.company.actor("agent"), at=now())
        if not sale.is_on_hold:
            assert not report.done
        elif sale.state == "placed":
            sale.is_on_hold = False
        else:
            assert bool(report.done) == self.model.allocate(sale)

    @precondition(has_sales)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        order_id, sale = self.any_sale(which)
        agent = self.company.actor("agent")
        if self.tried(
            lambda: orders.cancel(order_id=order_id, reason="拍错", actor=agent, at=now()),
            allowed=sale.state in UNSHIPPED,
        ):
            sale.held.clear()
            sale.state, sale.is_on_hold, sale.parcel = "cancelled", False, ""

    # -- the warehouse ---------------------------------------------------------------------------

    def parcel_step(
        self, which: int, before: str, after: str, step: Callable[[int], object]
    ) -> None:
        self.drain()
        order_id, sale = self.any_sale(which, lambda sale: sale.parcel == before)
        parcel = world.parcel(order_id)
        assert (parcel.state if parcel else "") == sale.parcel
        if parcel and self.tried(lambda: step(parcel.pk), allowed=sale.parcel == before):
            sale.parcel = after
            if after == "shipped":
                self.model.ship(sale)

    @precondition(has_sales)
    @rule(which=WHICH)
    def pack(self, which: int) -> None:
        keeper = self.company.actor("keeper")
        self.parcel_step(
            which, "picked", "packed",
            lambda pk: shipments.pack(
                shipment_id=pk, carrier="顺丰", tracking_no=f"SF{pk}", actor=keeper, at=now()
            ),
        )  # fmt: skip

    @precondition(has_sales)
    @rule(which=WHICH)
    def ship(self, which: int) -> None:
        keeper = self.company.actor("keeper")
        self.parcel_step(
            which, "packed", "shipped",
            lambda pk: shipments.ship(shipment_id=pk, actor=keeper, at=now()),
        )  # fmt: skip

    @precondition(has_sales)
    @rule(which=WHICH)
    def open_parcel_again(self, which: int) -> None:
        order_id, sale = self.any_sale(which)
        if sale.parcel in {"picked", "packed"} and (parcel := world.parcel(order_id)):
            shipments.reopen(shipment_id=parcel.pk, actor=self.company.actor("keeper"), at=now())
            sale.parcel = "open"

    @precondition(has_sales)
    @rule(which=WHICH)
    def send_off(self, which: int) -> None:
        """Pick, pack and ship what waits to be picked: the usual day."""
        self.drain()
        order_id, sale = self.any_sale(which, lambda sale: sale.parcel == "open")
        if sale.parcel != "open" or (parcel := world.parcel(order_id)) is None:
            return
        keeper = self.company.actor("keeper")
        shipments.pick(shipment_id=parcel.pk, actor=keeper, at=now())
        shipments.pack(
            shipment_id=parcel.pk, carrier="顺丰", tracking_no="SF", actor=keeper, at=now()
        )
        shipments.ship(shipment_id=parcel.pk, actor=keeper, at=now())
        self.model.ship(sale)

    @precondition(has_sales)
    @rule(which=WHICH)
    def pick_only(self, which: int) -> None:
        keeper = self.company.actor("keeper")
        self.drain()
        order_id, sale = self.any_sale(which, lambda sale: sale.parcel == "open")
        if sale.parcel == "open" and (parcel := world.parcel(order_id)):
            shipments.pick(shipment_id=parcel.pk, actor=keeper, at=now())
            sale.parcel = "picked"

    @rule(code=CODES, ordered=st.integers(1, 30), lacking=st.integers(0, 3))
    def buy(self, code: str, ordered: int, lacking: int) -> None:
        came = max(ordered - lacking, 1)
        world.buy(self.company, code, ordered, came)
        self.model.on_hand[code] += came
        owed = came * Decimal(world.SUPPLIED[code])
        self.model.post(a2202=-owed)

    @rule(code=CODES, change=st.integers(-12, 12).filter(bool))
    def count(self, code: str, change: int) -> None:
        self.drain()
        found = dict(self.model.on_hand)
        found[code] = max(found[code] + change, 0)
        lost = self.model.on_hand[code] - found[code]
        if lost:
            world.count(self.company, found)
            self.model.lose(code, lost)
            self.drain()

    @rule(code=CODES, pieces=st.integers(1, 6))
    def set_aside(self, code: str, pieces: int) -> None:
        if self.model.free(code) >= pieces:
            self.relocate(code, pieces, to_quarantine=True)
            self.model.on_hand[code] -= pieces
            self.model.quarantine[code] += pieces

    @rule(code=CODES, pieces=st.integers(1, 6))
    def put_back_on_the_shelf(self, code: str, pieces: int) -> None:
        allowed = self.model.quarantine[code] >= pieces
        if self.tried(lambda: self.relocate(code, pieces, to_quarantine=False), allowed=allowed):
            self.model.on_hand[code] += pieces
            self.model.quarantine[code] -= pieces

    def relocate(self, code: str, pieces: int, *, to_quarantine: bool) -> None:
        aside = self.quarantine_id()
        ends = (self.company.bin_id, aside) if to_quarantine else (aside, self.company.bin_id)
        self.moved += 1
        moves.post(
            [
                MoveDraft(
                    sku_id=self.company.skus[code], quantity=pieces, from_location_id=ends[0],
                    to_location_id=ends[1], reason=MoveReason.RELOCATION,
                    source=Source(type="tests.machine", id=self.moved),
                    effect_key=f"machine:{self.moved}",
                )
            ],
            actor=SYSTEM, at=now(), business_day=business_day(now()),
        )  # fmt: skip

    def quarantine_id(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM inventory_location WHERE warehouse_id = %s"
                " AND kind = 'quarantine' AND is_default",
                [self.company.warehouse_id],
            )
            return int(cursor.fetchone()[0])

    # -- after the sale --------------------------------------------------------------------------

    @precondition(has_sales)
    @rule(which=WHICH, line=WHICH, pieces=st.integers(1, 9))
    def ask_for_return(self, which: int, line: int, pieces: int) -> None:
        self.drain()  # whose goods have left is known now
        order_id, sale = self.any_sale(which, lambda sale: sale.state in RETURNABLE)
        self.come_back(order_id, sale, 1 + line % len(sale.lines), pieces)

    def come_back(self, order_id: int, sale: Sale, number: int, pieces: int) -> None:
        self.drain()
        allowed = sale.state in RETURNABLE and sale.left(number) >= pieces
        before = sale.worth_back()
        made: list[int] = []
        agent = self.company.actor("agent")
        if self.tried(
            lambda: made.append(
                returns.request_return(
                    order_id=order_id, reason="不合适", actor=agent, at=now(),
                    lines=[ReturnWant(line_no=number, quantity=pieces)],
                ).id
            ),
            allowed=allowed,
        ):  # fmt: skip
            worth = before + pieces * sale.lines[number - 1][2]
            sale.backs[made[0]] = Back(
                {number: pieces},
                cents(worth) - cents(before),
                vat_in(cents(worth)) - vat_in(cents(before)),
            )

    def any_back(self, which: int) -> tuple[Sale, int, Back] | None:
        found = [
            (sale, pk, back)
            for _order, sale in sorted(self.model.sales.items())
            for pk, back in sorted(sale.backs.items())
        ]
        return found[which % len(found)] if found else None

    @rule(which=WHICH)
    def take_back(self, which: int) -> None:
        if found := self.any_back(which):
            sale, pk, back = found
            agent = self.company.actor("agent")
            if self.tried(
                lambda: returns.accept_return(return_id=pk, actor=agent, at=now()),
                allowed=back.state == "requested",
            ):
                self.model.give_back(sale, back)

    @rule(which=WHICH)
    def refuse_back(self, which: int) -> None:
        if found := self.any_back(which):
            _sale, pk, back = found
            agent = self.company.actor("agent")
            if self.tried(
                lambda: returns.refuse_return(return_id=pk, reason="已使用", actor=agent, at=now()),
                allowed=back.state == "requested",
            ):
                back.state = "refused"

    @rule(which=WHICH)
    def refund(self, which: int) -> None:
        if found := self.any_back(which):
            sale, pk, back = found
            agent = self.company.actor("agent")
            if self.tried(
                lambda: returns.note_refund(return_id=pk, actor=agent, at=now()),
                allowed=back.state == "accepted",
            ):
                back.state = "refunded"
                if all(b.state != "accepted" for b in sale.backs.values()):
                    sale.state = "closed"

    # -- finance ---------------------------------------------------------------------------------

    @rule(amount=st.integers(1, 10**7))
    def enter_voucher(self, amount: int) -> None:
        worth = Decimal(amount) / 100
        world.journal(self.company, worth, "6602", "1002")
        self.model.post(a6602=worth, a1002=-worth)

    @rule(which=WHICH)
    def reverse_voucher(self, which: int) -> None:
        mine = ManualEntry.objects.filter(entry__isnull=False, reverses__isnull=True).order_by("pk")
        rows = list(mine.values_list("entry_id", "lines"))
        if not rows:
            return
        entry_id, lines = rows[which % len(rows)]
        known = ManualEntry.objects.filter(reverses_id=entry_id).exists()
        finance = self.company.actor("finance")

        def reverse() -> None:
            made = manual.draft_reversal(
                entry_id=entry_id, business_day=business_day(now()), reason="记错", actor=finance,
                at=now(),
            )  # fmt: skip
            world.posted(self.company, made.id)

        if self.tried(reverse, allowed=not known):
            worth = sum((Decimal(line["debit"]) for line in lines), Decimal(0))
            self.model.post(a6602=-worth, a1002=worth)

    @rule(amount=st.integers(1, 10**6))
    def enter_unbalanced(self, amount: int) -> None:
        worth = Decimal(amount) / 100
        finance = self.company.actor("finance")
        self.tried(
            lambda: manual.draft(
                business_day=business_day(now()), memo="错",
                lines=[Side("6602", debit=worth), Side("1002", credit=worth + 1)],
                actor=finance, at=now(),
            ),
            allowed=False,
        )  # fmt: skip

    @rule()
    def deliver(self) -> None:
        """Everything waiting is delivered, and the books agree with the sums to the cent."""
        self.drain()
        books.assert_sound()
        now_at, then = books.balance(), self.start
        for account in ("1122", "6001", "2221.01.01", "2202", "1002"):
            moved = now_at.get(account, Decimal(0)) - then.get(account, Decimal(0))
            assert moved == self.model.accounts[account], account

    # -- at every step ---------------------------------------------------------------------------

    @invariant()
    def coupons_and_budget_agree(self) -> None:
        used = self.model.coupons_used()
        assert deals.used(self.deal) == (
            len(used) * deals.SAVED,
            [code for code in self.coupons if code in used],
        )

    @invariant()
    def shelves_agree(self) -> None:
        kept = {
            code: (on_hand, reserved)
            for code, on_hand, reserved in Stock.objects.filter(
                warehouse_id=self.company.warehouse_id
            ).values_list("sku__code", "on_hand", "reserved")
        }
        assert kept == {code: (self.model.on_hand[code], self.model.held(code)) for code in PRICES}
        for name in verification.checks():
            assert verification.differences(name) == [], name


@pytest.mark.django_db
@pytest.mark.slow
def test_ledgers_agree_with_plain_arithmetic_after_every_step() -> None:
    run(
        Ledgers,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not FULL,
            database=None,
            suppress_health_check=list(HealthCheck),
            # Sixty steps read well enough; to shrink them would take longer than the test.
            phases=[Phase.generate],
        ),
    )
