"""A tick of the workers' own: jobs run without a beat, and a dead worker's run is soon missed."""

from __future__ import annotations

import logging
from typing import Any

from celery import bootsteps, current_app

EVERY = 10.0  # seconds; a tick too many does nothing

logger = logging.getLogger(__name__)


class OwnTick(bootsteps.StartStopStep):
    """Lets a worker send itself `jobs.tick` every few seconds."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._entry: Any = None

    def start(self, parent: Any) -> None:
        """Begin with the worker."""
        self._entry = parent.timer.call_repeatedly(EVERY, ask)

    def stop(self, parent: Any) -> None:
        """End with the worker."""
        if self._entry is not None:
            self._entry.cancel()


def ask() -> None:
    """Ask for one tick; a broker that is away is asked again soon."""
    try:
        current_app.send_task("jobs.tick", retry=False, ignore_result=True, expires=EVERY)
    except Exception as error:  # noqa: BLE001 - the timer must go on
        logger.warning("No tick sent: %s", error)
