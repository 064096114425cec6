"""What a recorded fact is, and what nobody can do to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ops.engines.audit import partitions, selectors, services
from ops.engines.audit.leaves import content_of, leaf_of
from ops.engines.audit.models import Fact
from ops.engines.kernel.actor import Actor, ActorKind

AT = datetime(2026, 11, 5, 1, 2, 3, 4, tzinfo=UTC)
AUDITOR = Actor(
    kind=ActorKind.PERSON, name="auditor", person_id=7, user_id=9, session="s1", request_id="r1"
)
NASTY = 'quote " backslash \\ slash / tab \t bell \x07 del \x7f line\u2028 中文 🙂'


def _record(**more: object) -> int:
    return services.record(
        actor=AUDITOR,
        at=AT,
        action="tests.happened",
        **more,  # type: ignore[arg-type]
    )


def _sql(text: str, *values: int) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.django_db
def test_a_fact_keeps_who_when_what_and_its_transaction() -> None:
    number = _record(obj=("tests.thing", 12), body={"after": Decimal("1.50"), "before": None})

    fact = Fact.objects.get(id=number)
    assert (fact.at, fact.actor_kind, fact.person_id, fact.user_id) == (AT, "person", 7, 9)
    assert (fact.actor_name, fact.session, fact.request_id) == ("auditor", "s1", "r1")
    assert (fact.action, fact.object_type, fact.object_id) == (
        "tests.happened",
        "tests.thing",
        "12",
    )
    assert fact.body == '{"after":"1.50","before":null}'
    assert _sql("SELECT pg_current_xact_id()::text") == [(str(fact.txid),)]


@pytest.mark.django_db
def test_recording_is_one_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        _record(body={"rows_sha256": "00"})


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", NASTY, "{}", "null"])
def test_the_leaf_is_rebuilt_outside_the_database(text: str) -> None:
    actor = Actor(kind=ActorKind.SYSTEM, name=text or "job", session=text, request_id=text)
    number = services.record(
        actor=actor, at=AT, action="tests.leaf", obj=(text, text), body={"text": text, "\x00": [1]}
    )

    fact = Fact.objects.get(id=number)
    assert _sql("SELECT audit_content(f) FROM audit_fact f WHERE id = %s", number) == [
        (content_of(fact),)
    ]
    assert bytes(fact.leaf) == leaf_of(fact)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_fact", "audit_fact_000000", "audit_fieldchange"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {table} (at) VALUES (now())",
        "UPDATE {table} SET actor_name = 'x'",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table}",
    ],
)
def test_the_app_role_cannot_touch_the_trail(table: str, statement: str) -> None:
    _record()

    with (
        pytest.raises(DatabaseError, match=r"denied|must be owner"),
        transaction.atomic(),
    ):
        _sql(statement.format(table=table))

    assert Fact.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("actor", "action", "claim"),
    [
        (Actor(kind=ActorKind.PERSON, name="nobody"), "tests.x", "fact_person_is_named"),
        (AUDITOR, "", "fact_action_given"),
    ],
)
def test_a_nameless_fact_is_refused_by_the_database(actor: Actor, action: str, claim: str) -> None:
    with pytest.raises(IntegrityError, match=claim), transaction.atomic():
        services.record(actor=actor, at=AT, action=action)

    assert not Fact.objects.exists()


@pytest.mark.django_db
def test_facts_page_by_number_newest_first() -> None:
    numbers = [_record() for _ in range(3)]
    other = services.record(actor=Actor.system("job"), at=AT + timedelta(1), action="tests.other")

    found = selectors.facts(person_id=7, before_id=numbers[2])
    assert [fact.id for fact in found] == [numbers[1], numbers[0]]
    assert [fact.id for fact in selectors.facts(action="tests.other")] == [other]
    assert selectors.newest_at(action="tests.other") == AT + timedelta(1)
    assert selectors.newest_at(action="tests.never") is None


@pytest.mark.django_db
def test_partitions_are_cut_ahead_once_and_stay_closed() -> None:
    made = [partitions.cut_ahead(table="audit_fact", ahead=4) for _ in range(2)]

    assert made == [2, 0]
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        _sql("INSERT INTO audit_fact_000003 DEFAULT VALUES")
    with pytest.raises(DatabaseError, match="not for"), transaction.atomic():
        partitions.cut_ahead(table="audit_fieldchange")
