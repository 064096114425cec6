"""What the services refuse, the database refuses too."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from customers.choices import FIRST_STATES, TRANSITIONS, OrderPath, OrderState
from customers.models import Order, OrderLine, OrderStep
from tests.customers.house import AT, House, order


def _sql(statement: str, *values: int | str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.clause("SCM-2.4-03")
@pytest.mark.parametrize("path", [OrderPath.PREPAID, OrderPath.COD])
def test_every_declared_step_can_be_taken_and_no_other(shop: House, path: OrderPath) -> None:
    reached: dict[OrderState, list[OrderState]] = {}
    for first in FIRST_STATES[path]:
        _walk(shop, path, [first], reached)

    for state, way in reached.items():
        for target in OrderState:
            allowed = state == target or (state, target) in TRANSITIONS[path]
            assert _takes(shop, path, [*way, target]) == allowed, (state, target)


def _walk(
    shop: House, path: OrderPath, way: list[OrderState], reached: dict[OrderState, list[OrderState]]
) -> None:
    if way[-1] in reached:
        return
    reached[way[-1]] = way
    for before, after in sorted(TRANSITIONS[path]):
        if before == way[-1]:
            _walk(shop, path, [*way, after], reached)


def _takes(shop: House, path: OrderPath, way: list[OrderState]) -> bool:
    """Send a new order the whole way and say whether the last step was taken."""
    first, *rest = way
    try:
        with transaction.atomic():
            pk = Order.objects.create(
                number="walk", channel_id=shop.channel_id, external_no="walk", path=path,
                state=first, total=0, placed_at=AT, business_day=AT.date(),
            ).pk  # fmt: skip
            for state in rest:
                Order.objects.filter(pk=pk).update(state=state)
            transaction.set_rollback(True)
    except IntegrityError:
        return False
    return True


@pytest.mark.clause("SCM-2.4-03")
def test_a_step_that_is_not_declared_is_refused(shop: House) -> None:
    placed = order(shop.place("T1", ("A-1", 1)))

    with pytest.raises(IntegrityError, match="order_step_allocated_to_closed_not_declared"):
        _sql("UPDATE customers_order SET state = 'closed' WHERE id = %s", placed.pk)
    with pytest.raises(IntegrityError, match="order_identity_is_fixed"):
        _sql("UPDATE customers_order SET external_no = 'T2' WHERE id = %s", placed.pk)
    with pytest.raises(IntegrityError, match="order_born_in_shipped"):
        _copy(placed, "T9", state="shipped")
    assert order_state(placed) == "allocated"


def test_a_number_exists_once_per_channel(shop: House) -> None:
    placed = order(shop.place("T1", ("A-1", 1)))

    with pytest.raises(IntegrityError, match="order_once_per_channel"):
        _copy(placed, "T1")


def test_steps_are_never_rewritten(shop: House) -> None:
    step = OrderStep.objects.get(order=order(shop.place("T1", ("A-1", 1))))

    for statement in ("UPDATE {} SET state = 'paid'", "DELETE FROM {}"):
        with pytest.raises(Exception, match=r"append|permission|denied"):
            _sql(f"{statement.format('customers_orderstep')} WHERE id = %s", step.pk)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("quantity = 0, amount = 0", "orderline_sale_is_positive"),
        ("unit_price = 'NaN', amount = 'NaN'", "orderline_amount_sane"),
        ("kind = 'correction', unit_price = 'NaN', amount = 'NaN'", "orderline_amount_sane"),
        ("kind = 'gift'", "orderline_gift_is_free"),
        ("amount = amount + 0.000001", "orderline_amount_is_net"),
    ],
)
def test_a_line_is_what_it_says(shop: House, change: str, name: str) -> None:
    line = OrderLine.objects.get(order=order(shop.place("T1", ("A-1", 1))))

    with pytest.raises(IntegrityError, match=name):
        _sql(f"UPDATE customers_orderline SET {change} WHERE id = %s", line.pk)


def test_a_total_is_a_number(shop: House) -> None:
    placed = order(shop.place("T1", ("A-1", 1)))

    for column in ("total", "tax"):
        with pytest.raises(IntegrityError, match="order_total_sane"):
            _sql(f"UPDATE customers_order SET {column} = 'NaN' WHERE id = %s", placed.pk)


def _copy(placed: Order, external_no: str, *, state: str = "paid") -> None:
    _sql(
        "INSERT INTO customers_order (number, channel_id, external_no, kind, path, state,"
        " hold_reason, country, recipient_enc, currency, total, tax, placed_at, business_day)"
        " SELECT number || '-2', channel_id, %s, kind, path, %s, '', '', '', currency, total, tax,"
        " placed_at, business_day FROM customers_order WHERE id = %s",
        external_no,
        state,
        placed.pk,
    )


def order_state(placed: Order) -> str:
    return Order.objects.values_list("state", flat=True).get(pk=placed.pk)


@pytest.mark.parametrize(
    "change",
    [
        "customers_order SET warehouse_id = 987654321",
        "customers_orderline SET sku_id = 987654321",
        "customers_orderline SET order_id = 987654321",
    ],
)
def test_a_reference_cannot_be_turned_to_nothing(shop: House, change: str) -> None:
    shop.place("T1", ("A-1", 1))

    with pytest.raises(IntegrityError, match="names no row of"):
        _sql(f"UPDATE {change}")


@pytest.mark.parametrize(
    "table", ["customers_order", "catalog_sku", "catalog_channel", "inventory_warehouse"]
)
def test_what_orders_point_to_never_goes(shop: House, table: str) -> None:
    shop.place("T1", ("A-1", 1))

    for statement in ("DELETE FROM {}", "UPDATE {} SET id = id + 987654321"):
        with pytest.raises(IntegrityError, match="is permanent"):
            _sql(statement.format(table))
