"""Tables of the catalogue."""

from .prices import PriceChange, PriceChangeLine, PriceRange
from .products import Category, Channel, ExternalCode, Product, Sku
from .promotions import Promotion, PromotionRun, PromotionVersion
from .redemption import Coupon, CouponBatch, PromotionBuyer, PromotionCounter, PromotionUse

__all__ = [
    "Category",
    "Channel",
    "Coupon",
    "CouponBatch",
    "ExternalCode",
    "PriceChange",
    "PriceChangeLine",
    "PriceRange",
    "Product",
    "Promotion",
    "PromotionBuyer",
    "PromotionCounter",
    "PromotionRun",
    "PromotionUse",
    "PromotionVersion",
    "Sku",
]
