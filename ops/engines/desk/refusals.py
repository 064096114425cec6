"""Refusals as pages: what happened, why, what to do, and a code for support."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import OpsError

Text = str | Promise
TITLES: Final[dict[int, Text]] = {
    400: _("This address or form can't be read"),
    401: _("Please sign in"),
    403: _("This needs another right"),
    404: _("There is nothing here"),
    409: _("Somebody was faster"),
    422: _("The rules don't allow this"),
    501: _("This part is not available"),
    503: _("A part is not answering"),
}
STEPS: Final[dict[int, Text]] = {
    400: _("Go back and start from the list; nothing was changed."),
    403: _("Nothing was changed. Ask your administrator for the right, or hand the work on."),
    404: _("The number may be mistyped, or it lies outside your scope. Search for it."),
    409: _("Load the page again and look at what moved; nothing of yours was saved."),
    422: _("Nothing was changed. Go back and correct it."),
    501: _("Nothing was changed."),
    503: _("Nothing was changed. Try again in a minute."),
}


def page(request: HttpRequest, refusal: OpsError) -> HttpResponse:
    """Return the page of a refusal with its status; fragments get one line only."""
    status = refusal.status
    context = {
        "title": TITLES.get(status, TITLES[422]),
        "words": refusal.message,
        "step": STEPS.get(status, ""),
        "code": refusal.code,
        "status": status,
    }
    template = "errors/_line.html" if request.headers.get("HX-Request") else "errors/refused.html"
    response = render(request, template, context, status=status)
    if status == 503:
        response["Retry-After"] = "60"
    return response
