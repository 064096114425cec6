"""Child processes forked from a parent that has already imported everything."""

import contextlib
import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
HIGHEST_DESCRIPTOR = 1024
STEADY_SECONDS = 30
LONGEST_PAUSE = 8.0
LOG_ROOM = 20 * 1024 * 1024


def _die_with_parent() -> None:
    # Linux only: elsewhere an orphan is found by `down`.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _redirect(log: Path) -> None:
    log.parent.mkdir(mode=0o700, exist_ok=True)
    size = log.stat().st_size if log.exists() else 0
    mode = os.O_TRUNC if size > LOG_ROOM else os.O_APPEND
    target = os.open(log, os.O_WRONLY | os.O_CREAT | mode, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, number in ((nothing, 0), (target, 1), (target, 2)):
        os.dup2(source, number)


def _close_inherited(kept: tuple[int, ...]) -> None:
    # The supervisor's lock, above all, must not outlive the supervisor.
    first = 3
    for number in sorted(kept):
        os.closerange(first, number)
        first = number + 1
    os.closerange(first, HIGHEST_DESCRIPTOR)


@dataclass(kw_only=True)
class Child:
    """One process of the product and its history of dying."""

    name: str
    run: Callable[[], None]
    log: Path
    pid: int | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0
    keep_open: tuple[int, ...] = ()

    def start(self) -> None:
        """Fork; the child leads a process group of its own and never returns."""
        self.started = time.monotonic()
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            self.pid = pid
            return
        status = 1
        try:
            os.setsid()
            _die_with_parent()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            _redirect(self.log)
            _close_inherited(self.keep_open)
            self.run()
            status = 0
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:  # noqa: BLE001  the last frame of a process: report and leave
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def has_died(self) -> bool:
        """Reap the process when it has ended, and plan its next start."""
        if self.pid is None:
            return False
        ended, _status = os.waitpid(self.pid, os.WNOHANG)
        if not ended:
            return False
        self.kill_group()  # its own children must not keep the port or the queue
        now = time.monotonic()
        self.deaths = 1 if now - self.started > STEADY_SECONDS else self.deaths + 1
        pause = min(LONGEST_PAUSE, 0.25 * 2 ** (self.deaths - 1))
        self.pid, self.not_before = None, now + pause
        return True

    def kill_group(self) -> None:
        """Kill whatever is left of the process group."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        """Ask for a clean end: no new work, the current work finished."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
