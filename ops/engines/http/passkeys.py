"""A challenge between two requests: the page asks for it, the browser signs, the page sends it."""

from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse

from ops.engines.identity.services import FRESH
from ops.engines.identity.types import Answer, Ceremony
from ops.engines.kernel.errors import OpsError

FIELD: Final = "passkey"
_KEPT: Final = "passkey_challenge"
_COOKIE: Final = "passkey"
_SALT: Final = "ops.engines.http.passkey"
_PATH: Final = "/accounts/"


def asked(request: HttpRequest, ceremony: Ceremony) -> JsonResponse:
    """Keep a challenge in the session of this page and return what its browser is asked."""
    request.session[_KEPT] = ceremony.signed
    return JsonResponse({"options": ceremony.options})


def answered(request: HttpRequest) -> Answer | None:
    """Return the browser's answer with the challenge that was kept, which is then forgotten."""
    response = request.POST.get(FIELD, "")
    if not response:
        return None
    return Answer(signed=request.session.pop(_KEPT, ""), response=response)


def asked_at_the_door(ceremony: Ceremony) -> JsonResponse:
    """Return what a browser is asked; nobody has a session yet, so a sealed cookie keeps it."""
    response = JsonResponse({"options": ceremony.options})
    response.set_cookie(
        _COOKIE,
        signing.dumps(ceremony.signed, salt=_SALT),
        max_age=FRESH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
        path=_PATH,
    )
    return response


def answered_at_the_door(request: HttpRequest) -> Answer | None:
    """Return the browser's answer with the challenge of the sealed cookie."""
    response = request.POST.get(FIELD, "")
    if not response:
        return None
    try:
        signed = signing.loads(request.COOKIES.get(_COOKIE, ""), salt=_SALT, max_age=FRESH)
    except signing.BadSignature:
        signed = ""
    return Answer(signed=str(signed), response=response)


def forgotten(response: HttpResponse) -> HttpResponse:
    """Take the cookie of a challenge back."""
    response.delete_cookie(_COOKIE, path=_PATH, samesite="Strict")
    return response


def refused(refusal: OpsError) -> JsonResponse:
    """Return a refusal as the page's script shows it."""
    return JsonResponse({"message": str(refusal)}, status=refusal.status)
