"""Addresses of the catalogue."""

from django.urls import re_path
from django.urls.resolvers import URLPattern

from catalog.api.goods import CategoryViewSet, ChannelViewSet, ProductViewSet, SkuViewSet
from catalog.api.pricing import PriceChangeViewSet, PriceView

api = [
    ("categories", CategoryViewSet, "category"),
    ("channels", ChannelViewSet, "channel"),
    ("products", ProductViewSet, "product"),
    ("skus", SkuViewSet, "sku"),
    ("price-changes", PriceChangeViewSet, "price-change"),
]
api_urlpatterns: list[URLPattern] = [
    re_path(r"^prices/?$", PriceView.as_view(), name="prices"),
]
