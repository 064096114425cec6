"""Tables of the catalogue."""

from .patrol import CompetitorPrice, OfferSuspension, PriceOutlier, PriceViolation, ShownOffer
from .policies import PricePolicy
from .prices import PriceChange, PriceChangeLine, PriceRange
from .products import Category, Channel, ExternalCode, Product, Sku
from .references import ReferencePrice

__all__ = [
    "Category",
    "Channel",
    "CompetitorPrice",
    "ExternalCode",
    "OfferSuspension",
    "PriceChange",
    "PriceChangeLine",
    "PriceOutlier",
    "PricePolicy",
    "PriceRange",
    "PriceViolation",
    "Product",
    "ReferencePrice",
    "ShownOffer",
    "Sku",
]
