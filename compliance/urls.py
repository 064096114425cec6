"""Addresses of compliance."""

from django.urls import path
from django.urls.resolvers import URLPattern

from compliance.api.clauses import ClauseViewSet
from compliance.api.trail import AnchorViewSet, BundleViewSet, FactViewSet
from compliance.views import bundles, clause, clauses, facts, permissions, seals, verdicts
from ops.engines.http.routes import ApiRoute

app_name = "compliance"

urlpatterns: list[URLPattern] = [
    path("clauses/", clauses.ClauseList.as_view(), name="clauses"),
    path("clauses/<str:code>/", clause.ClauseScreen.as_view(), name="clause"),
    path("clauses/<str:code>/proof/", clause.ProofFile.as_view(), name="clause-proof"),
    path("permissions/", permissions.PermissionList.as_view(), name="permissions"),
    path("audit/facts/", facts.FactList.as_view(), name="facts"),
    path("audit/facts/<int:fact_id>/", facts.FactScreen.as_view(), name="fact"),
    path("audit/anchors/", seals.AnchorList.as_view(), name="anchors"),
    path("audit/anchors/<int:number>/", seals.AnchorScreen.as_view(), name="anchor"),
    path("audit/bundles/", bundles.BundleList.as_view(), name="bundles"),
    path("audit/bundles/make/", bundles.BundleMake.as_view(), name="bundle-make"),
    path("audit/bundles/check/", verdicts.BundleCheck.as_view(), name="bundle-check"),
    path("audit/bundles/<int:bundle_id>/", bundles.BundleScreen.as_view(), name="bundle"),
    path("audit/bundles/<int:bundle_id>/file/", bundles.BundleFile.as_view(), name="bundle-file"),
    path("audit/checks/<int:fact_id>/", verdicts.BundleVerdict.as_view(), name="bundle-verdict"),
]
api: list[ApiRoute] = [
    ("clauses", ClauseViewSet, "clause"),
    ("audit/facts", FactViewSet, "audit-fact"),
    ("audit/anchors", AnchorViewSet, "audit-anchor"),
    ("audit/bundles", BundleViewSet, "audit-bundle"),
]
