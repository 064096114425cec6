"""Versioned content of the catalogue, one module a concept."""

from catalog.revised import pages  # noqa: F401 - each module registers its kinds
