"""Words of notices."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NoticeKind(TextChoices):
    """What a notice wants of its reader; only `act` is counted."""

    ACT = "act", _("to act on")
    FYI = "fyi", _("for information")
    RUN = "run", _("a run has ended")


class MailMode(TextChoices):
    """When a kind of notice is mailed to a person."""

    NOW = "now", _("at once")
    DAILY = "daily", _("once a day")
    NEVER = "never", _("never")


class MailState(TextChoices):
    """Where the mail of a notice stands."""

    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DROPPED = "dropped", _("done before it was sent")
    PARKED = "parked", _("given up")
