"""The proof has teeth: whatever is bent behind the ledger's back, it is named."""

from __future__ import annotations

import pytest
from psycopg2.extensions import connection as Connection

from inventory.selectors import verification
from inventory.services import closing
from tests.inventory.factories import AT, SYSTEM, TODAY, shop
from tests.support.cluster import OwnDatabase

BENT = [
    ("UPDATE inventory_balance SET on_hand = on_hand + 1 WHERE id = 1", "balance is the sum"),
    ("UPDATE inventory_balance SET seq = seq + 1 WHERE id = 1", "balance is the sum"),
    ("UPDATE inventory_stock SET on_hand = on_hand + 1, owned = owned + 1", "counters are"),
    ("UPDATE inventory_stock SET value = value + 0.01", "value is the sum"),
    ("UPDATE inventory_stock SET reserved = reserved + 1", "reserved is the sum"),
    ("UPDATE inventory_reservation SET quantity = 1", "reserved is the sum"),
    ("INSERT INTO inventory_effect VALUES ('ghost', 999)", "every move has its effect"),
    (
        (
            "ALTER TABLE inventory_move DISABLE TRIGGER USER;"
            "UPDATE inventory_move SET business_day = business_day - 1"
        ),
        "closed days",
    ),
    (
        "ALTER TABLE inventory_move DISABLE TRIGGER USER; DELETE FROM inventory_move WHERE id = 1",
        "balance is the sum",
    ),
]


@pytest.mark.clause("SCM-2.2-01")
def test_every_bend_is_found(own_database: OwnDatabase, as_owner: Connection) -> None:
    here = shop()
    here.receive(here.skus[0], 10, "2.00")
    here.lose(here.skus[0], 2)
    here.reserve(1, (here.skus[0], 3))
    closing.close_day(warehouse_id=here.warehouse.id, day=TODAY, actor=SYSTEM, at=AT)
    assert verification.differences() == []

    as_owner.autocommit = False
    for statement, words in BENT:
        with as_owner.cursor() as cursor:
            cursor.execute(statement)
            found = []
            for claim, sql in verification._CHECKS.items():
                cursor.execute(sql)
                found += [claim for _row in cursor.fetchall()]
        as_owner.rollback()
        assert any(claim.startswith(words) for claim in found), (statement, found)
