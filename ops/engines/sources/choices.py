"""Words of outside sources: how often figures are owed, and what came of a file."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Rhythm(TextChoices):
    """How often figures of a source are owed."""

    DAILY = "daily", _("every working day")
    WEEKLY = "weekly", _("every week")


class Weekday(IntegerChoices):
    """The ISO weekday on which weekly figures are owed; a holiday moves it to the next workday."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class FileState(TextChoices):
    """What came of a file that was sent."""

    WAITING = "waiting", _("waits to be read")
    TAKEN = "taken", _("figures taken over")
    KNOWN = "known", _("known already")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("could not be read")


# The same bytes in one of these are not sent a second time.
KEPT = (FileState.WAITING, FileState.TAKEN, FileState.KNOWN)
