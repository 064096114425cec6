"""Leases: who runs a period now, kept alive by a heartbeat, fenced by a token.

Leases are counted on the database's clock, so the clocks of the workers do not matter. The
heartbeat has a thread and a connection of its own, because the job's transaction shows nothing
until it commits; it opens the connection only for runs that last, or that report progress.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from types import TracebackType
from typing import Self

from django.db import DatabaseError, InterfaceError, connection

from ops.engines.jobs.errors import LeaseLost

LEASE = 18  # seconds until another worker may take over; with a sweep every 10 s, 28 in all
BEAT = 5.0  # seconds between heartbeats
PACE = 1.0  # seconds between stored progress

logger = logging.getLogger(__name__)

_BEAT = """
UPDATE jobs_run
   SET lease_until = clock_timestamp() + make_interval(secs => %s),
       progress_done = %s, progress_total = %s, stage = %s
 WHERE id = %s AND lease = %s AND state = 'running'
"""


class Heartbeat:
    """Keeps one lease while the `with` block runs, and stores its progress.

    Inside a transaction of the caller's (tests) there is no thread: no other connection could see
    the run, so progress is written along with the job.
    """

    def __init__(self, *, run_id: int, lease: uuid.UUID, longest: float) -> None:
        self._run_id, self._lease, self._longest = run_id, lease, longest
        self._said: tuple[int, int | None, str] = (0, None, "")
        self._stored: tuple[int, int | None, str] = self._said
        self._written_at = time.monotonic()
        self._lost = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def report(self, done: int, total: int | None, stage: str) -> None:
        """Note progress. Raises LeaseLost when the run belongs to another worker by now."""
        if self._lost:
            raise LeaseLost
        self._said = (done, total, stage)
        if self._thread is None and time.monotonic() - self._written_at >= PACE:
            self._write()

    @property
    def said(self) -> tuple[int, int | None, str]:
        """Return the newest progress, stored or not."""
        return self._said

    def __enter__(self) -> Self:
        if not connection.in_atomic_block:
            self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        until = time.monotonic() + self._longest
        try:
            while not self._stop.wait(PACE) and not self._lost and time.monotonic() < until:
                if self._said != self._stored or time.monotonic() - self._written_at >= BEAT:
                    self._write_or_log()
        finally:
            connection.close()

    def _write_or_log(self) -> None:
        try:
            self._write()
        except (DatabaseError, InterfaceError):
            logger.warning("No heartbeat for run %s", self._run_id, exc_info=True)
            connection.close()

    def _write(self) -> None:
        said = self._said
        with connection.cursor() as cursor:
            cursor.execute(_BEAT, [LEASE, *said, self._run_id, self._lease])
            self._lost = cursor.rowcount == 0
        self._stored, self._written_at = said, time.monotonic()
