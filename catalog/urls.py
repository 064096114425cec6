"""Addresses of the catalogue."""

from django.urls import path, re_path
from django.urls.resolvers import URLPattern

from catalog.api.coding import AliasViewSet, CategoryRuleViewSet, CodeRuleViewSet
from catalog.api.goods import CategoryViewSet, ChannelViewSet, ProductViewSet, SkuViewSet
from catalog.api.listings import ListingViewSet
from catalog.api.patrol import (
    CompetitorPriceViewSet,
    OutlierViewSet,
    PolicyViewSet,
    SuspensionViewSet,
    ViolationViewSet,
)
from catalog.api.pricing import PriceChangeViewSet, PriceView
from catalog.api.promotions import CouponBatchViewSet, CouponViewSet, PromotionViewSet
from catalog.api.quotes import PriceQuoteView
from catalog.api.recommendations import RecommendationSetViewSet, RecommendationView
from catalog.views import (
    bulk,
    categories,
    coding,
    goods,
    listing_forms,
    listing_rules,
    listings,
    patrol,
    policies,
    prices,
    promotion_form,
    promotion_try,
    promotions,
    recommendations,
)

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("skus/", goods.SkuList.as_view(), name="skus"),
    path("skus/<int:sku_id>/", goods.SkuScreen.as_view(), name="sku"),
    path("categories/", categories.CategoryList.as_view(), name="categories"),
    path("categories/<int:category_id>/", categories.CategoryScreen.as_view(), name="category"),
    path(
        "categories/<int:category_id>/rule/",
        categories.CategoryRuleForm.as_view(),
        name="category_rule",
    ),
    path("code-rules/", coding.CodeRuleList.as_view(), name="code_rules"),
    path("code-rules/new/", coding.CodeRuleForm.as_view(), name="code_rule_new"),
    path("price-changes/", prices.PriceChangeList.as_view(), name="price_changes"),
    path("price-changes/by-rule/", bulk.RuleForm.as_view(), name="price_change_by_rule"),
    path("price-changes/from-file/", bulk.FileForm.as_view(), name="price_change_from_file"),
    path("price-changes/new/", prices.PriceChangeForm.as_view(), name="price_change_draft"),
    path("price-changes/<int:change_id>/", prices.PriceChangeScreen.as_view(), name="price_change"),
    path(
        "price-changes/<int:change_id>/edit/",
        prices.PriceChangeForm.as_view(),
        name="price_change_edit",
    ),
    path("promotions/", promotions.PromotionList.as_view(), name="promotions"),
    path("promotions/new/", promotion_form.PromotionTypes.as_view(), name="promotion_types"),
    path(
        "promotions/new/<slug:kind>/",
        promotion_form.PromotionForm.as_view(),
        name="promotion_draft",
    ),
    path("promotions/<int:promotion_id>/", promotions.PromotionScreen.as_view(), name="promotion"),
    path(
        "promotions/<int:promotion_id>/edit/",
        promotion_form.PromotionForm.as_view(),
        name="promotion_edit",
    ),
    path(
        "promotions/<int:promotion_id>/try/",
        promotion_try.PromotionTry.as_view(),
        name="promotion_try",
    ),
    path("price-policies/", policies.PolicyList.as_view(), name="price_policies"),
    path("price-policies/new/", policies.PolicyForm.as_view(), name="price_policy_draft"),
    path("price-policies/<int:policy_id>/", policies.PolicyScreen.as_view(), name="price_policy"),
    path(
        "price-policies/<int:policy_id>/edit/",
        policies.PolicyForm.as_view(),
        name="price_policy_edit",
    ),
    path("price-violations/", patrol.ViolationList.as_view(), name="price_violations"),
    path(
        "price-violations/<int:case_id>/", patrol.ViolationScreen.as_view(), name="price_violation"
    ),
    path("price-outliers/", patrol.OutlierList.as_view(), name="price_outliers"),
    path("price-outliers/<int:outlier_id>/", patrol.OutlierScreen.as_view(), name="price_outlier"),
    path("competitor-prices/", patrol.CompetitorList.as_view(), name="competitor_prices"),
    path("competitor-prices/new/", patrol.CompetitorForm.as_view(), name="competitor_price_new"),
    path("listings/", listings.ListingList.as_view(), name="listings"),
    path("listings/new/", listing_forms.ListingNew.as_view(), name="listing_new"),
    path("listings/<int:listing_id>/", listings.ListingScreen.as_view(), name="listing"),
    path(
        "listings/<int:listing_id>/edit/",
        listing_forms.ListingForm.as_view(),
        name="listing_edit",
    ),
    path(
        "listings/<int:listing_id>/picture/",
        listing_forms.PictureForm.as_view(),
        name="listing_picture",
    ),
    path(
        "listings/<int:listing_id>/proof/", listing_forms.ProofForm.as_view(), name="listing_proof"
    ),
    path(
        "listings/<int:listing_id>/paper/", listing_forms.PaperForm.as_view(), name="listing_paper"
    ),
    path(
        "listings/<int:listing_id>/attest/",
        listing_forms.AttestForm.as_view(),
        name="listing_attest",
    ),
    path(
        "listings/<int:listing_id>/delist/",
        listing_forms.DelistForm.as_view(),
        name="listing_delist",
    ),
    path("listing-tasks/", listings.TaskList.as_view(), name="listing_tasks"),
    path("listed-words/", listing_rules.WordList.as_view(), name="listed_words"),
    path("listed-words/new/", listing_rules.WordForm.as_view(), name="listed_word_new"),
    path(
        "listed-words/<int:word_id>/end/",
        listing_rules.WordEnd.as_view(),
        name="listed_word_end",
    ),
    path("forbidden-goods/", listing_rules.BanList.as_view(), name="forbidden_goods"),
    path("forbidden-goods/new/", listing_rules.BanForm.as_view(), name="forbidden_goods_new"),
    path(
        "forbidden-goods/<int:ban_id>/end/",
        listing_rules.BanEnd.as_view(),
        name="forbidden_goods_end",
    ),
    path("listing-rules/", listing_rules.RuleList.as_view(), name="listing_rules"),
    path("listing-rules/new/", listing_rules.RuleForm.as_view(), name="listing_rule_new"),
    path("quality-reviews/", listing_rules.ReviewList.as_view(), name="quality_reviews"),
    path("quality-reviews/new/", listing_rules.ReviewForm.as_view(), name="quality_review_new"),
    path(
        "recommendations/",
        recommendations.RecommendationSets.as_view(),
        name="recommendation_sets",
    ),
    path(
        "recommendations/rule/",
        recommendations.RecommendationRuleForm.as_view(),
        name="recommendation_rule",
    ),
    path(
        "recommendations/<int:set_id>/",
        recommendations.RecommendationSetScreen.as_view(),
        name="recommendation_set",
    ),
]
api = [
    ("categories", CategoryViewSet, "category"),
    ("channels", ChannelViewSet, "channel"),
    ("products", ProductViewSet, "product"),
    ("skus", SkuViewSet, "sku"),
    ("sku-aliases", AliasViewSet, "sku-alias"),
    ("code-rules", CodeRuleViewSet, "code-rule"),
    ("category-rules", CategoryRuleViewSet, "category-rule"),
    ("price-changes", PriceChangeViewSet, "price-change"),
    ("promotions", PromotionViewSet, "promotion"),
    ("coupon-batches", CouponBatchViewSet, "coupon-batch"),
    ("coupons", CouponViewSet, "coupon"),
    ("price-policies", PolicyViewSet, "price-policy"),
    ("price-violations", ViolationViewSet, "price-violation"),
    ("price-outliers", OutlierViewSet, "price-outlier"),
    ("competitor-prices", CompetitorPriceViewSet, "competitor-price"),
    ("offer-suspensions", SuspensionViewSet, "offer-suspension"),
    ("listings", ListingViewSet, "listing"),
    ("recommendation-sets", RecommendationSetViewSet, "recommendation-set"),
]
api_urlpatterns: list[URLPattern] = [
    re_path(r"^prices/?$", PriceView.as_view(), name="prices"),
    re_path(r"^price-quotes/?$", PriceQuoteView.as_view(), name="price_quotes"),
    re_path(r"^recommendations/?$", RecommendationView.as_view(), name="recommendations"),
]
