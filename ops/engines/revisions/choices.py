"""Words of revisions: what becomes of a version, how it went live, how grave a finding is."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RevisionState(TextChoices):
    """What was decided about a version; when it is live stands in its publications."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("in review")
    APPROVED = "approved", _("approved")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Standing(TextChoices):
    """Where a version stands at one moment, as people read it."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("in review")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")
    SCHEDULED = "scheduled", _("approved, not live yet")
    LIVE = "live", _("live")
    REPLACED = "replaced", _("replaced")


class How(TextChoices):
    """How a version came to be live."""

    PUBLISHED = "published", _("published")
    RESTORED = "restored", _("restored")
    OPENING = "opening", _("taken over")


class Level(TextChoices):
    """How grave a finding is: `stop` refuses submission, `route` calls for one more reviewer."""

    STOP = "stop", _("must be mended")
    ROUTE = "route", _("needs another reviewer")
    NOTE = "note", _("remark")


OPEN: Final = (RevisionState.DRAFT, RevisionState.SUBMITTED)
