"""Refusals of the reports engine."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, Conflict, ExternalFailure, NotFound, RuleViolation


class ReportUnknown(NotFound):
    """Nobody declared a report of this name."""


class RunMissing(NotFound):
    """No such run, or not yours."""


class WrongQuestion(BadInput):
    """The period, format or parameter is not one the report answers."""


class TooManyRuns(RuleViolation):
    """One person may not fill the queue."""

    status = 429


class ReportTooLong(RuleViolation):
    """More rows than the format carries."""


class NotReady(Conflict):
    """The file is not made yet, or its making failed."""


class AlreadySigned(Conflict):
    """Somebody signed this version so already."""


class RunCancelled(Conflict):
    """A person asked to stop; the maker noticed at a safe point."""


class FileDamaged(Conflict):
    """The stored bytes are no longer those that were sealed."""


class FiguresWrong(RuntimeError):
    """The query function broke its declaration: a mistake in the program."""


class FileLost(ExternalFailure):
    """The stored bytes cannot be found: the disk is not the one that was written."""
