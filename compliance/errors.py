"""Refusals of the compliance app."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, Conflict, NotFound


class ClauseMissing(NotFound):
    """The register has no such clause."""


class RegisterShrunk(Conflict):
    """A newer register lacks clauses that were published: their numbers are never taken back."""


class AttestationWrong(BadInput):
    """An attestation says nothing, or ends before it begins."""
