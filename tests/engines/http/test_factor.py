"""Every door asks an approver for the second factor; none leads around it (S11)."""

from __future__ import annotations

import base64
from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import ApiToken, User
from tests.engines.identity.factories import PASSWORD, SYSTEM, account

pytestmark = pytest.mark.django_db
LOGIN, API = "/accounts/login/", "/api/v1/auth/login"
PROOF = {"username": "manager", "password": PASSWORD}
# Whoever decides, administers or audits; the register says who needs the factor.
STRICT = (
    Role.OPERATIONS_MANAGER,
    Role.OPERATIONS_DIRECTOR,
    Role.FINANCE_MANAGER,
    Role.INFORMATION_SUPERVISOR,
    Role.AUDITOR,
)
BEHIND = ("/", "/me/", "/admin/", "/approvals/", "/api/v1/orders", "/accounts/password/")


@pytest.fixture
def enrolled() -> pyotp.TOTP:
    """Hire a manager who has the factor, and return what makes his codes."""
    user = account("manager", Role.OPERATIONS_MANAGER, is_staff=True)
    made = services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=timezone.now(), trusted=True)
    return pyotp.TOTP(made.secret)


def is_inside(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_the_form_opens_with_the_code_alone(enrolled: pyotp.TOTP) -> None:
    client = Client()

    without = client.post(LOGIN, PROOF)
    assert without.status_code == 401
    assert not is_inside(client)
    right = client.post(LOGIN, PROOF | {"code": enrolled.now()})

    assert right.status_code == 302
    assert is_inside(client)


def test_the_token_endpoint_gives_no_token_without_the_code(enrolled: pyotp.TOTP) -> None:
    for code in ("", "000000", enrolled.at(timezone.now() - timedelta(hours=1))):
        assert APIClient().post(API, PROOF | {"totp": code}).status_code == 401

    assert not ApiToken.objects.exists()


def test_the_record_screens_have_no_sign_in_of_their_own(enrolled: pyotp.TOTP) -> None:
    client = Client()

    answer = client.post(
        "/admin/login/", PROOF | {"this_is_the_login_form": "1", "next": "/admin/"}
    )

    assert answer.status_code == 302
    assert answer["Location"].startswith(LOGIN)
    assert client.get("/admin/").status_code == 302
    assert not is_inside(client)


@pytest.mark.parametrize("path", ["/api/v1/orders", "/", "/admin/"])
def test_name_and_password_in_a_header_open_nothing(enrolled: pyotp.TOTP, path: str) -> None:
    basic = base64.b64encode(f"manager:{PASSWORD}".encode()).decode()

    answer = Client().get(path, headers={"Authorization": f"Basic {basic}"})

    assert answer.status_code in {302, 401}
    assert "/login/" in answer.headers.get("Location", LOGIN)


def test_a_browser_that_is_known_still_owes_the_code(enrolled: pyotp.TOTP) -> None:
    client = Client()
    client.post(LOGIN, PROOF | {"code": enrolled.now()})
    client.post("/accounts/logout/")
    assert "device" in client.cookies

    again = client.post(LOGIN, PROOF)

    assert again.status_code == 401
    assert not is_inside(client)


def test_nothing_the_browser_keeps_outlives_the_session_as_a_proof(enrolled: pyotp.TOTP) -> None:
    client = Client()
    client.post(LOGIN, PROOF | {"code": enrolled.now()})
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    client.post("/accounts/logout/")

    later = Client()
    later.cookies.load(kept)

    assert not is_inside(later)


def test_a_password_set_anew_leaves_the_factor_where_it_was(enrolled: pyotp.TOTP) -> None:
    user = User.objects.get(username="manager")
    services.set_password(user_id=user.pk, password=PASSWORD + "2", actor=SYSTEM, at=timezone.now())

    answer = Client().post(LOGIN, PROOF | {"password": PASSWORD + "2"})

    assert answer.status_code == 401


@pytest.mark.parametrize("role", STRICT)
def test_without_the_factor_a_session_may_do_nothing_but_enrol(role: Role) -> None:
    account("manager", role, is_staff=True)
    client = Client()
    assert client.post(LOGIN, PROOF)["Location"] == "/accounts/code/"

    shown = {path: client.get(path) for path in BEHIND}
    token = APIClient().post(API, PROOF)

    held = {path for path, answer in shown.items() if answer.status_code != 200}
    assert held == set(BEHIND) - {"/accounts/password/"}
    assert {shown[path]["Location"] for path in held} == {"/accounts/code/"}
    assert token.status_code == 403
    assert not ApiToken.objects.exists()


def test_a_factor_that_was_reset_is_owed_again_at_every_door(enrolled: pyotp.TOTP) -> None:
    user = User.objects.get(username="manager")
    client = Client()
    client.post(LOGIN, PROOF | {"code": enrolled.now()})

    services.reset_totp(user_id=user.pk, reason="lost", actor=SYSTEM, at=timezone.now())

    assert not is_inside(client)
    assert client.post(LOGIN, PROOF)["Location"] == "/accounts/code/"
    assert APIClient().post(API, PROOF).status_code == 403


@pytest.mark.parametrize("door", [LOGIN, API])
def test_a_code_opens_one_door_once(enrolled: pyotp.TOTP, door: str) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        proof = PROOF | {"code" if door == LOGIN else "totp": enrolled.now()}
        asks = Client if door == LOGIN else APIClient
        first, again = (asks().post(door, proof).status_code for _time in range(2))
        other = APIClient().post(API, PROOF | {"totp": enrolled.now()}).status_code

    assert first in {200, 302}
    assert (again, other) == (401, 401)
