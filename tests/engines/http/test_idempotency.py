"""One effect per key, the first answer byte for byte (R5)."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from ops.engines.http import idempotency
from ops.engines.http.models import IdempotencyKey
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department
from tests.engines.identity.factories import account

from .conftest import with_token

pytestmark = pytest.mark.urls("tests.engines.http.sample")
PLACES = "/api/v1/places/"


def _post(api: APIClient, body: Any, key: str, url: str = PLACES) -> Any:
    return api.post(
        url,
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


@pytest.mark.django_db
def test_the_same_request_gets_the_first_answer_byte_for_byte(api: APIClient) -> None:
    first = _post(api, {"code": "a", "name": "n"}, "k")
    Department.objects.update(name="changed since")
    again = _post(api, {"code": "a", "name": "n"}, "k")

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"] == "application/json"
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Department.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_422(api: APIClient) -> None:
    _post(api, {"code": "a", "name": "n"}, "k")

    answer = _post(api, {"code": "b", "name": "n"}, "k")

    assert answer.status_code == 422
    assert answer.json()["code"] == "http.idempotency_reused"
    assert list(Department.objects.values_list("code", flat=True)) == ["a"]


@pytest.mark.django_db
def test_keys_belong_to_account_and_route(api: APIClient) -> None:
    other = with_token(account("other", Role.OPERATIONS_MANAGER))
    _post(api, {"code": "a", "name": "n"}, "k")

    others = _post(other, {"code": "b", "name": "n"}, "k")
    elsewhere = _post(api, {}, "k", f"{PLACES}refuse/")

    assert others.status_code == 201
    assert elsewhere.json()["code"] == "sample.no"


@pytest.mark.django_db
def test_a_refusal_by_rule_is_kept_and_undoes_everything(api: APIClient) -> None:
    first = _post(api, {}, "k", f"{PLACES}refuse/")
    again = _post(api, {}, "k", f"{PLACES}refuse/")

    assert first.status_code == 422
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert not Department.objects.exists()


@pytest.mark.django_db
def test_unreadable_input_is_not_kept(api: APIClient) -> None:
    wrong = _post(api, {"code": "a"}, "k")
    right = _post(api, {"code": "a", "name": "n"}, "k")

    assert (wrong.status_code, right.status_code) == (400, 201)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "a\tb"])
def test_odd_keys_are_400(api: APIClient, key: str) -> None:
    answer = _post(api, {"code": "a", "name": "n"}, key)

    assert answer.status_code == 400
    assert not Department.objects.exists()


@pytest.mark.django_db
def test_a_key_costs_two_statements(api: APIClient) -> None:
    def statements(key: str | None, code: str) -> int:
        headers = {"Idempotency-Key": key} if key else {}
        with CaptureQueriesContext(connection) as queries:
            api.post(PLACES, {"code": code, "name": "n"}, headers=headers)
        return len([q for q in queries if "SAVEPOINT" not in q["sql"]])

    assert statements("k", "a") - statements(None, "b") == 2


@pytest.mark.django_db
def test_answers_are_forgotten_after_seven_days(api: APIClient) -> None:
    _post(api, {"code": "a", "name": "n"}, "old")
    _post(api, {"code": "b", "name": "n"}, "new")
    IdempotencyKey.objects.filter(key="old").update(at=timezone.now() - timedelta(days=8))

    forgotten = idempotency.forget(before=timezone.now() - idempotency.KEPT)

    assert forgotten == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


def test_repeats_at_once_have_one_effect(own_database: object) -> None:
    user = account("manager", Role.OPERATIONS_MANAGER)
    clients = [with_token(user) for _ in range(12)]
    answers: list[tuple[int, bytes]] = []

    def send(client: APIClient) -> None:
        answer = _post(client, {"code": "a", "name": "n"}, "k")
        answers.append((answer.status_code, answer.content))
        connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Department.objects.count() == 1
    assert {status for status, _body in answers} <= {201, 409}
    assert len({body for status, body in answers if status == 201}) == 1


def test_a_request_in_flight_is_409(own_database: object) -> None:
    user = account("manager", Role.OPERATIONS_MANAGER)
    api = with_token(user)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        asked = idempotency._Asked(user.pk, PLACES, "k", b"")
        with transaction.atomic():
            idempotency._ask(asked)
            held.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    during = _post(api, {"code": "a", "name": "n"}, "k")
    done.set()
    holder.join()
    after = _post(api, {"code": "a", "name": "n"}, "k")

    assert during.status_code == 409
    assert during.json()["code"] == "http.in_flight"
    assert after.status_code == 201
