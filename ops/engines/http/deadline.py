"""No request waits for ever: after its time is over the database connections it uses are cut.

A server that has gone without a word, a stopped disk, a lock nobody gives back: the driver would
wait without end, and so would the person. One watcher per process shuts the sockets of a request
that is late; the driver then reports a lost connection, which is answered 503 like any other.
What a request streams after its answer has begun is not counted.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponseBase

EVERY = 1.0  # seconds between two looks

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wait:
    until: float
    path: str
    links: list[BaseDatabaseWrapper]


class _Watcher:
    """The late requests of one process, and the thread that looks for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits: dict[int, _Wait] = {}
        self._thread: threading.Thread | None = None

    def enter(self, wait: _Wait) -> None:
        with self._lock:
            self._waits[threading.get_ident()] = wait
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadline", daemon=True)
                self._thread.start()

    def leave(self) -> None:
        with self._lock:
            self._waits.pop(threading.get_ident(), None)

    def _run(self) -> None:
        while True:
            time.sleep(EVERY)
            now = time.monotonic()
            with self._lock:  # a connection is cut only while its request still runs
                for thread, wait in list(self._waits.items()):
                    if wait.until < now:
                        del self._waits[thread]
                        log.error("Late: the database connections of %s are cut.", wait.path)
                        for link in wait.links:
                            _cut(link)


def _cut(link: BaseDatabaseWrapper) -> None:
    raw: Any = link.connection
    if raw is None or raw.closed:
        return
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(raw.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


_watcher = _Watcher()


def _after_fork() -> None:
    global _watcher  # noqa: PLW0603 - threads do not survive a fork, locks may be held in it
    _watcher = _Watcher()


os.register_at_fork(after_in_child=_after_fork)


class RequestDeadline:
    """Give every request REQUEST_SECONDS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in time, or with a lost connection."""
        links = list(connections.all())
        _watcher.enter(
            _Wait(time.monotonic() + settings.REQUEST_SECONDS, request.path[:200], links)
        )
        try:
            return self.get_response(request)
        finally:
            _watcher.leave()
