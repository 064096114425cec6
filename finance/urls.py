"""Addresses of finance."""

from django.urls.resolvers import URLPattern

from finance.api.ledger import AccountViewSet, EntryViewSet, PeriodViewSet
from finance.api.settlement import BreakViewSet, FileViewSet, ReconciliationViewSet
from ops.engines.http.routes import ApiRoute

app_name = "finance"

urlpatterns: list[URLPattern] = []
api: list[ApiRoute] = [
    ("journal-entries", EntryViewSet, "journal-entry"),
    ("accounts", AccountViewSet, "account"),
    ("periods", PeriodViewSet, "period"),
    ("settlement-files", FileViewSet, "settlement-file"),
    ("reconciliations", ReconciliationViewSet, "reconciliation"),
    ("breaks", BreakViewSet, "break"),
]
