"""Addresses of compliance."""

from django.urls import path
from django.urls.resolvers import URLPattern

from compliance.api import ClauseViewSet
from compliance.views import clause, clauses, facts
from ops.engines.http.routes import ApiRoute

app_name = "compliance"

urlpatterns: list[URLPattern] = [
    path("clauses/", clauses.ClauseList.as_view(), name="clauses"),
    path("clauses/<str:code>/", clause.ClauseScreen.as_view(), name="clause"),
    path("clauses/<str:code>/proof/", clause.ProofFile.as_view(), name="clause-proof"),
    path("audit/facts/", facts.FactList.as_view(), name="facts"),
    path("audit/facts/<int:fact_id>/", facts.FactScreen.as_view(), name="fact"),
]
api: list[ApiRoute] = [("clauses", ClauseViewSet, "clause")]
