"""Any sequence of what a warehouse does keeps the books equal to their replay (R8)."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from inventory import rules
from inventory.choices import LocationKind, MoveReason
from inventory.errors import PapersIncomplete, StockShort
from inventory.models import Reservation, Stock
from inventory.services import places, reservations, returns, shipments
from inventory.types import ReturnedLine, Source
from ops.engines.kernel.errors import RuleViolation
from tests.inventory.checking import assert_sound
from tests.inventory.factories import AT, ORDER, SYSTEM, Shop, shop

SKUS = st.integers(0, 2)
FEW = st.integers(1, 9)
COSTS = st.one_of(st.none(), st.integers(0, 9_999_999).map(lambda n: Decimal(n) / 1_000_000))


class Warehouse(RuleBasedStateMachine):
    """A warehouse and a model of what is in it: quantity and value per SKU, pieces held."""

    here: Shop

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.here = shop()
        self.other = places.create_warehouse(code="WH2", name="二号仓", actor=SYSTEM, at=AT)
        self.pools = dict.fromkeys(self.here.skus, rules.Pool())
        self.orders = itertools.count(1)
        self.packed: dict[int, tuple[int, int]] = {}
        self.shipped: dict[int, tuple[int, int, Decimal]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def on_hand(self, sku: int) -> Stock:
        found = Stock.objects.filter(sku_id=sku, warehouse_id=self.here.warehouse.id).first()
        return found or Stock(sku_id=sku)

    @rule(n=SKUS, quantity=FEW, cost=COSTS)
    def receive(self, n: int, quantity: int, cost: Decimal | None) -> None:
        sku = self.here.skus[n]
        posted = self.here.receive(sku, quantity, None if cost is None else str(cost))
        if cost is not None:
            assert posted.moves[0].value == rules.receipt_value(quantity, cost)
        self.pools[sku] = self.pools[sku].receive(quantity, posted.moves[0].value)

    @rule(n=SKUS, first=FEW, second=FEW)
    def lose(self, n: int, first: int, second: int) -> None:
        sku = self.here.skus[n]
        origin, target = self.here.warehouse.bin_id, self.here.virtual.gain_loss
        drafts = [
            self.here.draft(sku, quantity, origin, target, reason=MoveReason.WRITE_OFF)
            for quantity in (first, second)
        ]
        if first + second > self.on_hand(sku).on_hand:
            with pytest.raises(StockShort):
                self.here.post(*drafts)
            return
        self.pools[sku], values = self.pools[sku].issue(first, second)
        assert [move.value for move in self.here.post(*drafts).moves] == values

    @rule(n=SKUS, quantity=FEW)
    def find(self, n: int, quantity: int) -> None:
        sku = self.here.skus[n]
        posted = self.here.post(
            self.here.draft(
                sku,
                quantity,
                self.here.virtual.gain_loss,
                self.here.warehouse.bin_id,
                reason=MoveReason.FOUND,
            )
        )
        self.pools[sku] = self.pools[sku].receive(quantity, posted.moves[0].value)

    @rule(n=SKUS, quantity=FEW, aside=st.sampled_from(["quarantine_id", "damage_id"]))
    def set_aside(self, n: int, quantity: int, aside: str) -> None:
        sku = self.here.skus[n]
        draft = self.here.draft(
            sku, quantity, self.here.warehouse.bin_id, getattr(self.here.warehouse, aside)
        )
        if quantity > self.on_hand(sku).on_hand:
            with pytest.raises(StockShort):
                self.here.post(draft)
        else:
            self.here.post(draft)

    @rule(n=SKUS, quantity=FEW)
    def transfer(self, n: int, quantity: int) -> None:
        sku = self.here.skus[n]
        if quantity <= self.on_hand(sku).on_hand:
            draft = self.here.draft(sku, quantity, self.here.warehouse.bin_id, self.other.bin_id)
            self.here.post(draft)
            self.pools[sku], _values = self.pools[sku].issue(quantity)

    @rule(n=SKUS, quantity=FEW)
    def hold(self, n: int, quantity: int) -> None:
        sku, order = self.here.skus[n], next(self.orders)
        counter = self.on_hand(sku)
        if quantity > counter.on_hand - counter.reserved:
            with pytest.raises(StockShort):
                self.here.reserve(order, (sku, quantity))
        else:
            self.here.reserve(order, (sku, quantity))

    @rule(order=st.integers(1, 30))
    def let_go(self, order: int) -> None:
        reservations.release(source_type=ORDER, source_ids=[order], actor=SYSTEM, at=AT)

    @rule(n=SKUS, quantity=FEW)
    def pack(self, n: int, quantity: int) -> None:
        sku, order = self.here.skus[n], next(self.orders)
        try:
            with transaction.atomic():
                made = self.here.packed(order, (sku, quantity))
        except StockShort:
            return
        self.packed[made.id] = (order, sku)

    @rule(data=st.data())
    def ship(self, data: st.DataObject) -> None:
        if not self.packed:
            return
        shipment = data.draw(st.sampled_from(sorted(self.packed)))
        order, sku = self.packed.pop(shipment)
        held = Reservation.objects.filter(source_id=order, state="open").first()
        if held is None:
            with pytest.raises(PapersIncomplete):
                shipments.ship(shipment_id=shipment, actor=SYSTEM, at=AT)
            return
        try:
            shipments.ship(shipment_id=shipment, actor=SYSTEM, at=AT)
        except StockShort:
            return
        self.pools[sku], (value,) = self.pools[sku].issue(held.quantity)
        self.shipped[order] = (sku, held.quantity, value)

    @rule(
        data=st.data(),
        quantity=FEW,
        to=st.sampled_from([LocationKind.BIN, LocationKind.QUARANTINE]),
    )
    def take_back(self, data: st.DataObject, quantity: int, to: LocationKind) -> None:
        if not self.shipped:
            return
        order = data.draw(st.sampled_from(sorted(self.shipped)))
        sku, left, _value = self.shipped.pop(order)
        line = ReturnedLine(line=1, sku_id=sku, quantity=quantity)
        values = {
            "key": f"R{order}",
            "source": Source(type="customers.return", id=order),
            "origin": Source(type=ORDER, id=order),
            "warehouse_id": self.here.warehouse.id,
            "lines": [line],
            "to": to,
            "actor": SYSTEM,
            "at": AT,
        }
        if quantity > left:
            with pytest.raises(RuleViolation):
                returns.accept_return(**values)  # type: ignore[arg-type]
            return
        taken = returns.accept_return(**values)  # type: ignore[arg-type]
        self.pools[sku] = self.pools[sku].receive(quantity, taken.value)

    @invariant()
    def books_equal_replay_and_model(self) -> None:
        assert_sound()
        for sku, pool in self.pools.items():
            counter = self.on_hand(sku)
            assert (counter.owned, counter.value) == (pool.quantity, pool.value)
            assert counter.on_hand >= counter.reserved >= 0
            if pool.quantity:
                assert counter.avg_cost == pool.unit_cost


@pytest.mark.django_db
@pytest.mark.clause("SCM-2.2-01")
def test_any_sequence_keeps_the_books() -> None:
    run_state_machine_as_test(
        Warehouse,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
