"""Every route of the product: apps bring theirs in `<app>/urls.py`, nothing is undeclared."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from ops.engines.http import routes
from ops.engines.http.documents import docs_view, schema_view
from ops.engines.http.urls import account_patterns
from ops.engines.http.views import policy_view
from ops.engines.kernel.policy import PUBLIC
from ops.health import health

handler400 = "ops.engines.http.fallbacks.bad_request"
handler403 = "ops.engines.http.fallbacks.forbidden"
handler404 = "ops.engines.http.fallbacks.not_found"
handler500 = "ops.engines.http.fallbacks.server_error"

urlpatterns = [
    path("health/", policy_view(PUBLIC)(health), name="health"),
    path("accounts/", include((account_patterns, "accounts"))),
    path("i18n/setlang/", policy_view(PUBLIC)(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path("api/schema/", schema_view(), name="schema"),
    path("api/docs/", docs_view(), name="docs"),
    path("api/v1/", include(routes.api())),
    *routes.screens(),
]
