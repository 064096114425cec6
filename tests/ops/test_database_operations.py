"""Migration operations: what `append_only` and `revoke` make the database refuse."""

import pytest
from django.db import DatabaseError, IntegrityError, connection
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from ops.engines.kernel import ddl

TABLE = "ground_ledger"


@pytest.fixture
def ledger(as_owner: Connection) -> Connection:
    with as_owner.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (id int PRIMARY KEY, note text)")
        cursor.execute(str(ddl.append_only(TABLE).sql))
        cursor.execute(f"INSERT INTO {TABLE} VALUES (1, 'kept')")
    return as_owner


@pytest.mark.parametrize(
    "statement",
    [f"UPDATE {TABLE} SET note = ''", f"DELETE FROM {TABLE}", f"TRUNCATE {TABLE}"],
)
def test_ledger_refuses_change_even_by_its_owner(ledger: Connection, statement: str) -> None:
    with ledger.cursor() as cursor:
        with pytest.raises(errors.CheckViolation, match=f"{TABLE} is append-only"):
            cursor.execute(statement)

        cursor.execute(f"SELECT note FROM {TABLE}")
        assert cursor.fetchall() == [("kept",)]


def test_app_role_adds_to_a_ledger_and_changes_nothing(ledger: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} VALUES (2, 'new')")
        for statement in (f"UPDATE {TABLE} SET note = ''", f"DELETE FROM {TABLE}"):
            with pytest.raises(DatabaseError, match="permission denied"):
                cursor.execute(statement)

        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        assert cursor.fetchone() == (2,)


def test_refusal_is_an_integrity_error_with_a_name(as_owner: Connection) -> None:
    with as_owner.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (id int)")
        cursor.execute(str(ddl.append_only(TABLE).sql))
        cursor.execute(f"GRANT DELETE ON {TABLE} TO guifan_app")
        cursor.execute(f"INSERT INTO {TABLE} VALUES (1)")

    with connection.cursor() as cursor, pytest.raises(IntegrityError) as refused:
        cursor.execute(f"DELETE FROM {TABLE}")

    cause = refused.value.__cause__
    assert isinstance(cause, errors.CheckViolation)
    assert cause.diag.constraint_name == f"{TABLE}_append_only"


def test_append_only_can_be_taken_back(ledger: Connection) -> None:
    with ledger.cursor() as cursor:
        cursor.execute(str(ddl.append_only(TABLE).reverse_sql))
        cursor.execute(f"DELETE FROM {TABLE}")

        assert cursor.rowcount == 1


def test_only_named_columns_stay_updatable(as_owner: Connection) -> None:
    with as_owner.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (id int, note text)")
        cursor.execute(str(ddl.revoke_columns(TABLE, updatable=("note",)).sql))
        cursor.execute(f"INSERT INTO {TABLE} VALUES (1, 'old')")

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET note = 'new'")
        with pytest.raises(DatabaseError, match="permission denied"):
            cursor.execute(f"UPDATE {TABLE} SET id = 2")


def test_definers_functions_are_closed_to_the_report_role(as_owner: Connection) -> None:
    with as_owner.cursor() as cursor:
        cursor.execute("CREATE FUNCTION ground_probe() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        cursor.execute(
            "SELECT has_function_privilege('guifan_app', 'ground_probe()', 'EXECUTE'),"
            " has_function_privilege('guifan_report', 'ground_probe()', 'EXECUTE')"
        )

        assert cursor.fetchone() == (True, False)
