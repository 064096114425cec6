"""Browsers in which an account signed in before: a stranger's tries do not lock them out."""

import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from ops.engines.kernel.parse import code_key

COOKIE: Final = "device"
# The first that is found in what the browser says of itself; it is shown, never trusted.
_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_SALT: Final = "ops.engines.http.device"
_KEPT: Final = timedelta(days=180)


def mark_of(request: HttpRequest, username: str) -> str:
    """Return the proven mark of this browser for a name, or empty text."""
    try:
        name, mark = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_KEPT)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if name == code_key(username) else ""


def label_of(request: HttpRequest) -> str:
    """Return browser and system as people know them, such as "Chrome, Windows"."""
    said = request.headers.get("User-Agent", "")
    found = [
        next((name for mark, name in marks if mark in said), "") for marks in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(part for part in found if part)


def remember(response: HttpResponse, username: str) -> HttpResponse:
    """Mark the browser as one in which the account signed in."""
    value = signing.dumps([code_key(username), secrets.token_hex(8)], salt=_SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=_KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path="/accounts/",
    )
    return response
