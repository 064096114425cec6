"""The course of states that the database itself keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from psycopg2 import errors

from ops.engines.kernel import ddl
from tests.support import cluster

COURSE = ddl.one_way(
    "toy_case",
    begins=("draft",),
    moves={"draft": ("open", "dropped"), "open": ("closed",)},
    moving=("outcome",),
)
REFUSED = {
    "begins elsewhere": ("INSERT INTO toy_case VALUES (2, 'open', 'a', '')", "draft"),
    "skips a step": ("UPDATE toy_case SET state = 'closed'", "draft"),
    "goes back": ("UPDATE toy_case SET state = 'draft'", "open"),
    "rewrites what it is about": ("UPDATE toy_case SET state = 'open', facts = 'b'", "draft"),
    "changes after its end": ("UPDATE toy_case SET outcome = 'late'", "closed"),
}
WAY = {"draft": (), "open": ("open",), "closed": ("open", "closed")}


@pytest.fixture
def toy(db: None) -> Iterator[Any]:
    """A table with its course, made by the owner and never committed."""
    link = cluster.connect(connections.settings["default"]["NAME"])
    link.autocommit = False
    with link.cursor() as cursor:
        cursor.execute("CREATE TABLE toy_case (id int, state text, facts text, outcome text)")
        cursor.execute(str(COURSE.sql))
        cursor.execute("INSERT INTO toy_case VALUES (1, 'draft', 'a', '')")
        yield cursor
    link.rollback()
    link.close()


@pytest.mark.parametrize("deed", sorted(REFUSED))
def test_a_row_runs_one_course_and_nothing_else(toy: Any, deed: str) -> None:
    statement, stands = REFUSED[deed]
    for state in WAY[stands]:
        toy.execute("UPDATE toy_case SET state = %s, outcome = %s WHERE id = 1", [state, state])

    with pytest.raises(errors.CheckViolation) as refusal:
        toy.execute(statement)

    assert refusal.value.diag.constraint_name == "toy_case_course"


def test_the_course_goes_with_its_migration(toy: Any) -> None:
    toy.execute(str(COURSE.reverse_sql))

    toy.execute("UPDATE toy_case SET state = 'closed', facts = 'b'")

    toy.execute("SELECT state, facts FROM toy_case")
    assert toy.fetchone() == ("closed", "b")
