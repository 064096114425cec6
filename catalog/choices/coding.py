"""Words of codes: whose names a SKU also goes by."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AliasKind(TextChoices):
    """Who calls a SKU by another name; what a channel calls it stands in `ExternalCode`."""

    LEGACY = "legacy", _("former system")
    SUPPLIER = "supplier", _("supplier")
