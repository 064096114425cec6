"""References checked once a statement promise what a foreign key promises."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

pytestmark = pytest.mark.django_db

_MASTER, _TABLE = "customers_order", "customers_orderstep"
_NOBODY = 987_654_321


def _refused(statement: str, *values: int) -> str:
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
    return str(refusal.value)


def _referring() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, regexp_replace(p.prosrc, '\\s+', ' ', 'g') FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgname = c.relname || '_refers' ORDER BY 1"
        )
        return [(str(table), str(source)) for table, source in cursor.fetchall()]


def test_every_reference_leads_to_a_permanent_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname = c.relname || '_permanent'"
        )
        permanent = {name for (name,) in cursor.fetchall()}
    referring = _referring()

    assert {"customers_order", "customers_orderline", "customers_orderstep"} <= {
        table for table, _source in referring
    }
    for table, source in referring:
        masters = {part.split(" m ")[0] for part in source.split("FROM ") if " m WHERE" in part}
        assert masters, table
        assert masters <= permanent, table


@pytest.mark.parametrize("count", [1, 3000])
def test_a_row_that_points_to_nothing_is_refused(count: int) -> None:
    told = _refused(
        "INSERT INTO customers_orderstep (order_id, state, at)"
        " SELECT %s + n, 'placed', now() FROM generate_series(1, %s) n",
        _NOBODY,
        count,
    )

    assert "names no row of customers_order" in told
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_orderstep")
        assert cursor.fetchone()[0] == 0
