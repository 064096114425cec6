"""Refusals of the API as problem+json (RFC 9457), the same for every route and family."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from ops.engines.kernel.errors import BadInput, Conflict, OpsError

_log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
AWAY = (OperationalError, InterfaceError)
"""A deadlock, a lock not gained in time, a database away, a connection that broke under us."""
_RETRY_AFTER = {503: "5", 429: "900"}


class BodyTooLarge(BadInput):
    """The body is larger than this route takes."""

    status = 413


class UnknownMediaType(BadInput):
    """The body is of a kind this route does not read."""

    status = 415


class KeyReused(BadInput):
    """The same idempotency key came with another request."""

    status = 422


class VersionMoved(Conflict):
    """The thing changed since it was read: 412, read it again."""

    status = 412


class VersionNeeded(Conflict):
    """A change must say which version it was made from: 428."""

    status = 428


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer a refusal; None lets a bug become a plain 500."""
    described = describe(error)
    if described is None:
        return None
    status, body = described
    headers = _headers(error, status)
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


_FRAMEWORK: tuple[tuple[type[Exception], int, str, Any], ...] = (
    (Http404, 404, "http.not_found", _("There is no such thing.")),
    (PermissionDenied, 403, "http.forbidden", _("You may not do this.")),
    (RequestDataTooBig, 413, "http.too_large", _("The request is too large.")),
    (SuspiciousOperation, 400, "http.bad_request", _("The request cannot be read.")),
    # A number no column holds, a character no text may hold: input, not a bug.
    (DataError, 400, "http.bad_request", _("The request cannot be read.")),
    *((family, 503, "http.try_again", _("Busy. Nothing was saved; try again.")) for family in AWAY),
)


def describe(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Return status and problem of an error, or None for a bug."""
    if isinstance(error, OpsError):
        return error.status, _of_ours(error)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flattened(error.detail, error.get_codes(), ""))
        return 400, problem(400, "input.invalid", gettext("The input has errors."), errors=errors)
    if isinstance(error, exceptions.APIException):
        status, code = error.status_code, f"http.{error.default_code}"
        return status, problem(status, code, str(error.detail))
    if isinstance(error, IntegrityError):
        return describe(as_refusal(error))
    for family, status, code, message in _FRAMEWORK:
        if isinstance(error, family) or (family is DataError and is_nul(error)):
            return status, problem(status, code, str(message))
    return None


def as_refusal(error: OpsError | IntegrityError) -> OpsError:
    """Return a refusal: ours as it is, or one for a rule of the database without words; logged.

    Nothing was written. The tests treat `http.database_refused` as a defect of the service.
    """
    if isinstance(error, OpsError):
        return error
    _log.error("the database refused what a service let pass", exc_info=error)
    return Conflict("http.database_refused", gettext("The records do not allow this."))


def is_nul(error: Exception) -> bool:
    """Say whether the database driver met a NUL character in a value."""
    return isinstance(error, ValueError) and "NUL (0x00)" in str(error)


def problem(
    status: int, code: str, detail: str, *, errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the members of a problem; `errors` holds pointer, code, detail."""
    return {
        "type": f"urn:guifan:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": str(detail),
        "errors": list(errors),
    }


def problem_response(error: Exception) -> HttpResponse | None:
    """Return the answer outside the API's own views, or None for a bug."""
    described = describe(error)
    if described is None:
        return None
    status, body = described
    return JsonResponse(
        body, status=status, content_type=CONTENT_TYPE, headers=_headers(error, status)
    )


def wants_problem(request: HttpRequest) -> bool:
    """Say whether this address answers programs."""
    return request.path.startswith("/api/")


def _of_ours(error: OpsError) -> dict[str, Any]:
    """Describe one of our refusals; `field` or `errors` in its context become pointers."""
    listed = [dict(entry) for entry in error.context.get("errors", ())]
    if field := error.context.get("field"):
        pointer = "/" + str(field).replace(".", "/").lstrip("/")
        listed.append({"pointer": pointer, "code": error.code, "detail": str(error.message)})
    return problem(error.status, error.code, str(error.message), errors=listed)


def _headers(error: Exception, status: int) -> dict[str, str]:
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Token realm="api"'
    if status in _RETRY_AFTER:
        after = error.context.get("retry_after") if isinstance(error, OpsError) else None
        headers["Retry-After"] = str(after or _RETRY_AFTER[status])
    return headers


def _flattened(detail: Any, codes: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            inner = "" if key == api_settings.NON_FIELD_ERRORS_KEY else f"/{_escaped(key)}"
            yield from _flattened(value, codes[key], pointer + inner)
    elif isinstance(detail, list):
        nested = any(isinstance(value, Mapping | list) for value in detail)
        for number, value in enumerate(detail):
            inner = f"/{number}" if nested else ""
            yield from _flattened(value, codes[number], pointer + inner)
    else:
        yield {"pointer": pointer, "code": str(codes), "detail": str(detail)}


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
