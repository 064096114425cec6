"""Words of the organisation."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewState(models.TextChoices):
    """How far a review of rights is."""

    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class Verdict(models.TextChoices):
    """What became of one right in a review."""

    PENDING = "pending", _("waiting for an answer")
    KEPT = "kept", _("kept")
    REVOKED = "revoked", _("taken away")
    LAPSED = "lapsed", _("lapsed unanswered")


class RightKind(models.TextChoices):
    """What sort of right a line of a review is about."""

    POSITION = "position", _("position")
    SCOPE = "scope", _("object")
