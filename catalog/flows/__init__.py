"""Approval flows of the catalogue."""

from catalog.flows import prices, promotions  # noqa: F401 - each module registers its flows
