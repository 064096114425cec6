"""Refusals of the audit engine."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, Conflict, ExternalFailure, NotAvailable


class SealerElsewhere(NotAvailable):
    """This process does not hold the sealer's role: the worker seals."""


class KeyMissing(Conflict):
    """The key that must sign the next anchor is not here."""


class ChainBroken(Conflict):
    """The newest anchor, its tree or an outside copy does not fit: nothing is sealed on top."""


class CopyFailed(ExternalFailure):
    """An anchor is sealed and could not be copied to a place outside; the next seal tries again."""


class BundleRefused(BadInput):
    """A bundle cannot be made of these days, or what was given is none."""
