"""Passkeys: added and removed by a fresh code, signing in, and what is refused (S11)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from psycopg2 import IntegrityError

from ops.engines.audit.models import Fact
from ops.engines.identity import selectors, services, webauthn
from ops.engines.identity.choices import Role
from ops.engines.identity.errors import (
    PasskeyRefused,
    PersonMissing,
    SignInRefused,
    StepUpRefused,
    TooManyTries,
)
from ops.engines.identity.models import Assertion, Passkey, SpentChallenge, User
from ops.engines.identity.types import Answer, Ceremony
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Conflict, OpsError, RuleViolation
from tests.engines.identity.factories import PASSWORD, SYSTEM, account
from tests.support.authenticator import PRESENT, Authenticator
from tests.support.cluster import OwnDatabase

ADDRESS = "192.0.2.7"
PAYLOAD, MATTER = "a" * 64, {"request": 1, "step": 0, "verdict": "approve"}


@dataclass
class Holder:
    """A manager with a second factor, a clock in which every code is new, and a device."""

    user: User
    otp: pyotp.TOTP
    device: Authenticator
    at: datetime

    @property
    def actor(self) -> Actor:
        return self.named("desk")

    def named(self, session: str) -> Actor:
        user = User.objects.select_related("person").get(pk=self.user.pk)
        return selectors.actor_for(user, at=self.at, session=session)

    def code(self) -> str:
        self.at += timedelta(seconds=90)
        return self.otp.at(self.at)

    def add(self, name: str = "Phone", device: Authenticator | None = None, **wrong: Any) -> int:
        code = self.code()
        asked = services.ask_to_add(actor=self.actor, at=self.at)
        response = (device or self.device).registers(asked.options, **wrong)
        return services.add_passkey(
            answer=Answer(signed=asked.signed, response=response),
            name=name,
            code=code,
            actor=self.actor,
            at=self.at,
        ).passkey_id

    def ask(self) -> Ceremony:
        return services.ask_to_sign(
            purpose="approvals.decide",
            payload_hash=PAYLOAD,
            matter=MATTER,
            actor=self.actor,
            at=self.at,
        )

    def sign(self, asked: Ceremony, response: str, **changes: Any) -> int:
        given: dict[str, Any] = {
            "purpose": "approvals.decide",
            "payload_hash": PAYLOAD,
            "matter": MATTER,
            "answer": Answer(signed=asked.signed, response=response),
            "actor": self.actor,
            "at": self.at,
            **changes,
        }
        return services.sign(**given)

    def enter(self, asked: Ceremony, response: str) -> User:
        return services.sign_in_with_passkey(
            answer=Answer(signed=asked.signed, response=response), address=ADDRESS, at=self.at
        ).user


def device() -> Authenticator:
    return Authenticator(settings.PASSKEY_ORIGINS[0], settings.PASSKEY_RP_ID)


def enrolled(name: str) -> Holder:
    user, now = account(name, Role.OPERATIONS_MANAGER), timezone.now()
    made = services.enrol_totp(
        user_id=user.pk, actor=SYSTEM, at=now - timedelta(hours=1), trusted=True
    )
    return Holder(user, pyotp.TOTP(made.secret), device(), now)


@pytest.fixture
def holder(own_database: OwnDatabase) -> Iterator[Holder]:
    yield enrolled("holder")
    assert own_database.name


def facts(action: str) -> list[dict[str, Any]]:
    found = Fact.objects.filter(action=action).order_by("id")
    return [json.loads(fact.body) for fact in found]


def test_a_passkey_is_added_by_a_fresh_code_and_removed_by_another(holder: Holder) -> None:
    phone = holder.add("Phone")
    laptop = holder.add("Laptop", device())

    assert [key.name for key in selectors.passkeys_of(holder.user.pk)] == ["Phone", "Laptop"]
    services.remove_passkey(passkey_id=phone, code=holder.code(), actor=holder.actor, at=holder.at)

    assert [key.passkey_id for key in selectors.passkeys_of(holder.user.pk)] == [laptop]
    assert Passkey.objects.get(pk=phone).removed_at is not None
    assert facts("identity.passkey_added") == [
        {"name": "Phone", "passkey": phone},
        {"name": "Laptop", "passkey": laptop},
    ]
    assert facts("identity.passkey_removed") == [{"name": "Phone", "passkey": phone}]


def test_adding_or_removing_without_a_good_code_changes_nothing(holder: Holder) -> None:
    phone = holder.add()
    asked = services.ask_to_add(actor=holder.actor, at=holder.at)
    answer = Answer(signed=asked.signed, response=device().registers(asked.options))
    given: dict[str, Any] = {"actor": holder.actor, "at": holder.at}

    for code in ("", "000000", holder.otp.at(holder.at)):  # the last was spent a moment ago
        with pytest.raises(StepUpRefused):
            services.add_passkey(answer=answer, name="Other", code=code, **given)
        with pytest.raises(StepUpRefused):
            services.remove_passkey(passkey_id=phone, code=code, **given)
    with pytest.raises(BadInput):
        services.add_passkey(answer=answer, name=" ", code=holder.code(), **given)

    assert [key.passkey_id for key in selectors.passkeys_of(holder.user.pk)] == [phone]
    assert len(facts("identity.passkey_added")) == 1


def test_nobody_removes_anothers_passkey(holder: Holder) -> None:
    other = enrolled("other")
    phone = holder.add()

    with pytest.raises(PersonMissing):
        services.remove_passkey(passkey_id=phone, code=other.code(), actor=other.actor, at=other.at)

    assert Passkey.objects.get(pk=phone).removed_at is None


def test_an_account_without_a_second_factor_adds_none(holder: Holder) -> None:
    user = account("bare", Role.OPERATIONS_MANAGER)
    actor = selectors.actor_for(user, at=holder.at)

    with pytest.raises(RuleViolation):
        services.ask_to_add(actor=actor, at=holder.at)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"type": "webauthn.get"},
        {"challenge": webauthn.text_of(b"x" * 32)},
    ],
    ids=["origin", "relying party", "not verified", "type", "challenge"],
)
def test_a_key_made_elsewhere_or_for_something_else_is_not_added(
    holder: Holder, wrong: dict[str, Any]
) -> None:
    with pytest.raises(PasskeyRefused):
        holder.add(**wrong)

    assert not Passkey.objects.exists()
    assert not Assertion.objects.exists()


def test_a_key_is_added_once_in_its_own_session_and_in_time(holder: Holder) -> None:
    code = holder.code()
    asked = services.ask_to_add(actor=holder.actor, at=holder.at)
    answer = Answer(signed=asked.signed, response=holder.device.registers(asked.options))
    late = holder.at + timedelta(minutes=5, seconds=1)

    for actor, at in ((holder.named("another"), holder.at), (holder.actor, late)):
        with pytest.raises(PasskeyRefused):
            services.add_passkey(answer=answer, name="n", code=code, actor=actor, at=at)
    services.add_passkey(answer=answer, name="n", code=code, actor=holder.actor, at=holder.at)
    other = enrolled("other")
    with pytest.raises(PasskeyRefused):  # the same answer, handed in by somebody else
        services.add_passkey(
            answer=answer, name="n", code=other.code(), actor=other.actor, at=other.at
        )
    with pytest.raises(Conflict):  # the same key for another account
        other.add(device=holder.device)

    assert Passkey.objects.count() == 1


def test_a_passkey_signs_and_all_of_it_is_kept(holder: Holder) -> None:
    phone = holder.add()
    asked = holder.ask()

    made = holder.sign(asked, holder.device.signs(asked.options))

    kept = selectors.evidence([made])[made]
    assert kept.signed == asked.signed
    assert json.loads(kept.signed)["payload"] == PAYLOAD
    assert json.loads(kept.signed)["matter"] == MATTER
    assert webauthn.checked(
        webauthn.signature_of(kept),
        signed=kept.signed,
        credential=kept.credential,
        rp_id=settings.PASSKEY_RP_ID,
    )
    row = Assertion.objects.get(pk=made)
    assert (row.method, row.passkey_id, row.counter) == ("passkey", phone, None)
    assert Passkey.objects.get(pk=phone).sign_count == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://localhost:9999"},  # within the name, and yet no page of ours
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"type": "webauthn.create"},
        {"challenge": webauthn.text_of(b"x" * 32)},
        {"signer": device()},
    ],
    ids=["origin", "page", "relying party", "not verified", "type", "challenge", "another's key"],
)
def test_what_was_signed_elsewhere_or_by_another_key_is_refused(
    holder: Holder, wrong: dict[str, Any]
) -> None:
    holder.add()
    before = Assertion.objects.count()
    asked = holder.ask()

    with pytest.raises(PasskeyRefused):
        holder.sign(asked, holder.device.signs(asked.options, **wrong))

    assert Assertion.objects.count() == before


@pytest.mark.parametrize("response", ["", "{}", "[]", '{"response": []}', "x" * 9000, "null"])
def test_an_unreadable_answer_is_a_refusal_not_a_fault(holder: Holder, response: str) -> None:
    holder.add()

    with pytest.raises(PasskeyRefused):
        holder.sign(holder.ask(), response)


def test_a_signature_is_for_its_payload_matter_purpose_person_session_and_time(
    holder: Holder,
) -> None:
    holder.add()
    other = enrolled("other")
    other.add()
    before = Assertion.objects.count()
    asked = holder.ask()
    response = holder.device.signs(asked.options)
    wrongs: list[dict[str, Any]] = [
        {"payload_hash": "b" * 64},
        {"matter": {**MATTER, "verdict": "opinion"}},
        {"matter": {**MATTER, "step": 1}},
        {"purpose": "approvals.request"},
        {"actor": other.actor},
        {"actor": holder.named("another session")},
        {"at": holder.at + timedelta(minutes=5, seconds=1)},
        {"at": holder.at - timedelta(seconds=1)},
    ]

    for wrong in wrongs:
        with pytest.raises(PasskeyRefused):
            holder.sign(asked, response, **wrong)
    assert Assertion.objects.count() == before
    holder.sign(asked, response)
    with pytest.raises(PasskeyRefused) as caught:
        holder.sign(asked, response)
    assert caught.value.code == "identity.passkey_replayed"

    assert Assertion.objects.count() == before + 1


def test_fifty_replays_of_a_signature_at_once_make_one_proof(holder: Holder) -> None:
    holder.add()
    before = Assertion.objects.count()
    asked = holder.ask()
    response, actor, start = holder.device.signs(asked.options), holder.actor, Barrier(50)

    def replay(_number: int) -> str:
        try:
            start.wait()
            holder.sign(asked, response, actor=actor)
        except OpsError as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "signed"

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(replay, range(50)))

    assert results.count("signed") == 1
    assert set(results) <= {"signed", "identity.passkey_replayed", "identity.too_many_tries"}
    assert Assertion.objects.count() == before + 1


def test_a_counter_that_does_not_go_up_is_refused(holder: Holder) -> None:
    phone = holder.add()
    asked = holder.ask()
    holder.sign(asked, holder.device.signs(asked.options, count=7))
    before = Assertion.objects.count()

    for count in (7, 6, 0):
        asked = holder.ask()
        with pytest.raises(PasskeyRefused) as caught:
            holder.sign(asked, holder.device.signs(asked.options, count=count))
        assert caught.value.code == "identity.passkey_counter_back"

    assert Assertion.objects.count() == before
    assert Passkey.objects.get(pk=phone).sign_count == 7


def test_a_key_that_counts_nothing_signs_again_and_again(holder: Holder) -> None:
    holder.add()
    before = Assertion.objects.count()

    for _time in range(3):
        asked = holder.ask()
        holder.sign(asked, holder.device.signs(asked.options, count=0))

    assert Assertion.objects.count() == before + 3


def test_wrong_signatures_are_few(holder: Holder) -> None:
    holder.add()
    for _time in range(10):
        asked = holder.ask()
        with pytest.raises(PasskeyRefused):
            holder.sign(asked, holder.device.signs(asked.options, signer=device()))

    asked = holder.ask()
    with pytest.raises(TooManyTries):
        holder.sign(asked, holder.device.signs(asked.options))


def test_a_passkey_alone_opens_the_door(holder: Holder) -> None:
    holder.add()
    asked = services.ask_to_sign_in(at=holder.at)
    response = holder.device.signs(asked.options)

    assert holder.enter(asked, response).pk == holder.user.pk
    with pytest.raises(SignInRefused):  # once
        holder.enter(asked, response)

    assert len(facts("identity.signed_in")) == 1
    assert len(facts("identity.sign_in_refused")) == 1


def test_one_answer_of_a_key_that_counts_nothing_opens_the_door_once(holder: Holder) -> None:
    holder.add()
    asked = services.ask_to_sign_in(at=holder.at)
    response = holder.device.signs(asked.options, count=0)

    holder.enter(asked, response)
    with pytest.raises(SignInRefused):
        holder.enter(asked, response)

    assert len(facts("identity.signed_in")) == 1


def test_a_passkey_stands_in_for_the_code_but_not_for_the_password(holder: Holder) -> None:
    holder.add()
    other = enrolled("other")
    other.add()

    def enter(password: str, with_key_of: Holder) -> User:
        asked = services.ask_to_sign_in(at=holder.at)
        response = with_key_of.device.signs(asked.options)
        return services.sign_in(
            username="holder",
            password=password,
            code="",
            address=ADDRESS,
            passkey=Answer(signed=asked.signed, response=response),
            at=holder.at,
        ).user

    for password, key in (("wrong", holder), (PASSWORD, other)):
        with pytest.raises(SignInRefused):
            enter(password, key)
    assert not facts("identity.signed_in")

    assert enter(PASSWORD, holder).pk == holder.user.pk


def test_a_counter_that_goes_back_at_the_door_leaves_a_fact(holder: Holder) -> None:
    holder.add()
    asked = services.ask_to_sign_in(at=holder.at)
    holder.enter(asked, holder.device.signs(asked.options, count=5))

    asked = services.ask_to_sign_in(at=holder.at)
    with pytest.raises(SignInRefused):
        holder.enter(asked, holder.device.signs(asked.options, count=5))

    assert len(facts("identity.passkey_counter_back")) == 1
    assert len(facts("identity.signed_in")) == 1


def test_keys_from_before_the_second_factor_was_reset_count_no_more(holder: Holder) -> None:
    holder.add()
    supervisor = selectors.actor_for(account("security", Role.INFORMATION_SUPERVISOR), at=holder.at)
    services.reset_totp(
        user_id=holder.user.pk, reason="the phone is lost", actor=supervisor, at=holder.at
    )
    services.enrol_totp(
        user_id=holder.user.pk,
        actor=SYSTEM,
        at=timezone.now() + timedelta(seconds=1),
        trusted=True,
    )

    assert selectors.passkeys_of(holder.user.pk) == []
    asked = services.ask_to_sign_in(at=holder.at)
    with pytest.raises(SignInRefused):
        holder.enter(asked, holder.device.signs(asked.options))


def test_a_removed_key_and_an_account_switched_off_open_nothing(holder: Holder) -> None:
    phone = holder.add()
    asked = services.ask_to_sign_in(at=holder.at)
    services.remove_passkey(passkey_id=phone, code=holder.code(), actor=holder.actor, at=holder.at)

    with pytest.raises(SignInRefused):
        holder.enter(asked, holder.device.signs(asked.options))

    second = device()
    holder.add(device=second)
    User.objects.filter(pk=holder.user.pk).update(is_active=False)
    asked = services.ask_to_sign_in(at=holder.at)
    with pytest.raises(SignInRefused):
        holder.enter(asked, second.signs(asked.options))


def test_the_app_role_writes_no_key_and_no_challenge(holder: Holder) -> None:
    phone = holder.add()
    asked = holder.ask()
    holder.sign(asked, holder.device.signs(asked.options))
    before = (Passkey.objects.count(), SpentChallenge.objects.count(), Assertion.objects.count())
    statements = (
        (
            "INSERT INTO identity_passkey (user_id, credential_id, credential, name, sign_count)"
            f" VALUES ({holder.user.pk}, 'x', '\\x00', 'mine', 0)"
        ),
        f"UPDATE identity_passkey SET credential = '\\x00' WHERE id = {phone}",
        f"UPDATE identity_passkey SET removed_at = now() WHERE id = {phone}",
        f"DELETE FROM identity_passkey WHERE id = {phone}",
        "DELETE FROM identity_spentchallenge",
        f"INSERT INTO identity_spentchallenge (digest) VALUES ('{'0' * 64}')",
        "UPDATE identity_assertion SET signature = '\\x00'",
    )

    for statement in statements:
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(statement)

    after = (Passkey.objects.count(), SpentChallenge.objects.count(), Assertion.objects.count())
    assert after == before


def test_a_key_comes_and_goes_with_its_fact_or_not_at_all(
    holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = holder.add()
    told = Fact.objects.count()

    def dead(**told: Any) -> int:
        raise DatabaseError("the connection is gone")

    monkeypatch.setattr("ops.engines.audit.services.record", dead)
    with pytest.raises(DatabaseError):
        holder.add("Laptop", device())
    with pytest.raises(DatabaseError):
        services.remove_passkey(
            passkey_id=phone, code=holder.code(), actor=holder.actor, at=holder.at
        )

    assert [key.passkey_id for key in selectors.passkeys_of(holder.user.pk)] == [phone]
    assert Fact.objects.filter(action__startswith="identity.passkey").count() == 1
    assert Fact.objects.count() == told


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT INTO identity_passkey (user_id, credential_id, credential, name, sign_count)"
            " SELECT user_id, 'silent', '\\x00', 'Silent', 0 FROM identity_passkey"
        ),
        "UPDATE identity_passkey SET removed_at = now()",
    ],
)
def test_the_database_refuses_a_key_that_comes_or_goes_untold(
    holder: Holder, statement: str
) -> None:
    phone = holder.add()

    with (
        pytest.raises(DatabaseError, match="comes or goes with its fact"),
        transaction.atomic(using=settings.AUTH_ALIAS),
        connections[settings.AUTH_ALIAS].cursor() as cursor,
    ):
        cursor.execute(statement)

    assert [key.passkey_id for key in selectors.passkeys_of(holder.user.pk)] == [phone]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("sign_count = sign_count - 1", "passkey_counter_never_back"),
        ("credential = '\\x00'", "passkey_stays"),
        ("user_id = 0", "passkey_stays"),
    ],
)
def test_not_even_the_owner_bends_a_key(
    holder: Holder, as_owner: Any, change: str, constraint: str
) -> None:
    holder.add()
    asked = holder.ask()
    holder.sign(asked, holder.device.signs(asked.options))

    with pytest.raises(IntegrityError) as caught, as_owner.cursor() as cursor:
        cursor.execute(f"UPDATE identity_passkey SET {change}")

    assert caught.value.diag.constraint_name == constraint
    assert Passkey.objects.get().sign_count == 1


def test_a_signature_row_says_what_was_signed_or_is_no_row(holder: Holder) -> None:
    phone = holder.add()
    asked = holder.ask()
    made = Assertion.objects.get(pk=holder.sign(asked, holder.device.signs(asked.options)))
    other = enrolled("other")
    of_other = made.signed.replace(f'"user":{holder.user.pk}', f'"user":{other.user.pk}')
    columns: dict[str, Any] = {
        "person_id": holder.user.person_id,
        "user_id": holder.user.pk,
        "purpose": made.purpose,
        "payload_hash": PAYLOAD,
        "method": "passkey",
        "passkey_id": phone,
        "signed": made.signed,
        "client_data": made.client_data,
        "authenticator_data": bytes(made.authenticator_data or b""),
        "signature": b"another",
    }
    wrongs: dict[str, list[dict[str, Any]]] = {
        "assertion_signs_what_it_says": [
            {"payload_hash": "b" * 64},
            {"purpose": "approvals.request"},
            {"signed": made.signed.replace("approve", "opinion")},
        ],
        "assertion_by_own_passkey": [
            {
                "user_id": other.user.pk,
                "signed": of_other,
                "client_data": made.client_data.replace(
                    asked.options["challenge"], webauthn.text_of(webauthn.challenge_of(of_other))
                ),
            },
        ],
        "assertion_signature_once": [{"signature": bytes(made.signature or b"")}],
        "assertion_method_known": [{"passkey_id": None}, {"signature": None}, {"method": "sms"}],
    }
    insert = (
        f"INSERT INTO identity_assertion ({', '.join(columns)})"
        f" VALUES ({', '.join(['%s'] * len(columns))})"
    )

    for constraint, changes in wrongs.items():
        for change in changes:
            with (
                pytest.raises(DatabaseError, match=constraint),
                transaction.atomic(using="auth"),
                connections["auth"].cursor() as cursor,
            ):
                cursor.execute(insert, list((columns | change).values()))


def test_an_eleventh_passkey_is_one_too_many(holder: Holder) -> None:
    for number in range(10):
        holder.add(f"Key {number}", device())

    with pytest.raises(RuleViolation):
        services.ask_to_add(actor=holder.actor, at=holder.at)


def test_the_options_ask_for_a_key_that_knows_its_holder(holder: Holder) -> None:
    phone = replace(holder.device)
    asked = services.ask_to_add(actor=holder.actor, at=holder.at).options
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["attestation"] == "none"
    holder.add()

    signing = holder.ask().options

    assert signing["userVerification"] == "required"
    assert [key["id"] for key in signing["allowCredentials"]] == [
        webauthn.text_of(phone.credential_id)
    ]
    assert signing["rpId"] == settings.PASSKEY_RP_ID
    assert "allowCredentials" not in services.ask_to_sign_in(at=holder.at).options
