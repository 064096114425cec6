"""The health page tells an orchestrator the truth."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from ops import health


@pytest.mark.django_db
def test_health_is_ok_when_every_part_answers(client: Client) -> None:
    answer = client.get("/health/")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "parts": {"database": "ok", "broker": "ok"}}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_health_asks_to_come_back_when_the_broker_is_away(
    client: Client, settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/valkey.sock?virtual_host=0"

    answer = client.get("/health/")

    assert answer.status_code == 503
    assert answer["Retry-After"] == str(health.RETRY_AFTER_SECONDS)
    assert answer.json()["parts"] == {"database": "ok", "broker": "down"}


@pytest.mark.django_db
def test_broker_answers_over_its_socket(settings: Settings, valkey: str) -> None:
    settings.CELERY_BROKER_URL = valkey

    assert health.broker_answers()


@pytest.mark.django_db
def test_life_is_told_without_asking_the_parts(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/valkey.sock?virtual_host=0"

    assert client.get("/health/?live").status_code == 200
