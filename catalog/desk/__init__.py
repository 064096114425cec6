"""What the catalogue puts on the desk, one module a concept."""

from catalog.desk import prices, promotions, search, selection  # noqa: F401 - each module registers its entries
