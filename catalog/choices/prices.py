"""Words of prices: kinds of ranges, states of changes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PriceKind(TextChoices):
    """Why a price range exists."""

    CHANGE = "change", _("approved change")
    REVERT = "revert", _("return to the former price")
    OPENING = "opening", _("taken over from before go-live")


class PriceChangeState(TextChoices):
    """Life of a price change (CAT-4.2-01)."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    SCHEDULED = "scheduled", _("scheduled")
    ACTIVE = "active", _("active")
    ENDED = "ended", _("ended")
    WITHDRAWN = "withdrawn", _("withdrawn")
    SUSPENDED = "suspended", _("suspended")
