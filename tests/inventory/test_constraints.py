"""What the database refuses when the services are bypassed, spoken as the app role (R9)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg2.extensions import connection as Connection

from inventory.services import closing
from tests.inventory.factories import AT, SYSTEM, TODAY, Shop
from tests.inventory.factories import shop as make_shop
from tests.support.cluster import OwnDatabase

LEDGER = (
    "inventory_move",
    "inventory_effect",
    "inventory_balance",
    "inventory_stock",
    "inventory_reservation",
)
KEPT = ("inventory_dayclose", "inventory_monthclose", "inventory_monthbalance")
POST = """
SELECT * FROM inventory_post('{k}', %(sku)s, '{NULL}', %(from)s, %(to)s, %(quantity)s,
    %(cost)s::numeric[], '{NULL}', '{sale}', '{x}', '{1}', '{NULL}', '{NULL}', '{NULL}',
    %(day)s, now(), NULL)
"""


def execute(sql: str, parameters: object = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)  # type: ignore[arg-type]


@contextmanager
def refused(*words: str) -> Iterator[None]:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        yield
    diagnosis = refusal.value.__cause__.diag  # type: ignore[union-attr]
    said = f"{refusal.value} {diagnosis.constraint_name}"
    assert any(word in said for word in words), said


def post(shop: Shop, **changes: object) -> None:
    values = {
        "sku": [shop.skus[0]],
        "from": [shop.warehouse.bin_id],
        "to": [shop.virtual.customer],
        "quantity": [1],
        "cost": [None],
        "day": TODAY,
    } | changes
    execute(POST, values)


@pytest.mark.clause("SCM-2.2-01")
@pytest.mark.parametrize("table", LEDGER)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_app_role_cannot_change_the_ledger(shop: Shop, table: str, statement: str) -> None:
    shop.receive(shop.skus[0], 5)
    if table == "inventory_effect":
        statement = statement.replace("id = id", "key = key")

    with refused("permission denied"):
        execute(statement.format(table))


@pytest.mark.clause("SCM-2.2-01")
@pytest.mark.parametrize("table", LEDGER)
def test_app_role_cannot_insert_into_the_ledger(shop: Shop, table: str) -> None:
    with refused("permission denied"):
        execute(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")


@pytest.mark.clause("SCM-2.3-02")
@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_closed_days_and_months_stay(db: None, table: str, statement: str) -> None:
    with refused("permission denied"):
        execute(statement.format(table))


FLOORS = [
    ("UPDATE inventory_move SET quantity = 1", "append-only"),
    ("DELETE FROM inventory_move", "append-only"),
    ("TRUNCATE inventory_move CASCADE", "append-only"),
    ("UPDATE inventory_balance SET on_hand = -1 WHERE is_internal", "balance_never_negative"),
    ("UPDATE inventory_stock SET reserved = on_hand + 1", "stock_never_oversold"),
    ("UPDATE inventory_stock SET reserved = -1", "stock_never_oversold"),
    ("UPDATE inventory_stock SET on_hand = owned + 1", "stock_owned_covers_on_hand"),
    ("UPDATE inventory_stock SET value = 'NaN'", "stock_value_sane"),
    ("UPDATE inventory_stock SET value = -1", "stock_value_sane"),
    ("UPDATE inventory_stock SET avg_cost = 'NaN'", "stock_avg_cost_sane"),
    ("UPDATE inventory_stock SET on_hand = 0, owned = 0", "stock_nothing_is_worth_nothing"),
    ("UPDATE inventory_balance SET is_internal = false WHERE is_internal", "balance_ours_as"),
    ("UPDATE inventory_location SET kind = 'damage' WHERE id = 1", "location_warehouse_if"),
    (("UPDATE inventory_location SET kind = 'customer', warehouse_id = NULL,"
     " is_default = false WHERE code = 'MAIN'"), "balance_ours_as_its"),
]  # fmt: skip


@pytest.mark.clause("SCM-2.2-01")
def test_not_even_the_owner_gets_below_the_floors(
    own_database: OwnDatabase, as_owner: Connection
) -> None:
    shop = make_shop()
    shop.receive(shop.skus[0], 5)

    for statement, words in FLOORS:
        with pytest.raises(Exception, match=words), as_owner.cursor() as cursor:
            cursor.execute(statement)


def test_function_refuses_negative_stock(shop: Shop) -> None:
    shop.receive(shop.skus[0], 5)

    with refused("balance_never_negative", "stock_", "null value"):
        post(shop, quantity=[6])

    assert shop.stock(shop.skus[0]).on_hand == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantity": [0]}, "move_quantity_positive"),
        ({"quantity": [-3]}, "move_quantity_positive"),
        ({"to": "{bin}"}, "move_between_two_places"),
        ({"cost": ["NaN"], "from": [1], "to": "{bin}"}, "sane"),
        ({"cost": ["-1"], "from": [1], "to": "{bin}"}, "sane"),
        ({"to": [999999]}, "null value"),
        ({"sku": [999999], "from": [1], "to": "{bin}"}, "foreign key"),
        ({"day": "2020-01-01"}, "period_closed"),
    ],
)
def test_function_refuses_nonsense(shop: Shop, changes: dict[str, object], words: str) -> None:
    shop.receive(shop.skus[0], 5)
    if changes.get("to") == "{bin}":
        changes = changes | {"to": [shop.warehouse.bin_id]}

    with refused(words, "violates"):
        post(shop, **changes)
        execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_lot_stays_with_its_sku(shop: Shop) -> None:
    execute(
        "INSERT INTO inventory_lot (sku_id, code, received_on, supplier_code)"
        " VALUES (%s, 'L', %s, '')",
        [shop.skus[0], TODAY],
    )

    with refused("balance_lot_of_its_sku"):
        execute(
            POST.replace(
                "'{NULL}', %(from)s", "(SELECT array_agg(id) FROM inventory_lot), %(from)s"
            ),
            {
                "sku": [shop.skus[1]],
                "from": [shop.virtual.supplier],
                "to": [shop.warehouse.bin_id],
                "quantity": [1],
                "cost": [None],
                "day": TODAY,
            },
        )


@pytest.mark.clause("SCM-2.3-02")
def test_nothing_is_posted_into_a_closed_day(shop: Shop) -> None:
    shop.receive(shop.skus[0], 5)
    closing.close_day(warehouse_id=shop.warehouse.id, day=TODAY, actor=SYSTEM, at=AT)

    with refused("day_closed"):
        post(shop)


@pytest.mark.clause("SCM-2.3-01")
def test_holding_goods_by_sql_cannot_oversell(shop: Shop) -> None:
    shop.receive(shop.skus[0], 5)

    execute(
        "SELECT * FROM inventory_reserve('x', 1, '{1}', %s, %s, '{6}', now())",
        [[shop.skus[0]], [shop.warehouse.id]],
    )

    assert shop.stock(shop.skus[0]).reserved == 0


@pytest.mark.parametrize("column", ["kind", "warehouse_id"])
def test_a_place_keeps_its_kind_and_warehouse(shop: Shop, column: str) -> None:
    with refused("permission denied"):
        execute(f"UPDATE inventory_location SET {column} = {column}")


@pytest.mark.parametrize("state", ["picked", "packed", "shipped"])
def test_a_shipment_cannot_begin_in_the_middle(shop: Shop, state: str) -> None:
    with refused("shipment_step_allowed"):
        execute(
            "INSERT INTO inventory_shipment (number, source_type, source_id, warehouse_id, state,"
            " carrier, tracking_no, opened_at) VALUES ('x', 'x', 1, %s, %s, 'SF', '', now())",
            [shop.warehouse.id, state],
        )


@pytest.mark.clause("SCM-2.4-03")
def test_a_shipment_cannot_skip_a_step(shop: Shop) -> None:
    shop.receive(shop.skus[0], 5)
    shop.reserve(1, (shop.skus[0], 1))
    shop.open(1, (shop.skus[0], 1))

    for state in ("packed", "shipped"):
        with refused("shipment_step_allowed"):
            execute("UPDATE inventory_shipment SET state = %s, carrier = 'SF'", [state])


@pytest.mark.clause("SCM-2.2-04")
def test_goods_do_not_leave_without_their_reservation(shop: Shop) -> None:
    shop.receive(shop.skus[0], 5)
    shop.packed(1, (shop.skus[0], 1))

    with refused("shipment_needs_reservation"):
        execute(
            "UPDATE inventory_shipment SET state = 'shipped', shipped_at = now(), shipped_on = %s",
            [TODAY],
        )
    with refused("shipment_packed_has_a_label"):
        execute("UPDATE inventory_shipment SET carrier = ''")


def test_integrity_errors_are_what_a_service_can_translate(shop: Shop) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        post(shop, quantity=[0])
