"""A guarded table takes only rows that an approved request of its flow contains."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from psycopg2.extensions import connection as Connection

from ops.engines.approvals import errors, services
from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.approvals.models import Decision, Request
from ops.engines.approvals.types import RequestInfo
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from tests.engines.approvals.toys import People, actor, people, refused_by, submitted
from tests.engines.identity.factories import AT, account
from tests.support.cluster import OwnDatabase

GUARD = guard_by_approval(
    "toy_shelf",
    "toy_price",
    line_sql="jsonb_build_object('thing', n.thing, 'price', n.price::text)",
    line_key="thing",
    opening_sql="n.is_opening",
)


@pytest.fixture
def shelf(own_database: OwnDatabase, as_owner: Connection) -> Iterator[People]:
    """Make the guarded toy table, as an app's migration would."""
    with as_owner.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE toy_shelf (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " thing int, price numeric(20, 2), approval_id bigint, is_opening bool DEFAULT false)"
        )
        cursor.execute(str(GUARD.sql))
    yield people()
    connection.close()


def put(request_id: int | None, *, price: str = "9.90", opening: bool = False) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO toy_shelf (thing, price, approval_id, is_opening) VALUES (1, %s, %s, %s)",
            [price, request_id, opening],
        )


def approved(team: People, request: RequestInfo) -> None:
    services.approve(
        request_id=request.id,
        content_hash=request.content_hash,
        actor=actor(team.supervisor),
        at=AT,
    )


def test_guarded_rows_need_exactly_what_was_approved(shelf: People) -> None:
    request = submitted(shelf.requester)
    for nothing in (None, 999_999, request.id):
        with refused_by("toy_shelf_needs_toy_price"):
            put(nothing)
    approved(shelf, request)

    with refused_by("toy_shelf_needs_toy_price_lines"):
        put(request.id, price="1.90")
    put(request.id)
    with refused_by("toy_shelf_needs_toy_price_lines"), connection.cursor() as cursor:
        cursor.execute("UPDATE toy_shelf SET price = 1.90")

    keeper = account("keeper", "warehouse_keeper")
    account("store", "store_manager")
    other = submitted(keeper, flow="toy_count", subject_id=5)
    for user in ("store", "director"):
        services.approve(
            request_id=other.id,
            content_hash=other.content_hash,
            opinion="yes",
            actor=actor(shelf.director if user == "director" else _named(user)),
            at=AT,
        )
    with refused_by("toy_shelf_needs_toy_price"):
        put(other.id)


def test_a_temporary_table_of_the_same_name_approves_nothing(shelf: People) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE approvals_request ON COMMIT DROP AS SELECT 7::bigint AS id,"
                " 'toy_price' AS flow, 'approved' AS state, 'ordinary' AS kind,"
                ' \'{"lines": [{"thing": 1, "price": "9.90"}]}\'::jsonb AS content'
            )
        with refused_by("toy_shelf_needs_toy_price"):
            put(7)


def test_history_rows_need_both_the_kind_and_their_own_word(shelf: People) -> None:
    opening = services.open_as_history(
        flow="toy_price", subject=("toys.batch", 1), content={}, actor=Actor.importer(), at=AT
    )

    with refused_by("toy_shelf_needs_toy_price"):
        put(opening.id, opening=False)
    put(opening.id, opening=True)

    request = submitted(shelf.requester)
    with refused_by("toy_shelf_needs_toy_price"):
        put(request.id, opening=True)


def test_twenty_thousand_lines_are_checked_in_one_join(shelf: People) -> None:
    lines = [{"thing": n, "price": "1.00"} for n in range(20_000)]
    request = submitted(shelf.requester, content={"lines": lines})
    approved(shelf, request)

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '10s'")
        cursor.execute(
            "INSERT INTO toy_shelf (thing, price, approval_id)"
            " SELECT n, 1.00, %s FROM generate_series(0, 19999) n",
            [request.id],
        )
        assert cursor.rowcount == 20_000


def test_two_approvers_at_once_make_one_decision(own_database: OwnDatabase) -> None:
    team = people()
    second = account("second", "operations_supervisor")
    request = submitted(team.requester)
    deciders = [actor(team.supervisor), actor(second)]
    start = Barrier(2)

    def decide(who: Actor) -> str:
        try:
            start.wait()
            services.approve(
                request_id=request.id, content_hash=request.content_hash, actor=who, at=AT
            )
        except OpsError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "approved"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(decide, deciders))

    assert results == ["approvals.request_closed", "approved"]
    assert Decision.objects.count() == 1
    assert Request.objects.get(pk=request.id).state == "approved"


def test_a_withdrawal_and_an_approval_at_once_have_one_winner(own_database: OwnDatabase) -> None:
    team = people()
    request = submitted(team.requester)
    requester, decider = actor(team.requester), actor(team.supervisor)
    start = Barrier(2)

    def run(decides: bool) -> str:  # noqa: FBT001
        try:
            start.wait()
            if decides:
                services.approve(
                    request_id=request.id, content_hash=request.content_hash, actor=decider, at=AT
                )
            else:
                services.withdraw(request_id=request.id, actor=requester, at=AT)
        except errors.RequestClosed:
            return "late"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(run, [True, False]))

    assert results == ["done", "late"]
    won = Request.objects.get(pk=request.id).state
    assert (won, Decision.objects.count()) in {("approved", 1), ("withdrawn", 0)}


def _named(username: str) -> User:
    return User.objects.select_related("person").get(username=username)
