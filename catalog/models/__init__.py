"""Tables of the catalogue."""

from .impact import ImpactReport
from .patrol import CompetitorPrice, OfferSuspension, PriceOutlier, PriceViolation, ShownOffer
from .policies import PricePolicy
from .prices import PriceChange, PriceChangeLine, PriceRange
from .products import Category, Channel, ExternalCode, Product, Sku
from .promotions import Promotion, PromotionRun, PromotionVersion
from .redemption import Coupon, CouponBatch, PromotionBuyer, PromotionCounter, PromotionUse
from .references import ReferencePrice

__all__ = [
    "Category",
    "Channel",
    "CompetitorPrice",
    "Coupon",
    "CouponBatch",
    "ExternalCode",
    "ImpactReport",
    "OfferSuspension",
    "PriceChange",
    "PriceChangeLine",
    "PriceOutlier",
    "PricePolicy",
    "PriceRange",
    "PriceViolation",
    "Product",
    "Promotion",
    "PromotionBuyer",
    "PromotionCounter",
    "PromotionRun",
    "PromotionUse",
    "PromotionVersion",
    "ReferencePrice",
    "ShownOffer",
    "Sku",
]
