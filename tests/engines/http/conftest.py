"""Programs and people at the door."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from ops.engines.http.middleware import open_session
from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.engines.identity.factories import SYSTEM, account

BACKEND = "ops.engines.identity.backends.AccountBackend"


def with_token(user: User) -> APIClient:
    """Return an API client that sends a token of the account."""
    made = services.create_api_token(
        user_id=user.pk,
        label="tests",
        lifetime=timedelta(days=1),
        actor=SYSTEM,
        at=timezone.now(),
    )
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {made.token}")
    return client


@pytest.fixture
def manager(db: None) -> User:
    return account("manager", Role.OPERATIONS_MANAGER)


@pytest.fixture
def api(manager: User) -> APIClient:
    return with_token(manager)


@pytest.fixture
def outsider(db: None) -> APIClient:
    return with_token(account("shop", Role.BUYER))


@pytest.fixture
def enter() -> Callable[[User], Client]:
    """Return a browser signed in as an account, its clocks started now."""

    def sign_in(user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user, backend=BACKEND)
        session = client.session

        class _Request:
            pass

        request = _Request()
        request.session = session  # type: ignore[attr-defined]
        open_session(request, must_enrol=False, at=timezone.now())  # type: ignore[arg-type]
        session.save()
        return client

    return sign_in
