"""Waking a worker for a queued run: a hint that may be lost and must never be felt."""

from __future__ import annotations

import logging
import threading

from celery import current_app

TASK = "reports.build"
logger = logging.getLogger(__name__)


def ask(run_id: int) -> None:
    """Tell the broker from a thread of its own; the caller never waits for it."""
    threading.Thread(target=send, args=(run_id,), name="report-nudge", daemon=True).start()


def send(run_id: int) -> bool:
    """Send the wake-up now and say whether the broker took it; never raises."""
    try:
        current_app.send_task(TASK, args=[run_id], retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - the run's row is the truth, the tick finds it
        logger.warning("No wake-up sent, the report runner will find the run: %s", error)
        return False
    return True
