"""Answers when no view answers: problem+json for programs, pages for people."""

import sys
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from .errors import AWAY, CONTENT_TYPE, problem, problem_response, wants_problem


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 400; a session that could not be kept because the database is away is 503."""
    if isinstance(exception, SessionInterrupted) and _was_away(exception):
        return busy_page(request)
    return _answer(request, 400, "http.bad_request", _("The request cannot be read."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 403."""
    return _answer(request, 403, "http.forbidden", _("You may not do this."))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 404."""
    return _answer(request, 404, "http.not_found", _("There is no such thing."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: an apology and the request's id, never the cause.

    A database that is away is no bug, wherever it was missed: also a session that cannot be read
    before the view, or kept after it, is answered 503.
    """
    error = sys.exception()
    if isinstance(error, AWAY):
        return (problem_response(error) if wants_problem(request) else None) or busy_page(request)
    return _answer(request, 500, "http.bug", _("Something failed on our side."))


def busy_page(request: HttpRequest) -> HttpResponse:
    """Return the page that asks to try again soon: 503."""
    page = render(request, "503.html", status=503)
    page["Retry-After"] = "5"
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that does not come from our own page."""
    if wants_problem(request):
        return forbidden(request)
    return render(request, "403_csrf.html", status=403)


def _was_away(error: BaseException | None) -> bool:
    """Say whether an error was raised over a lost connection, however many steps ago."""
    while error is not None and not isinstance(error, AWAY):
        error = error.__context__
    return error is not None


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if wants_problem(request):
        body = problem(status, code, detail)
        return JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    return render(request, f"{status}.html", status=status)
