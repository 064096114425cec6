"""REST routes of the reports engine, below /api/v1/; with and without a closing slash."""

from django.urls import re_path
from django.urls.resolvers import URLPattern

from ops.engines.reports.api import ReportList, ReportRuns

_RUNS = r"^reports/(?P<name>[a-z0-9_]{1,80})/runs"
_RUN = _RUNS + r"/(?P<pk>[1-9][0-9]{0,17})"

api_urlpatterns: list[URLPattern] = [
    re_path(r"^reports/?$", ReportList.as_view(), name="reports"),
    re_path(
        _RUNS + "/?$", ReportRuns.as_view({"get": "list", "post": "create"}), name="report-runs"
    ),
    re_path(_RUN + "/?$", ReportRuns.as_view({"get": "retrieve"}), name="report-run"),
    re_path(_RUN + "/file/?$", ReportRuns.as_view({"get": "file"}), name="report-run-file"),
]
