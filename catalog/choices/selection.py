"""Words of product selection: how goods came in, how a proposal goes, what sourcing found."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SelectionBasis(TextChoices):
    """By what right a SKU may be bought for the first time (SCM-2.4-02)."""

    TAKEN_OVER = "taken_over", _("taken over at go-live")
    NEEDED = "needed", _("needs an approved proposal")


class ProposalState(TextChoices):
    """Life of a proposal for a new product."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    APPROVED = "approved", _("approved")
    WITHDRAWN = "withdrawn", _("withdrawn")


class SourcingState(TextChoices):
    """Life of the task to find a source of an approved product."""

    OPEN = "open", _("to be sourced")
    FOUND = "found", _("source found")
    GIVEN_UP = "given_up", _("given up")
