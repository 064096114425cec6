"""Words of the documents engine."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentKind(models.TextChoices):
    """What sort of written rule a document is."""

    RULE = "rule", _("rule")
    SOP = "sop", _("standard operating procedure")
    POLICY = "policy", _("policy")
    PLAN = "plan", _("emergency plan")


class VersionState(models.TextChoices):
    """Life of one version of a rule document (GEN-1.3-05)."""

    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    APPROVED = "approved", _("approved, waits for its day")
    EFFECTIVE = "effective", _("effective")
    SUPERSEDED = "superseded", _("superseded")
    ABOLISHED = "abolished", _("abolished")


OPEN = (VersionState.DRAFT, VersionState.REVIEW, VersionState.APPROVED)
IN_FORCE = (VersionState.EFFECTIVE, VersionState.SUPERSEDED, VersionState.ABOLISHED)
ENDED = (VersionState.SUPERSEDED, VersionState.ABOLISHED)
