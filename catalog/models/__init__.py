"""Tables of the catalogue."""

from .prices import PriceChange, PriceChangeLine, PriceRange
from .products import Category, Channel, ExternalCode, Product, Sku
from .recommendations import (
    RecommendationOutcome,
    RecommendationPair,
    RecommendationRule,
    RecommendationSet,
)

__all__ = [
    "Category",
    "Channel",
    "ExternalCode",
    "PriceChange",
    "PriceChangeLine",
    "PriceRange",
    "Product",
    "RecommendationOutcome",
    "RecommendationPair",
    "RecommendationRule",
    "RecommendationSet",
    "Sku",
]
