"""Answers when no view answers: problem+json for programs, pages for people."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from .errors import CONTENT_TYPE, problem, wants_problem


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 400."""
    return _answer(request, 400, "http.bad_request", _("The request cannot be read."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 403."""
    return _answer(request, 403, "http.forbidden", _("You may not do this."))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 404."""
    return _answer(request, 404, "http.not_found", _("There is no such thing."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: an apology and the request's id, never the cause."""
    return _answer(request, 500, "http.bug", _("Something failed on our side."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that does not come from our own page."""
    if wants_problem(request):
        return forbidden(request)
    return render(request, "403_csrf.html", status=403)


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if wants_problem(request):
        body = problem(status, code, detail)
        return JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    return render(request, f"{status}.html", status=status)
