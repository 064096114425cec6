"""Approval flows of the catalogue."""

from catalog.flows import policies, prices  # noqa: F401 - each module registers its flows
