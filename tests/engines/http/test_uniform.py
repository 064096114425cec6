"""The door says the same to everybody it refuses, and believes no address it is told (S10)."""

import statistics
import time

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import SignInTry
from tests.engines.identity.factories import AT, PASSWORD, SYSTEM, account

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
WRONG = "wrong"
VARYING = {"X-Request-ID", "Set-Cookie", "Content-Security-Policy"}


def _ask(username: str, password: str = WRONG, **headers: str) -> tuple[int, str, list[str]]:
    client = Client(headers=headers)
    answer = client.post(LOGIN, {"username": username, "password": password})
    shown = answer.content.decode().replace(username, "NAME")
    for token in (
        answer.wsgi_request.META.get("CSRF_COOKIE", ""),
        str(answer.context["csrf_token"]),
    ):
        shown = shown.replace(token, "TOKEN") if token else shown
    return answer.status_code, shown, sorted(set(answer.headers) - VARYING)


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


def test_known_and_unknown_names_cost_the_same_time(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    account("keeper")

    def cost(name: str) -> float:
        started = time.process_time()
        _ask(name)
        return time.process_time() - started

    pairs = [(cost("keeper"), cost("nobody")) for _number in range(9)]
    known, unknown = (statistics.median(one) for one in zip(*pairs, strict=True))

    assert abs(known - unknown) <= 0.25 * max(known, unknown)


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
