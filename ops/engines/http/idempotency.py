"""One effect per `Idempotency-Key`, and the first answer byte for byte to whoever asks again.

Key row, effect and stored answer commit in one transaction, at the price of two statements: a
question that also takes a lock, and the row with the finished answer. A request that comes while
the first is under way is refused with 409. What was refused as unreadable (400) or by access (401,
403) was never begun and is not kept.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops.engines.kernel.errors import BadInput, Conflict, OpsError

from .actors import plain_request
from .errors import KeyReused
from .models import IdempotencyKey

KEPT = timedelta(days=7)
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")
_KEPT_REFUSALS = frozenset({404, 409, 412, 422})

_ASK = """
SELECT pg_try_advisory_xact_lock(hashtextextended(%(lock)s, 0)), k.request_hash, k.status,
       k.headers, k.body
FROM (SELECT 1) one
LEFT JOIN http_idempotencykey k
       ON k.user_id = %(user)s AND k.route = %(route)s AND k.key = %(key)s
"""
_KEEP = """
INSERT INTO http_idempotencykey (user_id, route, key, request_hash, at, status, headers, body)
VALUES (%(user)s, %(route)s, %(key)s, %(hash)s, %(at)s, %(status)s, %(headers)s, %(body)s)
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    user: int
    route: str
    key: str
    hash: bytes

    def params(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "route": self.route,
            "key": self.key,
            "hash": self.hash,
            "lock": f"{self.user}\0{self.route}\0{self.key}".replace("\0", "|"),
        }


class _Raced(Exception):
    """Another request with this key committed after we had asked: ask again."""


def key_of(request: Request) -> str | None:
    """Return the request's key, or None.

    Raises BadInput unless it has 1 to 255 printable ASCII characters.
    """
    key = plain_request(request).headers.get("Idempotency-Key")
    if key is None or request.user.pk is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise BadInput(
            "http.idempotency_key", _("An idempotency key has 1 to 255 printable ASCII characters.")
        )
    return key


def answer_once(
    view: APIView, key: str, handler: Callable[[], Response], *, request: Request
) -> HttpResponse:
    """Run the handler, or give the answer it gave before.

    Raises KeyReused (other request, same key), Conflict (in flight), and whatever the handler does.
    """
    plain = plain_request(request)
    asked = _Asked(int(request.user.pk or 0), plain.path[:255], key, _hash(request))
    try:
        return _attempt(view, asked, handler, request)
    except _Raced:
        return _attempt(view, asked, handler, request)


def forget(*, before: datetime) -> int:
    """Delete answers older than a moment at least seven days past; return how many."""
    return IdempotencyKey.objects.filter(at__lt=before).delete()[0]


def _attempt(
    view: APIView, asked: _Asked, handler: Callable[[], Response], request: Request
) -> HttpResponse:
    try:
        with transaction.atomic():
            if (kept := _ask(asked)) is not None:
                return kept
            answer = _finished(view, handler(), request)
            if answer.status_code < 300:
                _keep(asked, answer)
            return answer
    except IntegrityError as error:
        if "idempotencykey_answered_once" in str(error):
            raise _Raced from error
        raise
    except OpsError as error:
        if error.status not in _KEPT_REFUSALS or isinstance(error, KeyReused | InFlight):
            raise
        return _refused(view, asked, error, request)


def _refused(view: APIView, asked: _Asked, error: OpsError, request: Request) -> HttpResponse:
    """Keep a refusal after its rollback, unless another answer came first: then that one counts."""
    answer = _finished(view, view.handle_exception(error), request)
    try:
        with transaction.atomic():
            if (kept := _ask(asked)) is not None:
                return kept
            _keep(asked, answer)
    except IntegrityError as clash:
        if "idempotencykey_answered_once" not in str(clash):
            raise
        raise _Raced from clash
    return answer


class InFlight(Conflict):
    """The first request with this key is not answered yet."""


def _ask(asked: _Asked) -> HttpResponse | None:
    with connection.cursor() as cursor:
        cursor.execute(_ASK, asked.params())
        locked, request_hash, status, headers, body = cursor.fetchone()
    if status is not None:
        if bytes(request_hash) != asked.hash:
            raise KeyReused(
                "http.idempotency_reused", _("This idempotency key was used for another request.")
            )
        kept = json.loads(headers) if isinstance(headers, str) else headers
        return HttpResponse(
            bytes(body), status=status, headers={**kept, "Idempotency-Replayed": "true"}
        )
    if not locked:
        raise InFlight("http.in_flight", _("The first request with this key is under way."))
    return None


def _keep(asked: _Asked, answer: HttpResponse) -> None:
    headers = {name: answer[name] for name in _KEPT_HEADERS if name in answer}
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                **asked.params(),
                "at": timezone.now(),
                "status": answer.status_code,
                "headers": json.dumps(headers),
                "body": answer.content,
            },
        )


def _finished(view: APIView, response: Response, request: Request) -> HttpResponse:
    """Render now: what is stored must be what is sent."""
    finalized = view.finalize_response(request, response)
    if isinstance(finalized, Response):
        finalized.render()
    headers = {name: finalized[name] for name in finalized.headers}
    return HttpResponse(finalized.content, status=finalized.status_code, headers=headers)


def _hash(request: Request) -> bytes:
    plain = plain_request(request)
    digest = hashlib.sha256()
    digest.update(f"{plain.get_full_path()}\0{plain.content_type}\0".encode())
    if plain.content_type == "multipart/form-data":
        for name in sorted(plain.POST):
            digest.update(f"{name}={plain.POST.getlist(name)}\0".encode())
        for name in sorted(plain.FILES):
            for sent in plain.FILES.getlist(name):
                inner = hashlib.sha256()
                for chunk in sent.chunks():
                    inner.update(chunk)
                sent.seek(0)
                digest.update(f"{name}={inner.hexdigest()}\0".encode())
    else:
        digest.update(plain.body)
    return digest.digest()
