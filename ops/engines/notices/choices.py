"""Words of notices."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NoticeKind(TextChoices):
    """What a notice wants of its reader; only `act` is counted."""

    ACT = "act", _("to act on")
    FYI = "fyi", _("for information")
    RUN = "run", _("a run has ended")
