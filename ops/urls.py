"""Every route of the product, mounted by app."""

from django.contrib import admin
from django.urls import path

from ops.health import health

urlpatterns = [
    path("health/", health, name="health"),
    path("admin/", admin.site.urls),
]
