"""Addresses of the catalogue."""

from django.urls import path, re_path
from django.urls.resolvers import URLPattern

from catalog.api.coding import AliasViewSet, CategoryRuleViewSet, CodeRuleViewSet
from catalog.api.goods import CategoryViewSet, ChannelViewSet, ProductViewSet, SkuViewSet
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
from catalog.api.search import SearchView
from catalog.views import (
    bulk,
    categories,
    coding,
    goods,
    patrol,
    policies,
    prices,
    promotion_form,
    promotion_try,
    promotions,
    recommendations,
    references,
    search,
    selection,
)

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("skus/", goods.SkuList.as_view(), name="skus"),
    path("skus/<int:sku_id>/", goods.SkuScreen.as_view(), name="sku"),
    path(
        "skus/<int:sku_id>/suggested-price/",
        references.SuggestedPriceForm.as_view(),
        name="suggested_price",
    ),
    path(
        "reference-prices/<int:reference_id>/",
        references.ReferencePriceScreen.as_view(),
        name="reference_price",
    ),
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
    path("search-misses/", search.MissList.as_view(), name="search_misses"),
    path("search-misses/<int:miss_id>/", search.MissScreen.as_view(), name="search_miss"),
    path("search-synonyms/", search.SynonymList.as_view(), name="search_synonyms"),
    path("search-synonyms/new/", search.SynonymForm.as_view(), name="search_synonym_new"),
    path(
        "search-synonyms/<int:synonym_id>/",
        search.SynonymScreen.as_view(),
        name="search_synonym",
    ),
    path("selection-proposals/", selection.ProposalList.as_view(), name="selection_proposals"),
    path("selection-proposals/new/", selection.ProposalForm.as_view(), name="selection_draft"),
    path(
        "selection-proposals/<int:proposal_id>/",
        selection.ProposalScreen.as_view(),
        name="selection_proposal",
    ),
    path(
        "selection-proposals/<int:proposal_id>/edit/",
        selection.ProposalForm.as_view(),
        name="selection_edit",
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
    ("recommendation-sets", RecommendationSetViewSet, "recommendation-set"),
]
api_urlpatterns: list[URLPattern] = [
    re_path(r"^prices/?$", PriceView.as_view(), name="prices"),
    re_path(r"^price-quotes/?$", PriceQuoteView.as_view(), name="price_quotes"),
    re_path(r"^recommendations/?$", RecommendationView.as_view(), name="recommendations"),
    re_path(r"^search/?$", SearchView.as_view(), name="search"),
]
