"""Refusals of the compliance app."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, Conflict, NotFound


class ClauseMissing(NotFound):
    """The register has no such clause."""


class RegisterShrunk(Conflict):
    """A newer register lacks clauses that were published: their numbers are never taken back."""


class AttestationWrong(BadInput):
    """An attestation says nothing, or ends before it begins."""


class BundleMissing(NotFound):
    """There is no such audit bundle, or its file is gone."""


class BundleDamaged(Conflict):
    """The bundle's file is not the one that was made."""


class BundleWrong(BadInput):
    """What was given to be checked is no audit bundle, key or anchor file."""
