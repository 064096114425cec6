"""Waking a worker after a commit: a hint that may be lost and must never be felt.

What must happen lies in the outbox, and the tick finds it. So the message to the broker is sent by
a thread of its own: a broker that is away, slow or silent costs the caller nothing, a burst of
commits becomes one message, and a failure is logged at most every five seconds.
"""

from __future__ import annotations

import logging
import os
import threading

from celery import current_app
from django.db import connection, transaction

TASK = "events.deliver"
EXPIRES = 30  # seconds; the tick has delivered by then
PAUSE = 5.0  # seconds of silence after a failure

logger = logging.getLogger(__name__)


class _Nudger:
    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        self._wanted.set()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nudge", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        rest = threading.Event()
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if not send():
                rest.wait(PAUSE)


_nudger = _Nudger()


def _after_fork() -> None:
    global _nudger  # noqa: PLW0603 - threads do not survive a fork, locks may be held in it
    _nudger = _Nudger()


os.register_at_fork(after_in_child=_after_fork)


def send() -> bool:
    """Send the wake-up now and say whether the broker took it; never raises."""
    try:
        current_app.send_task(TASK, retry=False, ignore_result=True, expires=EXPIRES)
    except Exception as error:  # noqa: BLE001 - whatever the broker does, the outbox is the truth
        logger.warning("No wake-up sent, the tick will deliver: %s", error)
        return False
    return True


def ask() -> None:
    """Ask for one delivery soon; returns at once."""
    _nudger.ask()


def after_commit() -> None:
    """Ask once when the caller's transaction commits."""
    if not any(entry[1] is ask for entry in connection.run_on_commit):
        transaction.on_commit(ask, robust=True)
