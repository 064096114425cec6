"""Keep the product running: restart what dies, stop everything on a signal."""

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from django.conf import settings

from ops.embedded.postgres import ensure_postgres, postgres_pid, stop_postgres
from ops.embedded.valkey import ensure_valkey, stop_valkey, valkey_pid
from ops.launcher import runfile
from ops.launcher.children import Child
from ops.launcher.progress import say

LOOP_SECONDS = 0.25
SERVER_CHECK_SECONDS = 1.0
STOP_SECONDS = 20.0


def process_runs(pid: int | None) -> bool:
    """Tell whether the process exists and is not a zombie waiting to be reaped."""
    if pid is None:
        return False
    if not Path("/proc/self/stat").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


class Supervisor:
    """Own the children; look after the embedded servers they need."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.stopping = False
        self._next_check = 0.0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def listen_to_signals(self) -> None:
        """Turn Ctrl-C, SIGTERM and a closed terminal into a clean stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self) -> None:
        """Start every child and write run.json."""
        for child in self.children:
            child.start()
        self.write_runfile()

    def write_runfile(self) -> None:
        """Tell tools what runs now."""
        runfile.write({child.name: child.pid for child in self.children})

    def run(self) -> None:
        """Watch until told to stop, then stop everything."""
        while not self.stopping:
            changed = self._revive_servers() | self._revive_children()
            if changed:
                self.write_runfile()
            time.sleep(LOOP_SECONDS)
        self.stop()

    def _revive_children(self) -> bool:
        changed = False
        for child in self.children:
            if child.has_died():
                say(f"{child.name} has ended; see {child.log}")
                changed = True
            if child.pid is None and time.monotonic() >= child.not_before:
                child.start()
                say(f"{child.name} started again")
                changed = True
        return changed

    def _revive_servers(self) -> bool:
        if time.monotonic() < self._next_check:
            return False
        changed = False
        data_dir: Path = settings.DATA_DIR
        try:
            if settings.EMBEDDED_DATABASE and not process_runs(postgres_pid(data_dir)):
                say("PostgreSQL has ended; starting it again")
                ensure_postgres(data_dir)
                changed = True
            if settings.EMBEDDED_BROKER and valkey_pid(data_dir) is None:
                say("Valkey has ended; starting it again")
                ensure_valkey(data_dir)
                changed = True
        except RuntimeError as error:
            say(f"a server did not start: {error}")
        self._next_check = time.monotonic() + SERVER_CHECK_SECONDS
        return changed

    def stop(self) -> None:
        """Stop the children, then the servers they used. Data stays."""
        say("stopping")
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.pid for child in self.children) and time.monotonic() < deadline:
            for child in self.children:
                child.has_died()
            time.sleep(0.05)
        for child in self.children:
            child.kill_group()
            with contextlib.suppress(ChildProcessError):
                child.has_died()
        if settings.EMBEDDED_BROKER:
            stop_valkey(settings.DATA_DIR)
        if settings.EMBEDDED_DATABASE:
            stop_postgres(settings.DATA_DIR)
        runfile.remove()
        say("stopped; the data stays in " + str(settings.DATA_DIR))
