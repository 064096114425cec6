"""Words of price policy."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PolicyState(TextChoices):
    """Life of one version of a price policy (CAT-4.2-04)."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    APPROVED = "approved", _("approved")
    WITHDRAWN = "withdrawn", _("withdrawn")
