"""Approval flows of the catalogue."""

from catalog.flows import (  # noqa: F401 - each module registers its flows
    listings,
    pages,
    policies,
    prices,
    promotions,
    selection,
)
