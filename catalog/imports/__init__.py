"""Files the catalogue reads."""

from catalog.imports import goods, offers, prices  # noqa: F401 - each module registers its files
