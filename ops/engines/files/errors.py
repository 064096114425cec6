"""Refusals of the files engine."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, Conflict, NotFound, RuleViolation


class FileRefused(BadInput):
    """The bytes are not one of the kinds accepted, or not what their name claims."""


class FileTooLarge(RuleViolation):
    """The file is over the limit."""

    status = 413


class QuotaReached(RuleViolation):
    """The record or the person has no room left."""


class FileMissing(NotFound):
    """No such file, or not yours."""


class FileDamaged(Conflict):
    """The stored bytes are no longer those that were stored."""
