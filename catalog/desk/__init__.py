"""What the catalogue puts on the desk, one module a concept."""

from catalog.desk import (  # noqa: F401 - each module registers its entries
    content_tasks,
    display_plans,
    feedback,
    listings,
    pages,
    prices,
    promotions,
    ranges,
    ranks,
    search,
    selection,
    shown_stock,
)
