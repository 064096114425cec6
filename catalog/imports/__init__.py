"""Files the catalogue reads."""

from catalog.imports import (  # noqa: F401 - each module registers its files
    goods,
    listings,
    offers,
    prices,
    shopify,
    shown_stock,
)
