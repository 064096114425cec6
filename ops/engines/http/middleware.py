"""What happens around every request: an id, a live session, refusals said properly, headers."""

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import logout
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from ops.engines.identity.selectors import IDLE
from ops.engines.kernel.errors import OpsError

from . import lifetimes
from .actors import SESSION_MARK, NotSignedIn
from .errors import AWAY, as_refusal, is_nul, problem_response, wants_problem
from .fallbacks import busy_page
from .views import to_sign_in

IDLE_RECORDS = timedelta(minutes=15)
MUST_ENROL: Final = "must_enrol"
_RECORDS = "/admin/"
# The theme of the record screens: its Alpine evaluates expressions, and binds style attributes to
# what it worked out, which no nonce and no hash can name. All else of it is files.
_THEME: Final = {"script-src": "'unsafe-eval'", "style-src-attr": "'unsafe-inline'"}
_OPEN_TO_ENROLLING = ("/accounts/", "/i18n/", "/static/", "/health/")

Answer = Callable[[HttpRequest], HttpResponseBase]


def open_session(request: HttpRequest, *, must_enrol: bool, at: datetime) -> None:
    """Start the clocks of a session that was signed in just now."""
    lifetimes.begin(request.session, at=at)
    request.session[SESSION_MARK] = secrets.token_hex(8)
    request.session[MUST_ENROL] = must_enrol


class RequestId:
    """Give each request an id that facts, logs and the answer carry."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the id in `X-Request-ID`."""
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class CurrentActor:
    """End sessions by time, hold back accounts without their second factor, explain refusals.

    Sessions also end when the account's epoch moves (switched off, positions changed): the
    framework compares `User.get_session_auth_hash` on every request.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, unless the session is over or may only enrol."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            if not _is_alive(request, at=timezone.now()):
                logout(request)
            elif request.session.get(MUST_ENROL) and not _may_enrolling(request):
                return redirect("accounts:code")
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Turn a refusal on a screen into a page with its reason; bugs go on."""
        if wants_problem(request):
            return problem_response(exception)
        if isinstance(exception, NotSignedIn):
            return to_sign_in(request)
        if isinstance(exception, OpsError | IntegrityError):
            return refused_page(request, as_refusal(exception))
        if isinstance(exception, DataError) or is_nul(exception):
            return render(request, "400.html", status=400)
        return busy_page(request) if isinstance(exception, AWAY) else None


class SecurityHeaders:
    """Headers of every answer; pages are never kept by a cache between us and the reader."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the headers."""
        response = self.get_response(request)
        for name, value in (
            ("Cache-Control", "no-store"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=()"),
        ):
            response.setdefault(name, value)
        if request.path.startswith(_RECORDS):
            response._csp_update = _THEME  # type: ignore[attr-defined]  # noqa: SLF001
        return response


def refused_page(request: HttpRequest, error: OpsError) -> HttpResponseBase:
    """Return the page that says what was refused and why."""
    context: dict[str, Any] = {"message": error.message, "code": error.code}
    return render(request, "identity/refused.html", context, status=error.status)


def _is_alive(request: HttpRequest, *, at: datetime) -> bool:
    idle = IDLE_RECORDS if request.path.startswith(_RECORDS) else IDLE
    return lifetimes.is_alive(request.session, idle=idle, at=at)


def _may_enrolling(request: HttpRequest) -> bool:
    return request.path.startswith(_OPEN_TO_ENROLLING)
