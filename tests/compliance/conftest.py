"""People and a folder of files for the tests of compliance."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from ops.engines.http.middleware import open_session
from ops.engines.identity.models import User
from ops.engines.identity.selectors.actors import actor_for
from ops.engines.kernel.actor import Actor
from tests.engines.identity.factories import account

BACKEND = "ops.engines.identity.backends.AccountBackend"
AT = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)


def enter(user: User) -> Client:
    """Return a browser signed in as an account, its clocks started now."""
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user, backend=BACKEND)
    request = HttpRequest()
    request.session = client.session
    open_session(request, must_enrol=False, at=timezone.now())
    request.session.save()
    return client


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def auditor_user(db: None) -> User:
    """The account of the auditor."""
    return account("韩雪", "auditor")


@pytest.fixture
def auditor(auditor_user: User) -> Actor:
    """The auditor."""
    return actor_for(auditor_user, at=AT)


@pytest.fixture
def officer_user(db: None) -> User:
    """The account of the compliance officer."""
    return account("许宁", "compliance_officer")


@pytest.fixture
def officer(officer_user: User) -> Actor:
    """The compliance officer."""
    return actor_for(officer_user, at=AT)


@pytest.fixture
def manager_user(db: None) -> User:
    """The account of the operations manager."""
    return account("王敏", "operations_manager")


@pytest.fixture
def manager(manager_user: User) -> Actor:
    """The operations manager."""
    return actor_for(manager_user, at=AT)
