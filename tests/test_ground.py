"""What the app role is, and what it may never do."""

from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections, transaction

from tests.support import places


@pytest.mark.django_db
def test_tests_run_as_the_app_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolcreaterole, rolcreatedb, rolinherit"
            " FROM pg_roles WHERE rolname = current_user"
        )
        row = cursor.fetchone()

    assert row == ("guifan_app", False, False, False, False)


@pytest.mark.django_db
def test_app_role_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole)"
            " + (SELECT count(*) FROM pg_proc WHERE proowner = current_user::regrole)"
            " + (SELECT count(*) FROM pg_database WHERE datdba = current_user::regrole)"
        )

        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE django_session",
        "ALTER TABLE django_session ADD COLUMN extra int",
        "ALTER TABLE django_session DISABLE TRIGGER ALL",
        "DROP TABLE django_session",
        "CREATE TABLE sneaked_in (id int)",
        "CREATE FUNCTION sneaked_in() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA sneaked_in",
        "SET session_replication_role = replica",
        "SET ROLE guifan_owner",
    ],
)
def test_app_role_is_refused(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_report_role_reads_and_never_writes(own_database: object) -> None:
    with connections["report"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_content_type")
        assert cursor.fetchone()[0] > 0
        with pytest.raises(DatabaseError, match=r"read-only|permission denied"):
            cursor.execute("DELETE FROM django_session")


def test_committed_rows_stay_in_the_tests_own_database(own_database: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_session VALUES ('kept', 'x', now()) RETURNING session_key"
        )
        assert cursor.fetchone() == ("kept",)
    connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (1,)


def test_servers_of_tests_lie_in_memory_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, memory = tmp_path / "checkout", tmp_path / "memory"
    memory.mkdir()
    monkeypatch.delenv("TEST_DATA_DIR", raising=False)

    monkeypatch.setattr(places, "ROOM", 0)
    roomy = places.data_dir(checkout, memory)
    monkeypatch.setattr(places, "ROOM", 1 << 62)
    tight = places.data_dir(checkout, memory)
    roomy.mkdir()
    again = places.data_dir(checkout, memory)
    without = places.data_dir(checkout, tmp_path / "none")

    assert places.in_memory(roomy, memory)
    assert tight == without == checkout / ".data-test"
    assert again == roomy  # a run does not change its place because memory fills
    monkeypatch.setenv("TEST_DATA_DIR", "/elsewhere")
    assert places.data_dir(checkout, memory) == Path("/elsewhere")
