"""A running product in a data directory of its own, started as an operator starts it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.launcher.supervisor import process_runs

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 600  # a machine that is busy with other tests is slow, not broken
STOP_SECONDS = 60
PARTS = ("postgres", "valkey", "web", "worker", "beat")


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Product:
    """A running product in a data directory of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.log = data_dir.parent / "up.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return what its processes are told; nothing of this test run leaks in."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "DEMO": "0"}

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> subprocess.Popen[bytes]:
        """Start everything and wait until it says ready."""
        with self.log.open("wb") as log:
            process = self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "manage.py", "up"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while "] ready" not in self.said():
            assert process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)
        return process

    def stop(self) -> None:
        """Stop everything as Ctrl-C does; what a supervisor that died left behind as well."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=STOP_SECONDS)
        if self._process.poll() != 0 or "] ready" not in self.said():
            self.manage("down")

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command against it."""
        return self.python("manage.py", *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in its environment."""
        return subprocess.run(
            [sys.executable, "-W", "ignore", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def said(self) -> str:
        """Return what it has printed so far."""
        return self.log.read_text()

    def run_json(self) -> dict[str, Any]:
        """Return what it says about itself."""
        content: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text())
        return content

    def is_healthy(self) -> bool:
        """Say whether web, database and broker answer."""
        try:
            address = f"http://127.0.0.1:{self.port}/health/"
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def replaced(self, part: str, old: int) -> bool:
        """Say whether a part runs under a new process id, in a healthy product."""
        new = self.run_json()["pids"][part]
        return new != old and process_runs(new) and self.is_healthy()


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """Give a test a product that is not started yet, and take it down afterwards."""
    running = Product(tmp_path / "data")
    yield running
    running.stop()
