"""Tables of the catalogue."""

from .prices import PriceChange, PriceChangeLine, PriceRange
from .products import Category, Channel, ExternalCode, Product, Sku

__all__ = [
    "Category",
    "Channel",
    "ExternalCode",
    "PriceChange",
    "PriceChangeLine",
    "PriceRange",
    "Product",
    "Sku",
]
