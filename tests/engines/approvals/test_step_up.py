"""A fresh second factor: five minutes, once, for this person and this payload (S11, S13)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pyotp
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from psycopg2.extensions import connection as Connection

from ops.engines.approvals import errors, services
from ops.engines.approvals.models import Decision, Request
from ops.engines.approvals.services import proving
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit.models import Fact
from ops.engines.identity import services as identity_services
from ops.engines.identity.errors import StepUpRefused, TooManyTries
from ops.engines.identity.models import Assertion, User
from ops.engines.kernel.errors import OpsError
from tests.engines.approvals.house import ask_for_proof
from tests.engines.approvals.toys import CONTENT, FIGURES, People, actor, people
from tests.engines.identity.factories import SYSTEM
from tests.support.cluster import OwnDatabase

NOW = timezone.now()
PAYLOAD = "a" * 64


@pytest.fixture
def team(own_database: OwnDatabase) -> People:
    ask_for_proof(own_database.name)
    return people()


def enrol(user: User) -> pyotp.TOTP:
    made = identity_services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=NOW, trusted=True)
    return pyotp.TOTP(made.secret)


def prove(user: User, code: str, *, payload: str = PAYLOAD, minutes: int = 0) -> int:
    return identity_services.step_up(
        purpose=proving.TO_DECIDE,
        payload_hash=payload,
        code=code,
        actor=actor(user, at=NOW),
        at=NOW + timedelta(minutes=minutes),
    )


def submit(team: People, *, code: str = "", assertion_id: int | None = None) -> RequestInfo:
    return services.submit(
        flow="toy_proved",
        subject=("toys.bank", 1),
        number="B-1",
        title="New bank account",
        content=CONTENT,
        figures=FIGURES,
        code=code,
        assertion_id=assertion_id,
        actor=actor(team.requester, at=NOW),
        at=NOW,
    )


def approve(user: User, request: RequestInfo, **proof: object) -> RequestInfo:
    return services.approve(
        request_id=request.id,
        content_hash=request.content_hash,
        actor=actor(user, at=NOW),
        at=NOW,
        **proof,  # type: ignore[arg-type]
    )


def test_requester_and_deciders_are_proved(team: People) -> None:
    codes = {user.pk: enrol(user) for user in (team.requester, team.supervisor, team.manager)}

    request = submit(team, code=codes[team.requester.pk].at(NOW))
    approve(team.supervisor, request, code=codes[team.supervisor.pk].at(NOW))
    done = approve(team.manager, request, code=codes[team.manager.pk].at(NOW))

    assert done.state == "approved"
    cited = [Request.objects.get().assertion, *(each.assertion for each in Decision.objects.all())]
    assert [(each.person_id, each.purpose, each.payload_hash) for each in cited if each] == [
        (team.requester.person_id, proving.TO_REQUEST, request.content_hash),
        (team.supervisor.person_id, proving.TO_DECIDE, request.content_hash),
        (team.manager.person_id, proving.TO_DECIDE, request.content_hash),
    ]


def test_nothing_is_handed_in_or_decided_without_a_proof(team: People) -> None:
    otp = enrol(team.requester)

    with pytest.raises(errors.StepUpNeeded):
        submit(team)
    with pytest.raises(StepUpRefused):
        submit(team, code="000000")
    assert Request.objects.count() == 0
    request = submit(team, code=otp.at(NOW))
    with pytest.raises(errors.StepUpNeeded):
        approve(team.supervisor, request)
    with pytest.raises(StepUpRefused):
        approve(team.supervisor, request, code=otp.at(NOW))

    assert Decision.objects.count() == 0
    refused = Fact.objects.filter(action="approvals.refused").order_by("id")
    assert [json.loads(fact.body)["code"] for fact in refused] == [
        "approvals.step_up_needed",
        "identity.step_up_refused",
        "approvals.step_up_needed",
        "identity.step_up_refused",
    ]


def test_a_proof_is_good_for_its_payload_person_purpose_and_once(team: People) -> None:
    codes = {user.pk: enrol(user) for user in (team.requester, team.supervisor, team.manager)}
    request = submit(team, code=codes[team.requester.pk].at(NOW))
    otp = codes[team.supervisor.pk]
    elsewhere = prove(team.supervisor, otp.at(NOW - timedelta(seconds=30)))
    right = prove(team.supervisor, otp.at(NOW), payload=request.content_hash)

    for wrong in (elsewhere, request.id + 10**6, Request.objects.get().assertion_id):
        with pytest.raises(errors.StepUpSpent):
            approve(team.supervisor, request, assertion_id=wrong)
    with pytest.raises(errors.NotApprover):
        approve(team.manager, request, assertion_id=right)
    assert Decision.objects.count() == 0
    approve(team.supervisor, request, assertion_id=right)
    with pytest.raises(errors.StepUpSpent):
        approve(team.manager, request, assertion_id=right)

    assert Decision.objects.count() == 1


def test_a_proof_is_good_for_five_minutes(team: People, as_superuser: Connection) -> None:
    codes = {user.pk: enrol(user) for user in (team.requester, team.supervisor)}
    request = submit(team, code=codes[team.requester.pk].at(NOW))
    with as_superuser.cursor() as cursor:
        for counter, seconds in enumerate((301, 290)):
            cursor.execute(
                "INSERT INTO identity_assertion (person_id, user_id, purpose, payload_hash,"
                " method, counter, made_at)"
                " VALUES (%s, %s, %s, %s, 'totp', %s, now() - make_interval(secs => %s))",
                [
                    team.supervisor.person_id,
                    team.supervisor.pk,
                    proving.TO_DECIDE,
                    request.content_hash,
                    counter,
                    seconds,
                ],
            )
    old, young = Assertion.objects.filter(counter__lt=2).order_by("counter")

    with pytest.raises(errors.StepUpSpent):
        approve(team.supervisor, request, assertion_id=old.pk)
    assert Decision.objects.count() == 0
    approve(team.supervisor, request, assertion_id=young.pk)
    assert Decision.objects.count() == 1


def test_fifty_replays_at_once_make_one_proof(team: People) -> None:
    code = enrol(team.supervisor).at(NOW)
    start = Barrier(50)

    def replay(_number: int) -> str:
        try:
            start.wait()
            prove(team.supervisor, code)
        except OpsError as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "proved"

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(replay, range(50)))

    assert results.count("proved") == 1
    assert set(results) == {"proved", "identity.step_up_refused", "identity.too_many_tries"}
    assert Assertion.objects.count() == 1


def test_wrong_codes_are_few(team: People) -> None:
    otp = enrol(team.supervisor)
    for _ in range(10):
        with pytest.raises(StepUpRefused):
            prove(team.supervisor, "000000")

    with pytest.raises(TooManyTries):
        prove(team.supervisor, otp.at(NOW))

    assert Assertion.objects.count() == 0
    later = otp.at(NOW + timedelta(minutes=16))
    assert prove(team.supervisor, later, minutes=16)


def test_a_code_that_signed_in_proves_nothing_more(team: People) -> None:
    code = enrol(team.supervisor).at(NOW)
    user = User.objects.get(pk=team.supervisor.pk)
    assert identity_services.check_totp(user=user, code=code, at=NOW)

    with pytest.raises(StepUpRefused):
        prove(team.supervisor, code)

    assert Assertion.objects.count() == 0


def test_only_the_auth_role_writes_proofs(team: People) -> None:
    enrol(team.supervisor)
    values = (team.supervisor.person_id, team.supervisor.pk, "p", PAYLOAD, "totp", 1)
    insert = (
        "INSERT INTO identity_assertion"
        " (person_id, user_id, purpose, payload_hash, method, counter)"
        " VALUES (%s, %s, %s, %s, %s, %s)"
    )

    for statement in (insert, insert.replace("counter)", "counter, made_at)", 1)):
        given = values if statement is insert else (*values, NOW)
        text = statement if statement is insert else statement.replace("%s)", "%s, %s)")
        alias = "default" if statement is insert else "auth"
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(using=alias),
            connections[alias].cursor() as cursor,
        ):
            cursor.execute(text, given)

    assert Assertion.objects.count() == 0


def test_the_auth_role_reaches_five_tables_and_no_more(team: People) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, string_agg(DISTINCT p.privilege, ' ' ORDER BY p.privilege)
            FROM pg_class c, LATERAL (VALUES ('SELECT'), ('INSERT'), ('UPDATE')) p(privilege)
            WHERE c.relowner = 'guifan_owner'::regrole AND c.relkind IN ('r', 'p', 'v')
              AND has_any_column_privilege('guifan_auth', c.oid, p.privilege)
            GROUP BY c.relname ORDER BY c.relname
            """
        )
        assert cursor.fetchall() == [
            ("identity_assertion", "INSERT SELECT"),
            ("identity_passkey", "INSERT SELECT UPDATE"),
            ("identity_signintry", "INSERT SELECT UPDATE"),
            ("identity_spentchallenge", "INSERT SELECT"),
            ("identity_user", "SELECT UPDATE"),
        ]
        cursor.execute(
            "SELECT has_table_privilege('guifan_auth', 'identity_user', 'SELECT'),"
            " has_column_privilege('guifan_auth', 'identity_user', 'password', 'SELECT')"
        )
        assert cursor.fetchone() == (False, False)
