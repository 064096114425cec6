"""The owner of the tables is refused as well; field history sees whoever passes by the services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2.errors
import pytest
from django.db import connection, transaction
from psycopg2.extensions import connection as Connection

from ops.engines.audit import selectors, services
from ops.engines.audit.ddl import track_history
from ops.engines.audit.models import Fact
from ops.engines.kernel.actor import Actor, ActorKind

AT = datetime(2026, 11, 5, 1, 2, 3, tzinfo=UTC)
BUYER = Actor(kind=ActorKind.PERSON, name="buyer", person_id=3)


def _run(link: Connection, text: str) -> None:
    with link.cursor() as cursor:
        cursor.execute(text)


@pytest.fixture
def thing(as_owner: Connection) -> Iterator[None]:
    _run(as_owner, "CREATE TABLE tests_thing (id bigint PRIMARY KEY, name text, price numeric)")
    _run(as_owner, str(track_history("tests_thing", columns=["name", "price"]).sql))
    yield
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET actor_name = 'x'",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
    ],
)
@pytest.mark.parametrize("table", ["audit_fact", "audit_fact_000000", "audit_fact_rest"])
def test_the_owner_cannot_rewrite_the_trail(
    as_owner: Connection, statement: str, table: str
) -> None:
    with transaction.atomic():
        services.record(actor=BUYER, at=AT, action="tests.happened")
    if table == "audit_fact_rest":
        _run(
            as_owner,
            "INSERT INTO audit_fact OVERRIDING SYSTEM VALUE SELECT 10^12, at, recorded_at, txid,"
            " actor_kind, person_id, user_id, actor_name, session, request_id, action,"
            " object_type, object_id, body, leaf FROM audit_fact",
        )
    before = list(Fact.objects.order_by("id").values())

    with pytest.raises(psycopg2.errors.CheckViolation, match="is append-only"):
        _run(as_owner, statement.format(table=table))

    assert list(Fact.objects.order_by("id").values()) == before


def test_rows_in_the_default_partition_stay_there_when_ranges_are_cut(
    as_owner: Connection,
) -> None:
    _run(
        as_owner,
        "INSERT INTO audit_fact OVERRIDING SYSTEM VALUE VALUES (7500000, now(), now(), '1',"
        " 'system', NULL, NULL, '', '', '', 'x', '', '', '', sha256(''))",
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT guifan_cut_partitions('audit_fact', 1)")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT tableoid::regclass::text FROM audit_fact")
        assert cursor.fetchall() == [("audit_fact_rest",)]
        cursor.execute("SELECT to_regclass('audit_fact_000008')::text")
        assert cursor.fetchone() == ("audit_fact_000008",)


@pytest.mark.usefixtures("thing")
def test_field_history_names_the_actor_the_service_declared() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO tests_thing VALUES (12, 'old', NULL)")
        services.acting(BUYER)
        cursor.execute("UPDATE tests_thing SET name = 'new', price = 1.50")
        services.record(actor=BUYER, at=AT, action="tests.renamed", obj=("tests.thing", 12))

    fact, change = selectors.timeline(object_type="tests.thing", object_id=12)
    assert (fact.action, fact.at, fact.person_id) == ("tests.renamed", AT, 3)
    assert (change.actor_name, change.person_id, change.db_user) == ("buyer", 3, "guifan_app")
    assert [(c.field, c.old, c.new) for c in change.changes] == [
        ("name", "old", "new"),
        ("price", None, "1.50"),
    ]


@pytest.mark.usefixtures("thing")
def test_a_change_behind_the_services_names_the_database_role(as_owner: Connection) -> None:
    with transaction.atomic():
        services.acting(BUYER)
    _run(as_owner, "INSERT INTO tests_thing VALUES (1, 'a', 2), (2, 'a', 2)")

    _run(as_owner, "UPDATE tests_thing SET price = 2, name = 'a'")
    _run(as_owner, "DELETE FROM tests_thing WHERE id = 2")

    assert selectors.timeline(object_type="tests.thing", object_id=1) == []
    (entry,) = selectors.timeline(object_type="tests.thing", object_id=2)
    assert (entry.actor_name, entry.person_id) == (entry.db_user, None)
    assert entry.db_user == as_owner.info.user
    assert [(c.field, c.old, c.new) for c in entry.changes] == [
        ("name", "a", None),
        ("price", "2", None),
    ]


def test_a_fact_of_a_rolled_back_transaction_never_was(own_database: object) -> None:
    with transaction.atomic():
        services.record(actor=BUYER, at=AT, action="tests.happened")
        transaction.set_rollback(True)

    assert not Fact.objects.exists()


def test_a_fact_needs_a_transaction_and_an_offset(own_database: object) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        services.record(actor=BUYER, at=AT, action="tests.happened")
    with pytest.raises(RuntimeError, match="transaction"):
        services.acting(BUYER)
    with pytest.raises(ValueError, match="offset"), transaction.atomic():
        services.record(actor=BUYER, at=AT.replace(tzinfo=None), action="tests.happened")

    assert not Fact.objects.exists()
