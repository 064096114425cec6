"""A file on its way breaks off when the right to it ends, by whatever the request came (S12)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest
from django.http import FileResponse
from django.test import Client
from django.utils import timezone

from ops.engines.http import entitled
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import ApiToken, User
from ops.engines.kernel.errors import Forbidden
from ops.engines.reports import services
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import PASSWORD, SYSTEM, account
from tests.engines.reports.conftest import AT
from tests.engines.reports.conftest import SYSTEM as REPORTER

pytestmark = pytest.mark.django_db
BLOCK = 4  # a small file stands for a long one


def demoted(user: User) -> None:
    held = user.person.assignments.get()
    identity.end_now(assignment_ids=[held.pk], actor=SYSTEM, at=timezone.now())


def disabled(user: User) -> None:
    identity.set_active(user_id=user.pk, is_active=False, actor=SYSTEM, at=timezone.now())


def left(user: User) -> None:
    """End the key or the session the file is taken with, and nothing else."""
    for token in ApiToken.objects.filter(user=user):
        identity.revoke_api_token(token_id=token.pk, actor=SYSTEM, at=timezone.now())
    for device in user.devices.all():
        identity.end_device(device_id=device.pk, actor=SYSTEM, at=timezone.now())


def browser(user: User) -> Client:
    client, now = Client(), timezone.now()
    secret = identity.enrol_totp(user_id=user.pk, actor=SYSTEM, at=now, trusted=True).secret
    proof = {"username": user.username, "password": PASSWORD, "code": pyotp.TOTP(secret).now()}
    assert client.post("/accounts/login/", proof).status_code == 302
    return client


def taken(user: User, way: str) -> Any:
    """Begin to take a report's file over the API or on the screen."""
    file = services.build(name="toy_sales", period="2026-10", fmt="csv", actor=REPORTER, at=AT)
    if way == "key":
        return with_token(user).get(f"/api/v1/reports/toy_sales/runs/{file.run_id}/file")
    return browser(user).get(f"/reports/runs/{file.run_id}/file/")


def run_on(blocks: Iterator[bytes]) -> None:
    """Take the rest as slowly as a thin wire does."""
    for _block in blocks:
        time.sleep(0.05)


@pytest.mark.parametrize("way", ["key", "session"])
@pytest.mark.parametrize("ends", [demoted, disabled, left], ids=lambda one: one.__name__)
def test_a_file_on_its_way_breaks_off_within_a_second(
    monkeypatch: pytest.MonkeyPatch, ends: Callable[[User], None], way: str
) -> None:
    monkeypatch.setattr(FileResponse, "block_size", BLOCK)
    user = account("auditor", Role.AUDITOR)
    answer = taken(user, way)
    blocks: Iterator[bytes] = iter(answer.streaming_content)
    assert len(next(blocks)) == BLOCK

    ends(user)
    ended = time.monotonic()
    with pytest.raises(Forbidden):
        run_on(blocks)

    assert time.monotonic() - ended <= 1


@pytest.mark.parametrize("way", ["key", "session"])
def test_a_file_on_its_way_goes_on_while_the_right_stands(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(entitled, "EVERY", 0.0)
    answer = taken(account("auditor", Role.AUDITOR), way)

    assert b"".join(answer.streaming_content)
