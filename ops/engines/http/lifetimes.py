"""How long a session lives, told by two clocks: a clock that is set back lengthens nothing (S12).

The wall clock counts everywhere. Beside it counts the time since the machine was started, which
nobody sets: as long as it runs, twelve hours are twelve hours whatever its wall clock says. After
a restart, or on another host, the wall clock is alone; one that stands before the last request it
saw itself has been set back, and ends the session.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase

from ops.engines.identity.choices import SESSION_OPENED, SESSION_SEEN
from ops.engines.identity.selectors import ABSOLUTE

SEEN_EVERY: Final = timedelta(minutes=1)
SLACK: Final = timedelta(minutes=2)  # by which hosts may differ, and a clock be corrected
_STEADY: Final = "steady"
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


Session = SessionBase | dict[str, Any]
"""Where a session is kept; a plain mapping will do."""


@cache
def boot() -> str:
    """Return the id of this start of the machine, empty where there is none."""
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""


def steady() -> float:
    """Return the seconds since the machine was started, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def begin(session: Session, *, at: datetime) -> None:
    """Start both clocks of a session."""
    session[SESSION_OPENED] = session[SESSION_SEEN] = at.timestamp()
    session[_STEADY] = [boot(), steady(), steady()]


def is_alive(session: Session, *, idle: timedelta, at: datetime) -> bool:
    """Say whether a session may go on at a moment, and note once a minute that it was used."""
    now, opened, seen = at.timestamp(), session.get(SESSION_OPENED), session.get(SESSION_SEEN)
    if opened is None or seen is None or now < seen - SLACK.total_seconds():
        return False
    if _is_over(now - opened, now - seen, idle):
        return False
    started, steady_opened, steady_seen = session.get(_STEADY) or ["", 0.0, 0.0]
    is_same_start = bool(started) and started == boot()
    if is_same_start and _is_over(steady() - steady_opened, steady() - steady_seen, idle):
        return False
    # One write a minute, not one a request.
    unseen = max(now - seen, steady() - steady_seen if is_same_start else 0.0)
    if unseen > SEEN_EVERY.total_seconds():
        session[SESSION_SEEN] = now
        session[_STEADY] = [started, steady_opened, steady() if is_same_start else steady_seen]
    return True


def _is_over(age: float, unused: float, idle: timedelta) -> bool:
    return age > ABSOLUTE.total_seconds() or unused > idle.total_seconds()
