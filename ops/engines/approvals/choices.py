"""Words of approvals: kinds, states and verdicts."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RequestKind(TextChoices):
    """How a request came to be."""

    ORDINARY = "ordinary", _("asked for here")
    OPENING = "opening", _("taken over from before go-live")


class RequestState(TextChoices):
    """Life of a request; decided ones stay, but a change of what was asked voids them."""

    SUBMITTED = "submitted", _("submitted")
    APPROVED = "approved", _("approved")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")
    VOIDED = "voided", _("voided by a change")


class Verdict(TextChoices):
    """What a decider said at one step."""

    APPROVE = "approve", _("approved")
    OPINION = "opinion", _("opinion given")
    RETURN = "return", _("returned")
