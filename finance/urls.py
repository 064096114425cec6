"""Addresses of finance."""

from django.urls import path
from django.urls.resolvers import URLPattern

from finance.api.ledger import AccountViewSet, EntryViewSet, PeriodViewSet
from finance.api.settlement import BreakViewSet, FileViewSet, ReconciliationViewSet
from finance.views import (
    agreements,
    breaks,
    closing,
    ledger,
    manual,
    statements,
    vouchers,
    workbench,
)
from ops.engines.http.routes import ApiRoute

app_name = "finance"

urlpatterns: list[URLPattern] = [
    path("finance/trial-balance/", ledger.TrialBalanceScreen.as_view(), name="trial-balance"),
    path(
        "finance/trial-balance/<str:month>/",
        ledger.TrialBalanceScreen.as_view(),
        name="trial-balance-of",
    ),
    path("finance/lines/", ledger.LineList.as_view(), name="lines"),
    path("finance/entries/", vouchers.EntryList.as_view(), name="entries"),
    path("finance/entries/<int:pk>/", vouchers.EntryScreen.as_view(), name="entry"),
    path("finance/manual/", manual.ManualList.as_view(), name="manual-entries"),
    path("finance/manual/new/", manual.ManualForm.as_view(), name="manual-entry-new"),
    path("finance/manual/<int:pk>/", manual.ManualScreen.as_view(), name="manual-entry"),
    path("finance/files/", statements.FileList.as_view(), name="files"),
    path("finance/files/<int:pk>/", statements.FileScreen.as_view(), name="file"),
    path("finance/reconciliations/", statements.RunList.as_view(), name="runs"),
    path("finance/breaks/", breaks.BreakList.as_view(), name="breaks"),
    path("finance/breaks/<int:pk>/", breaks.BreakScreen.as_view(), name="break"),
    path("finance/matching/", workbench.Workbench.as_view(), name="workbench"),
    path("finance/agreement/", agreements.AgreementList.as_view(), name="agreements"),
    path("finance/close/", closing.CloseNow.as_view(), name="close-now"),
    path("finance/close/<str:month>/", closing.CloseScreen.as_view(), name="close"),
]
api: list[ApiRoute] = [
    ("journal-entries", EntryViewSet, "journal-entry"),
    ("accounts", AccountViewSet, "account"),
    ("periods", PeriodViewSet, "period"),
    ("settlement-files", FileViewSet, "settlement-file"),
    ("reconciliations", ReconciliationViewSet, "reconciliation"),
    ("breaks", BreakViewSet, "break"),
]
