"""Decisions signed with a passkey: over exactly the decision, kept, and checked again (S2, S13)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from psycopg2.extensions import connection as Connection

from ops.engines.approvals import errors, selectors, services, signatures
from ops.engines.approvals.models import Decision
from ops.engines.approvals.services import proving
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit.models import Fact
from ops.engines.identity import services as identity
from ops.engines.identity.errors import PasskeyRefused
from ops.engines.identity.models import Passkey, User
from ops.engines.identity.types import Answer, Ceremony
from tests.engines.approvals.house import ask_for_proof
from tests.engines.approvals.toys import CONTENT, FIGURES, People, actor, people
from tests.engines.identity.factories import SYSTEM
from tests.support.authenticator import Authenticator
from tests.support.cluster import OwnDatabase

NOW = timezone.now()
_BENT = "overlay(signature placing '\\x0102'::bytea from 40)"
_SIGNED = "assertion_id IN (SELECT id FROM identity_assertion WHERE method = 'passkey')"


@dataclass
class Desk:
    """A team whose supervisor has a passkey, and the apps of those who have none."""

    team: People
    device: Authenticator
    apps: dict[int, pyotp.TOTP] = field(default_factory=dict)
    subjects: int = 0

    def code(self, user: User, later: int = 0) -> str:
        """Return the code of somebody's app, some half minutes later."""
        return self.apps[user.pk].at(NOW + timedelta(seconds=30 * later))

    def submit(self) -> RequestInfo:
        """Hand in a request that asks everybody for a proof."""
        self.subjects += 1
        asker = self.team.requester
        return services.submit(
            flow="toy_proved",
            subject=("toys.bank", self.subjects),
            number=f"B-{self.subjects}",
            title="New bank account",
            content={**CONTENT, "number": self.subjects},
            figures=FIGURES,
            code=self.code(asker, self.subjects - 2),
            actor=actor(asker, at=NOW),
            at=NOW,
        )

    def ask(self, request: RequestInfo, user: User | None = None) -> Ceremony:
        """Return what the supervisor's device is asked to sign."""
        return services.challenge(
            request_id=request.id,
            content_hash=request.content_hash,
            actor=actor(user or self.team.supervisor, at=NOW),
            at=NOW,
        )

    def approve(self, request: RequestInfo, **given: Any) -> RequestInfo:
        """Decide as the supervisor."""
        return services.approve(
            request_id=request.id,
            content_hash=request.content_hash,
            actor=actor(self.team.supervisor, at=NOW),
            at=NOW,
            **given,
        )

    def signed(self, request: RequestInfo) -> RequestInfo:
        """Decide as the supervisor with a good signature."""
        asked = self.ask(request)
        response = self.device.signs(asked.options)
        return self.approve(request, passkey=Answer(signed=asked.signed, response=response))


@pytest.fixture
def desk(own_database: OwnDatabase) -> Iterator[Desk]:
    ask_for_proof(own_database.name)
    device = Authenticator(settings.PASSKEY_ORIGINS[0], settings.PASSKEY_RP_ID)
    made = Desk(people(), device)
    for user in (made.team.requester, made.team.supervisor, made.team.manager):
        secret = identity.enrol_totp(user_id=user.pk, actor=SYSTEM, at=NOW, trusted=True).secret
        made.apps[user.pk] = pyotp.TOTP(secret)
    holder = actor(made.team.supervisor, at=NOW)
    asked = identity.ask_to_add(actor=holder, at=NOW)
    identity.add_passkey(
        answer=Answer(signed=asked.signed, response=device.registers(asked.options)),
        name="Phone",
        code=made.apps[made.team.supervisor.pk].at(NOW),
        actor=holder,
        at=NOW,
    )
    yield made
    assert signatures.differences() == [] or made.subjects > 50


def _bend(as_superuser: Connection, statement: str, *values: Any) -> None:
    """Change what nobody may change, as somebody with the whole server would."""
    with as_superuser.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_decision_carries_the_signature_of_exactly_itself(desk: Desk) -> None:
    request = desk.submit()

    desk.signed(request)

    decision = Decision.objects.select_related("assertion").get()
    assert decision.assertion is not None
    said = json.loads(decision.assertion.signed)
    assert said["payload"] == request.content_hash
    assert said["matter"] == {"request": request.id, "step": 0, "verdict": "approve"}
    assert decision.assertion.method == "passkey"
    [shown] = selectors.decisions_of(request_ids=[request.id])[request.id]
    assert (shown.is_proved, shown.is_signed) == (True, True)
    assert signatures.differences() == []


def test_the_sealed_trail_holds_the_whole_signature(desk: Desk) -> None:
    desk.signed(desk.submit())

    fact = json.loads(Fact.objects.get(action="approvals.step_approve").body)
    assert signatures.as_kept(fact["assertion"]) == fact["signature"]
    assert set(fact["signature"]) == {
        "signed",
        "client_data",
        "authenticator_data",
        "signature",
        "public_key",
    }


def test_who_has_a_passkey_does_not_decide_by_code(desk: Desk) -> None:
    request = desk.submit()
    code = desk.code(desk.team.supervisor, 1)

    with pytest.raises(errors.PasskeyNeeded):
        desk.approve(request, code=code)
    by_code = identity.step_up(
        purpose=proving.TO_DECIDE,
        payload_hash=request.content_hash,
        code=code,
        actor=actor(desk.team.supervisor, at=NOW),
        at=NOW,
    )
    with pytest.raises(errors.PasskeyNeeded):  # the database's own word
        desk.approve(request, assertion_id=by_code)
    assert Decision.objects.count() == 0
    detail = selectors.request(
        request_id=request.id, actor=actor(desk.team.supervisor, at=NOW), at=NOW
    )
    assert (detail.needs_step_up, detail.needs_passkey) == (True, True)

    desk.signed(request)
    assert Decision.objects.count() == 1


def test_who_has_none_decides_by_code_and_has_nothing_to_sign(desk: Desk) -> None:
    request = desk.submit()
    desk.signed(request)
    manager = desk.team.manager

    with pytest.raises(PasskeyRefused):
        desk.ask(request, manager)
    done = services.approve(
        request_id=request.id,
        content_hash=request.content_hash,
        code=desk.apps[manager.pk].at(NOW),
        actor=actor(manager, at=NOW),
        at=NOW,
    )

    assert done.state == "approved"
    kinds = Decision.objects.order_by("pk").values_list("assertion__method", flat=True)
    assert list(kinds) == ["passkey", "totp"]


def test_a_signature_for_another_request_decides_nothing(desk: Desk) -> None:
    first, second = desk.submit(), desk.submit()
    asked = desk.ask(first)
    answer = Answer(signed=asked.signed, response=desk.device.signs(asked.options))

    with pytest.raises(PasskeyRefused):
        desk.approve(second, passkey=answer)
    assert Decision.objects.count() == 0
    desk.approve(first, passkey=answer)
    with pytest.raises((PasskeyRefused, errors.DecidedBefore)):
        desk.approve(first, passkey=answer)

    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "column", [{"verdict": "return", "opinion": "no"}, {"step": 1}], ids=["verdict", "step"]
)
def test_the_database_compares_the_decision_with_what_was_signed(
    desk: Desk, as_superuser: Connection, column: dict[str, Any]
) -> None:
    """A proof made by the app's own code, cited for another verdict or another step."""
    request = desk.submit()
    asked = desk.ask(request)
    supervisor = desk.team.supervisor
    proof = identity.sign(
        purpose=proving.TO_DECIDE,
        payload_hash=request.content_hash,
        matter=proving.matter_of(request_id=request.id, step=0, verdict="approve"),
        answer=Answer(signed=asked.signed, response=desk.device.signs(asked.options)),
        actor=actor(supervisor, at=NOW),
        at=NOW,
    )
    given = {
        "request_id": request.id,
        "step": 0,
        "verdict": "approve",
        "requester_person_id": request.requester_person_id,
        "decider_person_id": supervisor.person_id,
        "decider_name": "supervisor",
        "role": "operations_supervisor",
        "content_hash": request.content_hash,
        "figures": json.dumps(request.figures),
        "opinion": "",
        "at": NOW,
        "assertion_id": proof,
        **column,
    }
    if "step" in column:  # the step's turn is another trigger's matter
        with as_superuser.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE approvals_decision DISABLE TRIGGER approvals_decision_in_order"
            )
            cursor.execute(
                "INSERT INTO approvals_approver"
                " (request_id, step, person_id, role, level, named_at)"
                " VALUES (%s, 1, %s, 'operations_supervisor', 0, now())",
                [request.id, supervisor.person_id],
            )

    with (
        pytest.raises(IntegrityError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO approvals_decision ({', '.join(given)})"
            f" VALUES ({', '.join(['%s'] * len(given))})",
            list(given.values()),
        )

    assert caught.value.__cause__.diag.constraint_name == "decision_signed_as_made"  # type: ignore[union-attr]
    assert Decision.objects.count() == 0


def test_a_refused_signature_leaves_a_fact_and_no_decision(desk: Desk) -> None:
    request = desk.submit()
    desk.signed(desk.submit())
    asked = desk.ask(request)
    response = desk.device.signs(asked.options, count=1)

    with pytest.raises(PasskeyRefused):
        desk.approve(request, passkey=Answer(signed=asked.signed, response=response))

    refused = Fact.objects.filter(action="approvals.refused").latest("id")
    assert json.loads(refused.body)["code"] == "identity.passkey_counter_back"
    assert Decision.objects.filter(request_id=request.id).count() == 0


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            f"UPDATE identity_assertion SET signature = {_BENT} WHERE method = 'passkey'",
            "not that of the passkey",
        ),
        ("UPDATE identity_passkey SET credential = %s::bytea", "not that of the passkey"),
        (
            f"UPDATE approvals_decision SET verdict = 'opinion', opinion = 'x' WHERE {_SIGNED}",
            "over something else",
        ),
        (f"UPDATE approvals_decision SET step = 1 WHERE {_SIGNED}", "over something else"),
        (
            f"UPDATE approvals_decision SET content_hash = repeat('0', 64) WHERE {_SIGNED}",
            "over something else",
        ),
    ],
    ids=["signature", "public key", "verdict", "step", "content"],
)
def test_a_decision_that_does_not_match_its_signature_is_found(
    desk: Desk,
    as_superuser: Connection,
    capsys: pytest.CaptureFixture[str],
    statement: str,
    words: str,
) -> None:
    request = desk.submit()
    desk.signed(request)
    assert signatures.differences() == []
    other = Authenticator(desk.device.origin, desk.device.rp_id)
    other.credential_id = desk.device.credential_id
    values = [other.attested()] if "%s" in statement else []

    _bend(as_superuser, statement, *values)

    [line] = signatures.differences()
    assert words in line
    assert f"request {request.id}" in line
    with pytest.raises(CommandError):
        call_command("verify", "audit")
    assert words in capsys.readouterr().out
    desk.subjects = 100  # what was bent here stays bent


def test_kept_signatures_outlive_the_settings(
    desk: Desk, settings: Any, as_superuser: Connection
) -> None:
    desk.signed(desk.submit())
    settings.PASSKEY_ORIGINS = ["https://new.example"]
    settings.PASSKEY_RP_ID = "new.example"

    assert signatures.differences() == []


def test_signatures_stay_good_when_the_passkey_is_removed(desk: Desk) -> None:
    request = desk.submit()
    desk.signed(request)
    later = NOW.replace(microsecond=0)
    identity.remove_passkey(
        passkey_id=Passkey.objects.get().pk,
        code=desk.code(desk.team.supervisor, 1),
        actor=actor(desk.team.supervisor, at=NOW),
        at=later,
    )

    assert signatures.differences() == []
