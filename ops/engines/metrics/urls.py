"""REST routes of metrics, below /api/v1/; with and without a closing slash."""

from django.urls import re_path
from django.urls.resolvers import URLPattern

from ops.engines.metrics.api import AnomalyViewSet, Dictionary, Figures

api = [("anomalies", AnomalyViewSet, "anomaly")]
api_urlpatterns: list[URLPattern] = [
    re_path(r"^metrics/?$", Dictionary.as_view(), name="metrics"),
    re_path(r"^metrics/(?P<key>[a-z0-9_]{1,60})/?$", Figures.as_view(), name="metric-figures"),
]
