"""The door says the same to everybody it refuses, and believes no address it is told (S10)."""

import statistics
import time
from typing import Any

import pytest
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from pytest_django.fixtures import Settings

from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import SignInTry
from tests.engines.identity.factories import AT, PASSWORD, SYSTEM, account
from tests.faults.ground import IS_FULL, keep

pytestmark = pytest.mark.django_db
LOGIN, API = "/accounts/login/", "/api/v1/auth/login"
WRONG = "wrong"
PAIRS = 300 if IS_FULL else 30
TIMED = 60
VARYING = {"X-Request-ID", "Set-Cookie", "Content-Security-Policy"}


def _ask(
    username: str,
    password: str = WRONG,
    *,
    door: str = LOGIN,
    address: str = "127.0.0.1",
    **headers: str,
) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """Return status, body and headers of a try, but for what differs from answer to answer."""
    client = Client(headers=headers, REMOTE_ADDR=address)
    kind = MULTIPART_CONTENT if door == LOGIN else "application/json"
    answer = client.post(door, {"username": username, "password": password}, content_type=kind)
    shown = answer.content.decode().replace(username, "NAME")
    tokens = [answer.wsgi_request.META.get("CSRF_COOKIE", "")]
    if answer.context is not None:
        tokens.append(str(answer.context["csrf_token"]))
    for token in filter(None, tokens):
        shown = shown.replace(token, "TOKEN")
    told = {name: text for name, text in answer.headers.items() if name not in VARYING}
    # The length goes with the name that is shown again.
    length = int(told.pop("Content-Length", 0)) - answer.content.count(username.encode()) * len(
        username
    )
    return answer.status_code, shown, (*sorted(told.items()), ("length", str(length)))


def _closed() -> None:
    user = account("closed")
    services.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=AT)


def test_body_status_and_headers_are_the_same_for_whoever_is_refused() -> None:
    account("keeper")
    _closed()
    manager = account("manager", Role.OPERATIONS_MANAGER)
    services.enrol_totp(user_id=manager.pk, actor=SYSTEM, at=AT, trusted=True)

    unknown = _ask("nobody")
    heard = [_ask("keeper"), _ask("closed", PASSWORD), _ask("manager", PASSWORD)]

    assert unknown[0] == 401
    assert heard == [unknown] * 3


def test_the_eleventh_answer_is_the_same_for_known_and_unknown_names() -> None:
    account("keeper")
    for name in ("keeper", "nobody"):
        for _number in range(10):
            _ask(name)

    known, unknown = _ask("keeper", PASSWORD), _ask("nobody", PASSWORD)

    assert known[0] == 429
    assert known == unknown


@pytest.mark.parametrize("door", [LOGIN, API])
def test_known_and_unknown_names_hear_the_same_in_pairs(door: str) -> None:
    heard = []
    for number in range(PAIRS):
        account(f"person-{number:03}")
        address = f"192.0.2.{number % 250}"
        heard.append(
            [
                _ask(f"{kind}-{number:03}", door=door, address=address)
                for kind in ("person", "nobody")
            ]
        )

    assert {pair[0][0] for pair in heard} == {401}
    assert [number for number, (known, unknown) in enumerate(heard) if known != unknown] == []
    assert len({pair[0][2] for pair in heard}) == 1


def test_whoever_asks_pays_for_one_password_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal work is what makes the times equal; the times themselves are taken at full length."""
    account("keeper")
    _closed()
    hasher, checks = type(get_hasher()), []
    plain = hasher.encode

    def counted(self: BasePasswordHasher, password: str, *rest: Any) -> str:
        checks.append(password)
        return plain(self, password, *rest)

    monkeypatch.setattr(hasher, "encode", counted)
    for name in ("keeper", "nobody", "closed"):
        assert _ask(name)[0] == 401

    assert checks == [WRONG] * 3


@pytest.mark.skipif(not IS_FULL, reason="times are taken at full length")
def test_known_and_unknown_names_cost_the_same_time(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]

    def cost(name: str, number: int) -> float:
        started = time.process_time()
        _ask(name, address=f"192.0.2.{number}")
        return time.process_time() - started

    pairs = []
    for number in range(TIMED):
        account(f"person-{number}")
        kinds = ("person", "nobody") if number % 2 else ("nobody", "person")
        times = {kind: cost(f"{kind}-{number}", number) for kind in kinds}
        pairs.append((times["person"], times["nobody"]))
    known, unknown = (statistics.median(one) for one in zip(*pairs, strict=True))
    keep(
        "sign-in",
        {"promise": "S10", "accepted": len(pairs), "known_s": known, "unknown_s": unknown},
    )

    assert abs(known - unknown) <= 0.1 * max(known, unknown)


def test_a_forged_address_buys_no_more_tries() -> None:
    for number in range(100):
        _ask(f"guess-{number}", **{"X-Forwarded-For": f"198.51.100.{number}"})

    assert _ask("another", **{"X-Forwarded-For": "203.0.113.9"})[0] == 429
    assert SignInTry.objects.values("address").distinct().count() == 1


def test_behind_the_proxy_only_the_entry_of_the_proxy_counts(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(100):
        _ask(f"guess-{number}", **{"X-Forwarded-For": f"198.51.100.{number}, 192.0.2.7"})

    assert _ask("another", **{"X-Forwarded-For": "10.0.0.1, 192.0.2.7"})[0] == 429
    assert _ask("another", **{"X-Forwarded-For": "192.0.2.8"})[0] == 401
