"""W11: from a data folder that is not there to a page, and again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Row

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".data-bench-up"
PORT = "8791"
AIM_COLD, AIM_WARM, AIM_PAGE = 20.0, 6.0, 300.0


def _up() -> tuple[float, float]:
    """Start the product, wait until it is healthy, fetch the first page; return s and ms."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(FOLDER), "DEMO": "0", "PORT": PORT},
        stdout=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - started < 180:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health/", timeout=2).read()
                break
            except OSError:
                time.sleep(0.05)
        ready = time.perf_counter() - started
        asked = time.perf_counter()
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/accounts/login/", timeout=10).read()
        return ready, 1000 * (time.perf_counter() - asked)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def starts() -> Iterator[Row]:
    """W11: cold (empty data folder, packages installed), warm, first page."""
    cold, warm, page = [], [], []
    for _round in range(3):
        shutil.rmtree(FOLDER, ignore_errors=True)
        cold.append(_up()[0])
        ready, first_page = _up()
        warm.append(ready)
        page.append(first_page)
    shutil.rmtree(FOLDER, ignore_errors=True)
    yield Row("W11.a", "up on an empty data folder", "s", cold, [AIM_COLD], 1, better="lower")
    yield Row("W11.b", "up again", "s", warm, [AIM_WARM], 1, better="lower")
    yield Row("W11.c", "first page", "ms", page, [AIM_PAGE], 1, better="lower")
