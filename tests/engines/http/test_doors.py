"""No route without a policy; the API's own sign-in."""

import pyotp
import pytest
from django.contrib.admin import site
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView
from unfold.admin import ModelAdmin as UnfoldAdmin

from ops.engines.http import checks
from ops.engines.http.admin import ReadOnlyAdmin
from ops.engines.http.models import IdempotencyKey
from ops.engines.http.views import PolicyView
from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import ApiToken
from tests.engines.identity.factories import PASSWORD, SYSTEM, account

AUTH = "/api/v1/auth/"


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class BareApi(APIView):
    def get(self, request: HttpRequest) -> Response:
        return Response("open")


urlpatterns = [path("bare/", bare), path("api/bare/", BareApi.as_view())]


def test_every_route_of_the_product_has_a_policy() -> None:
    assert checks.undeclared() == []
    assert len(checks.routes()) > 40


@override_settings(ROOT_URLCONF=__name__)
def test_a_route_without_policy_stops_the_start() -> None:
    assert len(checks.undeclared()) == 2
    assert [error.id for error in checks.check_routes(None)] == ["http.E001"] * 2
    with pytest.raises(ImproperlyConfigured, match="bare"):
        checks.require_declared()


@pytest.mark.urls(__name__)
def test_an_api_view_without_policies_lets_nobody_in() -> None:
    assert APIClient().get("/api/bare/").status_code in {401, 403}


def test_a_screen_without_policy_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="declares no policy"):

        class Bare(PolicyView):
            def get(self, request: HttpRequest) -> HttpResponse:
                return HttpResponse()


def test_record_screens_without_policy_cannot_be_mounted() -> None:
    class Foreign(UnfoldAdmin):  # type: ignore[misc]
        pass

    class Undeclared(ReadOnlyAdmin):
        pass

    with pytest.raises(TypeError, match="must derive"):
        site.register(IdempotencyKey, Foreign)
    with pytest.raises(TypeError, match="declares no policy"):
        site.register(IdempotencyKey, Undeclared)

    assert not site.is_registered(IdempotencyKey)


@pytest.mark.django_db
def test_the_api_signs_in_with_password_and_code_and_out_again() -> None:
    user = account("manager", Role.OPERATIONS_MANAGER)
    secret = services.enrol_totp(
        user_id=user.pk, actor=SYSTEM, at=timezone.now(), trusted=True
    ).secret
    proof = {"username": "manager", "password": PASSWORD}
    client = APIClient()

    without = client.post(f"{AUTH}login", proof)
    right = client.post(f"{AUTH}login", proof | {"totp": pyotp.TOTP(secret).now()})
    client.credentials(HTTP_AUTHORIZATION=f"Token {right.json()['token']}")
    out = client.post(f"{AUTH}logout")
    after = client.post(f"{AUTH}logout")

    assert without.status_code == 401
    assert right.status_code == 200
    assert right.json()["roles"] == ["all_staff", "operations_manager"]
    assert (out.status_code, after.status_code) == (204, 401)
    assert ApiToken.objects.get().revoked_at is not None


@pytest.mark.django_db
def test_the_api_is_no_way_around_the_second_factor() -> None:
    account("manager", Role.OPERATIONS_MANAGER)

    answer = APIClient().post(f"{AUTH}login", {"username": "manager", "password": PASSWORD})

    assert answer.status_code == 403
    assert answer.json()["code"] == "identity.code_needed"
    assert not ApiToken.objects.exists()


@pytest.mark.django_db
def test_the_api_answers_unknown_names_and_wrong_passwords_alike_and_stops_at_ten() -> None:
    account("keeper")

    def answers(name: str) -> list[tuple[int, str]]:
        tries = [
            APIClient().post(f"{AUTH}login", {"username": name, "password": "wrong"})
            for _ in range(11)
        ]
        return [(one.status_code, one.content.decode()) for one in tries]

    known, unknown = answers("keeper"), answers("nobody")

    assert known == unknown
    assert [status for status, _body in known] == [401] * 10 + [429]
