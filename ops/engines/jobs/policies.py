"""Who may touch the timetable."""

from typing import Final

from ops.engines.kernel.policy import may

CHANGE_CADENCE: Final = may("ops", "M")
