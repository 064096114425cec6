"""`manage.py up`: starts everything, survives kill -9 of each part, stops cleanly."""

import os
import signal
import subprocess
import sys
import time

import pytest

from ops.launcher.supervisor import process_runs
from tests.support.product import PARTS, ROOT, Product

WRITABLE_AGAIN_SECONDS = 15  # promise R2
pytestmark = pytest.mark.slow


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
