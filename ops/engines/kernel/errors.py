"""Error families: what a service may raise, and what each means at every door."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise


class OpsError(Exception):
    """A refusal that people may read: a stable code, a translated message, structured context."""

    status: ClassVar[int] = 500

    def __init__(self, code: str, message: str | Promise, **context: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.context = context

    def __str__(self) -> str:
        return str(self.message)


class RuleViolation(OpsError):
    """The business says no: 422, shown by the field, never retried."""

    status = 422


class BadInput(RuleViolation):
    """The input cannot be read as what it claims to be: 400, names the field and the reason."""

    status = 400


class Conflict(OpsError):
    """The state moved on or the thing exists already: 409, reload."""

    status = 409


class Forbidden(OpsError):
    """This actor may not: 403, audited."""

    status = 403


class NotFound(OpsError):
    """No such thing, or not yours: 404, the same answer for both."""

    status = 404


class ExternalFailure(OpsError):
    """Another system failed: 503, retried with back-off."""

    status = 503


class NotAvailable(OpsError):
    """This part of the contract is not built: 501, said plainly."""

    status = 501
