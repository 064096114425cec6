"""Tables of the catalogue."""

from .bans import GoodsBan
from .categories import CategoryMove, CategoryRule
from .coding import CodeRule, CodeSequence, IssuedCode, SkuAlias
from .content_tasks import ContentMove, ContentStep, ContentTask, ContentVersion
from .display import DisplaySlot, SlotReplacement
from .feedback import DepartmentOwner, FeedbackRule, ProductFeedback, ProductFeedbackStep
from .festivals import Festival
from .impact import ImpactReport
from .listing_rules import ForbiddenGoods, ListedWord, ListingRule, QualityReview
from .listings import (
    Delisting,
    Listing,
    ListingPicture,
    ListingProof,
    ListingShelf,
    ListingTask,
    ListingText,
    TruthCheck,
)
from .pages import PageModule, PagePreview, ShopPage, TradeStep
from .patrol import CompetitorPrice, OfferSuspension, PriceOutlier, PriceViolation, ShownOffer
from .patrols import PricePatrol, PricePenalty
from .policies import PricePolicy
from .prices import PriceChange, PriceChangeLine, PriceRange
from .products import Category, Channel, ExternalCode, Product, Sku
from .promotion_checks import PromotionCheck
from .promotions import Promotion, PromotionRun, PromotionVersion
from .ranges import RangeDrop, RangeDropLine, RangeReview, RangeReviewRow
from .ranks import SearchKeyword, SearchRank
from .recommendations import (
    RecommendationOutcome,
    RecommendationPair,
    RecommendationRule,
    RecommendationSet,
)
from .redemption import Coupon, CouponBatch, PromotionBuyer, PromotionCounter, PromotionUse
from .references import ReferencePrice
from .search import SearchDocument, SearchMiss, SearchSynonym
from .selection import SelectionProposal, SourcingTask
from .shown_figures import ShownFigure, ShownFigureTrace
from .shown_stock import ChannelBuffer, ShownStock, StockPush, StockSyncEntry

__all__ = [
    "Category",
    "CategoryMove",
    "CategoryRule",
    "Channel",
    "ChannelBuffer",
    "CodeRule",
    "CodeSequence",
    "CompetitorPrice",
    "ContentMove",
    "ContentStep",
    "ContentTask",
    "ContentVersion",
    "Coupon",
    "CouponBatch",
    "Delisting",
    "DepartmentOwner",
    "DisplaySlot",
    "ExternalCode",
    "FeedbackRule",
    "Festival",
    "ForbiddenGoods",
    "GoodsBan",
    "ImpactReport",
    "IssuedCode",
    "ListedWord",
    "Listing",
    "ListingPicture",
    "ListingProof",
    "ListingRule",
    "ListingShelf",
    "ListingTask",
    "ListingText",
    "OfferSuspension",
    "PageModule",
    "PagePreview",
    "PriceChange",
    "PriceChangeLine",
    "PriceOutlier",
    "PricePatrol",
    "PricePenalty",
    "PricePolicy",
    "PriceRange",
    "PriceViolation",
    "Product",
    "ProductFeedback",
    "ProductFeedbackStep",
    "Promotion",
    "PromotionBuyer",
    "PromotionCheck",
    "PromotionCounter",
    "PromotionRun",
    "PromotionUse",
    "PromotionVersion",
    "QualityReview",
    "RangeDrop",
    "RangeDropLine",
    "RangeReview",
    "RangeReviewRow",
    "RecommendationOutcome",
    "RecommendationPair",
    "RecommendationRule",
    "RecommendationSet",
    "ReferencePrice",
    "SearchDocument",
    "SearchKeyword",
    "SearchMiss",
    "SearchRank",
    "SearchSynonym",
    "SelectionProposal",
    "ShopPage",
    "ShownFigure",
    "ShownFigureTrace",
    "ShownOffer",
    "ShownStock",
    "Sku",
    "SkuAlias",
    "SlotReplacement",
    "SourcingTask",
    "StockPush",
    "StockSyncEntry",
    "TradeStep",
    "TruthCheck",
]
