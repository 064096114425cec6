"""REST routes of the reports engine, below /api/v1/."""

from django.urls import path

from ops.engines.reports.api import ReportList, ReportRuns

api_urlpatterns = [
    path("reports/", ReportList.as_view(), name="reports"),
    path(
        "reports/<slug:name>/runs/",
        ReportRuns.as_view({"get": "list", "post": "create"}),
        name="report-runs",
    ),
    path(
        "reports/<slug:name>/runs/<int:pk>/",
        ReportRuns.as_view({"get": "retrieve"}),
        name="report-run",
    ),
    path(
        "reports/<slug:name>/runs/<int:pk>/file/",
        ReportRuns.as_view({"get": "file"}),
        name="report-run-file",
    ),
]
