"""R9: what is posted stays: the app's role is refused on every append-only table there is.

The tables are read from the catalogue; the list below says which there must be at least, so that a
ledger that loses its trigger is seen too.
"""

from __future__ import annotations

import io
from typing import Final

import psycopg2.errors
import pytest
from django.db import DatabaseError, connection, transaction

LEDGERS: Final = frozenset(
    {
        "approvals_decision",
        "audit_anchor",
        "audit_fact",
        "audit_fieldchange",
        "audit_leaf",
        "compliance_attestation",
        "compliance_auditbundle",
        "customers_orderstep",
        "customers_reveal",
        "events_fact",
        "finance_agreement",
        "finance_journalentry",
        "finance_journalline",
        "finance_paymentrecord",
        "finance_reconciliation",
        "finance_settlementline",
        "inventory_dayclose",
        "inventory_effect",
        "inventory_monthbalance",
        "inventory_monthclose",
        "inventory_move",
        "inventory_refusedissue",
        "reports_reportedition",
    }
)
_FOUND = """
SELECT c.relname, c.relispartition,
       (SELECT attname FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attidentity = ''
           AND attgenerated = '' ORDER BY attnum LIMIT 1),
       bool_or(t.tgtype & 1 = 1), bool_or(t.tgtype & 32 = 32), bool_and(t.tgenabled <> 'D')
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE t.tgfoid = 'guifan_append_only'::regproc GROUP BY c.oid ORDER BY c.relname
"""
DEEDS: Final = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table}",
    "alter": "ALTER TABLE {table} ADD COLUMN sneaked_in int",
    "switch the triggers off": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "drop the refusal": "DROP TRIGGER {table}_no_truncate ON {table}",
    "play the replica": "SET session_replication_role = replica",
    "copy in from a program": "COPY {table} FROM PROGRAM 'true'",
    "copy in from a file": "COPY {table} FROM '/dev/null'",
    "copy out to a program": "COPY {table} TO PROGRAM 'true'",
    "merge": "MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "lock and rename": "ALTER TABLE {table} RENAME TO sneaked_in",
    "give to oneself": "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "put a rule over it": "CREATE RULE sneaked_in AS ON INSERT TO {table} DO INSTEAD NOTHING",
}


def ledgers() -> dict[str, tuple[bool, str]]:
    """Return every append-only table: whether it is a partition, and a column of it."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND)
        rows = cursor.fetchall()
    for name, is_partition, _column, per_row, whole, enabled in rows:
        assert enabled, name
        assert whole, name
        assert per_row or is_partition, name
    return {name: (is_partition, column) for name, is_partition, column, *_rest in rows}


@pytest.mark.django_db
def test_every_ledger_has_its_triggers() -> None:
    found = {name for name, (is_partition, _column) in ledgers().items() if not is_partition}

    assert found >= LEDGERS
    assert "audit_fact_rest" in ledgers()


@pytest.mark.django_db
@pytest.mark.parametrize("deed", DEEDS)
def test_the_app_cannot_rewrite_any_ledger(deed: str) -> None:
    done = []
    for table, (_is_partition, column) in ledgers().items():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(DEEDS[deed].format(table=table, column=column))
        except DatabaseError as refusal:
            words = str(refusal)
            assert any(
                said in words
                for said in ("permission denied", "must be owner", "must be able to", "append-only")
            ), words
        else:
            done.append(table)

    assert done == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_fact", "audit_leaf", "audit_anchor", "audit_fieldchange"])
def test_the_app_puts_no_row_of_its_own_into_the_trail(table: str) -> None:
    with (
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO())
