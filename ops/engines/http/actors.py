"""Who asks: resolved once per request, from the session or the token."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from ops.engines.audit import services as audit_service
from ops.engines.identity import selectors, services
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError

_CACHE = "_guifan_actor"
SESSION_MARK = "mark"


class NotSignedIn(OpsError):
    """Nobody is signed in: 401, screens lead to the sign-in page."""

    status = 401


def actor_of(request: HttpRequest | Request) -> Actor:
    """Return the acting person, resolved once per request.

    Raises NotSignedIn.
    """
    actor = actor_or_none(request)
    if actor is None:
        raise NotSignedIn("http.not_signed_in", _("Sign in first."))
    return actor


def actor_or_none(request: HttpRequest | Request) -> Actor | None:
    """Return the acting person, or None when nobody is signed in."""
    plain = plain_request(request)
    cached: tuple[int, Actor] | None = getattr(plain, _CACHE, None)
    user = request.user
    if not isinstance(user, User):
        return None
    if cached is None or cached[0] != user.pk:
        actor = selectors.actor_for(
            user, at=timezone.now(), session=_session(request), request_id=request_id(plain)
        )
        cached = (user.pk, actor)
        setattr(plain, _CACHE, cached)
    return cached[1]


def plain_request(request: HttpRequest | Request) -> HttpRequest:
    """Return the framework's own request behind an API request."""
    return request._request if isinstance(request, Request) else request  # noqa: SLF001


def request_id(request: HttpRequest) -> str:
    """Return the id the middleware gave this request."""
    return str(getattr(request, "request_id", ""))


def client_address(request: HttpRequest) -> str:
    """Return the address of the peer; what a client may forge is not believed.

    Behind our own TLS proxy that is the last entry of X-Forwarded-For, which the proxy wrote.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return peer
    return request.headers.get("X-Forwarded-For", peer).rpartition(",")[2].strip()


def demo_code(request: HttpRequest, actor: Actor, *, at: datetime) -> str:
    """Return the code a demo person's app would show, where a click is enough to be that person."""
    if not services.demo_is_open(client_address(request)):
        return ""
    return services.demo_code(user_id=actor.user_id, at=at)


def record_denial(request: HttpRequest, actor: Actor, *, right: str, at: datetime) -> None:
    """Leave a fact of a refused request; the caller opens the transaction (S22)."""
    audit_service.record(
        actor=actor,
        at=at,
        action="http.denied",
        body={"method": request.method, "path": request.path[:200], "right": right},
    )


def _session(request: HttpRequest | Request) -> str:
    token_id = getattr(request, "auth", None)
    if token_id is not None:
        return f"token:{token_id}"
    session = getattr(plain_request(request), "session", None)
    return str(session.get(SESSION_MARK, "")) if session is not None else ""
