"""Versioned content of the catalogue, one module a concept."""

from catalog.revised import listings, pages  # noqa: F401 - each module declares its kinds
