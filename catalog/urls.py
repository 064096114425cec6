"""Addresses of the catalogue."""

from django.urls import path, re_path
from django.urls.resolvers import URLPattern

from catalog.api.goods import CategoryViewSet, ChannelViewSet, ProductViewSet, SkuViewSet
from catalog.api.pricing import PriceChangeViewSet, PriceView
from catalog.api.promotions import CouponBatchViewSet, CouponViewSet, PromotionViewSet
from catalog.api.quotes import PriceQuoteView
from catalog.views import goods, prices, promotion_form, promotion_try, promotions

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
]
api = [
    ("categories", CategoryViewSet, "category"),
    ("channels", ChannelViewSet, "channel"),
    ("products", ProductViewSet, "product"),
    ("skus", SkuViewSet, "sku"),
    ("price-changes", PriceChangeViewSet, "price-change"),
    ("promotions", PromotionViewSet, "promotion"),
    ("coupon-batches", CouponBatchViewSet, "coupon-batch"),
    ("coupons", CouponViewSet, "coupon"),
]
api_urlpatterns: list[URLPattern] = [
    re_path(r"^prices/?$", PriceView.as_view(), name="prices"),
    re_path(r"^price-quotes/?$", PriceQuoteView.as_view(), name="price_quotes"),
]
