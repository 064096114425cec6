"""Addresses of the catalogue."""

from django.urls import path, re_path
from django.urls.resolvers import URLPattern

from catalog.api.goods import CategoryViewSet, ChannelViewSet, ProductViewSet, SkuViewSet
from catalog.api.pricing import PriceChangeViewSet, PriceView
from catalog.api.recommendations import RecommendationSetViewSet, RecommendationView
from catalog.views import goods, prices, recommendations

app_name = "catalog"

urlpatterns: list[URLPattern] = [
    path("skus/", goods.SkuList.as_view(), name="skus"),
    path("skus/<int:sku_id>/", goods.SkuScreen.as_view(), name="sku"),
    path("price-changes/", prices.PriceChangeList.as_view(), name="price_changes"),
    path("price-changes/new/", prices.PriceChangeForm.as_view(), name="price_change_draft"),
    path("price-changes/<int:change_id>/", prices.PriceChangeScreen.as_view(), name="price_change"),
    path(
        "price-changes/<int:change_id>/edit/",
        prices.PriceChangeForm.as_view(),
        name="price_change_edit",
    ),
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
    ("price-changes", PriceChangeViewSet, "price-change"),
    ("recommendation-sets", RecommendationSetViewSet, "recommendation-set"),
]
api_urlpatterns: list[URLPattern] = [
    re_path(r"^prices/?$", PriceView.as_view(), name="prices"),
    re_path(r"^recommendations/?$", RecommendationView.as_view(), name="recommendations"),
]
