"""The framework's admin app with our site in it."""

from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AdminConfig):
    """Record screens."""

    default_site = "ops.engines.http.site.RecordSite"
    verbose_name = _("Records")
