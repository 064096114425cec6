"""A requester can never approve their own request: every attack times every flow (S2)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from ops.engines.approvals import flows
from ops.engines.approvals.models import Approver, Request
from ops.engines.approvals.services import proving
from ops.engines.identity import services as identity_services
from ops.engines.identity.models import User
from tests.engines.approvals import toys
from tests.engines.approvals.attacks import ATTACKS, ON_PROOFS, Attack, Case, decision, wants_proof
from tests.engines.approvals.house import House, built
from tests.engines.identity.factories import PASSWORD, SYSTEM
from tests.support import cluster

assert toys.TOYS  # they are registered before the flows are listed
KEYS = sorted(key for key in flows.flows() if not key.startswith("toy_screen"))
PROVED = [key for key in KEYS if flows.flow_named(key).step_up]
LOG = Path(settings.DATA_DIR) / "pg.log"
STATE = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
    SELECT r::text AS line FROM approvals_request r UNION ALL
    SELECT d::text FROM approvals_decision d UNION ALL SELECT a::text FROM approvals_approver a
    UNION ALL SELECT s::text FROM identity_assertion s UNION ALL SELECT u::text FROM identity_user u
) everything
"""


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    with django_db_blocker.unblock(), built() as made:
        yield made


@pytest.fixture(scope="module")
def cases(house: House) -> Callable[[str], Case]:
    return functools.cache(lambda key: _case(house, key))


def state() -> str:
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("key", KEYS)
def test_the_honest_way_passes(cases: Callable[[str], Case], key: str) -> None:
    case = cases(key)
    statement, values = decision(case, case.decider)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1
        transaction.set_rollback(True)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_is_refused(cases: Callable[[str], Case], attack: Attack, key: str) -> None:
    _try(cases(key), attack)


@pytest.mark.parametrize("key", PROVED)
@pytest.mark.parametrize("attack", ON_PROOFS, ids=lambda attack: attack.name)
def test_attack_on_proofs_is_refused(
    cases: Callable[[str], Case], attack: Attack, key: str
) -> None:
    _try(cases(key), attack)


@pytest.mark.parametrize("key", [key for key in KEYS if flows.flow_named(key).guards])
def test_a_guarded_table_has_its_trigger(house: House, key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal AND t.tgenabled = 'O'"
            " AND strpos(p.prosrc, 'approvals_request') > 0",
            [flows.flow_named(key).guards],
        )
        assert cursor.fetchone()[0] > 0


def _try(case: Case, attack: Attack) -> None:
    """Run an attack as the app role: refused by its rule, nothing changed, written in the log."""
    before, mark = state(), f"attack: {attack.name} on {case.flow.key}"
    *first, last = attack.make(case)

    with pytest.raises(DatabaseError) as caught, transaction.atomic():  # noqa: PT012
        with connection.cursor() as cursor:
            for statement, values in first:
                cursor.execute(statement, values)
            cursor.execute(f"/* {mark} */ {last[0]}", last[1])
        transaction.set_rollback(True)

    cause = caught.value.__cause__
    assert isinstance(cause, psycopg2.Error)
    if attack.rule:
        assert (cause.diag.constraint_name or "").startswith(attack.rule), cause
    else:
        assert cause.pgcode == "42501", cause  # insufficient privilege
    assert state() == before
    if settings.EMBEDDED_DATABASE:
        assert f"/* {mark} */" in LOG.read_text(errors="replace")


def _case(house: House, key: str) -> Case:
    """Prepare one flow's requests and people; its effect would need the real thing."""
    declared = flows.flow_named(key)
    flow = replace(declared, effect=None, on_return=None)
    flows._flows[key] = flow
    try:
        first = flow.examples[0]
        approved, open_one = house.submit(flow, first), house.submit(flow, first)
        changed = replace(first, content={**first.content, "changed": True})
        other = house.submit(flow, changed)
        house.approve_all(approved.id)
    finally:
        flows._flows[key] = declared
    requester, decider = house.requester(flow), house.decider(open_one.id)
    role = Approver.objects.get(request_id=open_one.id, step=0, person=decider.person_id).role
    house.next_day()
    deputy = _deputy(house, open_one.id, role)
    case = Case(
        flow=flow,
        open=open_one,
        approved=replace(approved, state="approved"),
        other=other,
        requester=requester,
        twin=_twin(house, requester, key),
        decider=decider,
        role=role,
        deputy=deputy,
        outsider=house.users["data_analyst-2"],
        proofs={},
    )
    if wants_proof(case):
        case.proofs.update(_proofs(house, case))
    return case


def _deputy(house: House, request_id: int, role: str) -> User:
    """Return one who stood in for the requester on the day the request was made."""
    row = Request.objects.get(pk=request_id)
    now, house.at = house.at, row.submitted_at
    deputy = house.deputy(role, of=row.requester_person_id or 0)
    house.at = now
    return deputy


def _twin(house: House, requester: User, key: str) -> User:
    made = identity_services.create_account(
        person_id=requester.person_id,
        username=f"twin-{key}",
        password=PASSWORD,
        actor=SYSTEM,
        at=house.at,
    )
    return User.objects.select_related("person").get(pk=made.user_id)


def _proofs(house: House, case: Case) -> dict[str, int]:
    """Make proofs through the door, and one too old by the superuser's hand."""
    hashes = {"content": case.open.content_hash, "other": case.other.content_hash}

    def made(user: User, *, of: str = "content", purpose: str = proving.TO_DECIDE) -> int:
        at = house.tick()
        return identity_services.step_up(
            purpose=purpose,
            payload_hash=hashes.get(of, of),
            code=house.code(user),
            actor=house.actor(user),
            at=at,
        )

    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sha256('{\"content\":{},\"figures\":{}}'), 'hex')")
        empty = str(cursor.fetchone()[0])
        cursor.execute(
            "SELECT assertion_id FROM approvals_decision WHERE request_id = %s ORDER BY id LIMIT 1",
            [case.approved.id],
        )
        used = int(cursor.fetchone()[0])
    found = {
        "good": made(case.decider),
        "next": made(case.decider),
        "deputy": made(case.deputy),
        "requester": made(case.requester),
        "outsider": made(case.outsider),
        "asking": made(case.decider, purpose=proving.TO_REQUEST),
        "elsewhere": made(case.decider, of="other"),
        "born": made(case.requester, of=empty, purpose=proving.TO_REQUEST),
        "mine": made(case.decider, of=empty, purpose=proving.TO_REQUEST),
        "used": used,
    }
    link = cluster.connect(connection.settings_dict["NAME"], superuser=True)
    with link.cursor() as raw:
        raw.execute(
            "INSERT INTO identity_assertion (person_id, user_id, purpose, payload_hash, method,"
            " counter, made_at) VALUES (%s, %s, %s, %s, 'totp', 1, now() - interval '301 seconds')"
            " RETURNING id",
            [case.decider.person_id, case.decider.pk, proving.TO_DECIDE, case.open.content_hash],
        )
        [found["old"]] = raw.fetchone() or [0]
    link.close()
    return found
