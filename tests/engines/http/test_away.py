"""A connection to the database that breaks under a request is 503, wherever it is missed (R11)."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

import pytest
from django.db import InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from ops.engines.http.api import PolicyAPIView
from ops.engines.http.urls import account_patterns
from ops.engines.http.views import policy_view
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import SIGNED_IN
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account

Enter = Callable[..., Client]


def cut() -> None:
    """Break the connection as a network does: the driver learns of it with the next statement."""
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


class Told(PolicyAPIView):
    policies = {"get": SIGNED_IN}

    def get(self, request: Request) -> Response:
        if "broken" in request.headers:
            raise InterfaceError("connection already closed")
        return Response("even")


@policy_view(SIGNED_IN)
def shown(request: HttpRequest) -> HttpResponse:
    if "late" in request.GET:  # the session is written after the view
        request.session["seen"] = True
        cut()
    return HttpResponse("even")


urlpatterns = [
    path("api/told/", Told.as_view()),
    path("shown/", shown, name="home"),
    path("accounts/", include((account_patterns, "accounts"))),
]
handler400 = "ops.engines.http.fallbacks.bad_request"
handler500 = "ops.engines.http.fallbacks.server_error"
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def reconnected(own_database: object) -> Iterator[None]:
    yield
    connection.close()


def test_an_api_request_whose_connection_breaks_is_told_to_try_again() -> None:
    client = with_token(account("keeper"))
    assert client.get("/api/told/").status_code == 200

    cut()
    away = client.get("/api/told/")
    connection.close()

    assert (away.status_code, away.json()["code"]) == (503, "http.try_again")
    assert away.headers["Retry-After"] == "5"
    assert client.get("/api/told/").status_code == 200


def test_a_connection_found_closed_is_no_bug() -> None:
    client = with_token(account("keeper"))

    away = client.get("/api/told/", headers={"Broken": "1"})

    assert (away.status_code, away.json()["code"]) == (503, "http.try_again")


@pytest.mark.parametrize("moment", ["before the view", "after the view"])
def test_a_screen_whose_connection_breaks_asks_to_try_again(enter: Enter, moment: str) -> None:
    client = enter(account("keeper", Role.WAREHOUSE_KEEPER))
    assert client.get("/shown/").status_code == 200

    if moment == "before the view":
        cut()
    away = client.get("/shown/", {"late": "1"} if moment == "after the view" else {})
    connection.close()

    assert away.status_code == 503
    assert away.headers["Retry-After"] == "5"
    assert client.get("/shown/").status_code == 200
