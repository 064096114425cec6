"""Files the catalogue reads."""

from catalog.imports import (  # noqa: F401 - each module registers its files
    feedback,
    goods,
    listings,
    offers,
    prices,
    ranks,
    shopify,
    shown_figures,
    shown_stock,
)
