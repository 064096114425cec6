"""`manage.py up`: starts everything, survives kill -9 of each part, stops cleanly."""

import json
import os
import signal
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
PARTS = ("postgres", "valkey", "web", "worker", "beat")
WRITABLE_AGAIN_SECONDS = 15  # promise R2
pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Product:
    """A running product in a data directory of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.log = data_dir.parent / "up.log"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "DEMO": "0"}

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "manage.py", "up"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 90
        while "] ready" not in self.said():
            assert process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)
        return process

    def said(self) -> str:
        return self.log.read_text()

    def run_json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text())
        return content

    def is_healthy(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self.port}/health/"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def replaced(self, part: str, old: int) -> bool:
        new = self.run_json()["pids"][part]
        return new != old and process_runs(new) and self.is_healthy()


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    running = Product(tmp_path / "data")
    yield running
    subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "down"],
        cwd=ROOT,
        env=running.environment,
        capture_output=True,
        check=False,
    )


def test_product_starts_survives_kills_and_stops(product: Product) -> None:
    process = product.start()

    # What runs is told, to this user only.
    run_json = product.data_dir / "run.json"
    assert run_json.stat().st_mode & 0o777 == 0o600
    assert set(product.run_json()) == {
        "url", "pids", "database_url", "owner_database_url", "report_database_url",
        "broker_url", "accounts",
    }  # fmt: skip
    pids = product.run_json()["pids"]
    assert set(pids) == set(PARTS)
    assert all(process_runs(pid) for pid in pids.values())
    assert product.is_healthy()

    # A second starter is sent away.
    second = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "up"],
        cwd=ROOT, env=product.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "Already running" in second.stderr

    # Whatever is killed comes back.
    for part in PARTS:
        killed = product.run_json()["pids"][part]
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + WRITABLE_AGAIN_SECONDS
        while not product.replaced(part, killed):
            assert time.monotonic() < deadline, f"{part}: {product.said()}"
            time.sleep(0.1)

    # Ctrl-C stops everything.
    pids = product.run_json()["pids"]
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=40) == 0
    assert not any(process_runs(pid) for pid in pids.values())
    assert not run_json.exists()

    # The second start finds its data and does not migrate again.
    process = product.start()
    assert "migrating" not in product.said()
    assert "collecting" not in product.said()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
