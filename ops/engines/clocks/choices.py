"""Words of the clocks engine."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClockState(models.TextChoices):
    """Where a clock stands; a breached clock runs on until what it waits for is done."""

    RUNNING = "running", _("running")
    PAUSED = "paused", _("stopped for now")
    BREACHED = "breached", _("time limit passed")
    MET = "met", _("done in time")
    CANCELLED = "cancelled", _("no longer needed")


class EventKind(models.TextChoices):
    """What can happen to a clock."""

    STARTED = "started", _("started")
    PAUSED = "paused", _("stopped for now")
    RESUMED = "resumed", _("going on")
    EXTENDED = "extended", _("extended")
    MOVED = "moved", _("moved by a change of the calendar")
    REMINDED = "reminded", _("reminded")
    BREACHED = "breached", _("time limit passed")
    ESCALATED = "escalated", _("named one level up")
    MET = "met", _("done")
    CANCELLED = "cancelled", _("no longer needed")


class DaySource(models.TextChoices):
    """Where a day of the calendar comes from, beyond what the product brings."""

    HAND = "hand", _("set by hand")
    FILE = "file", _("imported")
