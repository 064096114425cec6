"""Refusals of the marketing app."""

from __future__ import annotations

from ops.engines.kernel.errors import BadInput, Conflict


class SheetConfirmed(Conflict):
    """The daily sheet was confirmed before."""


class SheetTooEarly(BadInput):
    """A day can be confirmed once it is over."""
