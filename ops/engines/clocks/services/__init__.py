"""What can be done to clocks and to the calendar."""

from ops.engines.clocks.services.calendars import import_year, set_day
from ops.engines.clocks.services.running import cancel, extend, meet, pause, resume, start
from ops.engines.clocks.services.sweeping import sweep

__all__ = [
    "cancel",
    "extend",
    "import_year",
    "meet",
    "pause",
    "resume",
    "set_day",
    "start",
    "sweep",
]
