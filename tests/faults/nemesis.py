"""What kills: a random process of a random part every few seconds, or the broker for a while."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ops.embedded.places import locked
from ops.launcher.supervisor import process_runs
from tests.support.product import PARTS, Product

BACK_SECONDS = 15  # promise R2


@dataclass(frozen=True, slots=True)
class Kill:
    """One process killed: when, and after how long its part ran again (None: not in time)."""

    part: str
    pid: int
    is_head: bool
    at: float
    back_after: float | None


def kill_for(product: Product, *, seconds: float, seed: int) -> list[Kill]:
    """Kill one process every 4 to 6 seconds; every part comes first once, then at random."""
    draws = random.Random(seed)  # noqa: S311
    deadline, kills = time.monotonic() + seconds, []
    first = draws.sample(PARTS, len(PARTS))
    while time.monotonic() < deadline:
        part = first.pop() if first else draws.choice(PARTS)
        kills.append(_kill(product, part, draws))
    return kills


def _kill(product: Product, part: str, draws: random.Random) -> Kill:
    """Kill the head of a part (two of three times) or a process under it."""
    head = product.run_json()["pids"][part]
    below = _children(head)
    victim = draws.choice(below) if below and draws.random() < 1 / 3 else head
    at = time.monotonic()
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    pause, back = at + draws.uniform(4, 6), None
    while time.monotonic() < (pause if back is not None else at + BACK_SECONDS):
        if back is None and _is_back(product, part, victim):
            back = time.monotonic() - at
        time.sleep(0.1)
    return Kill(part, victim, victim == head, at, back)


def _is_back(product: Product, part: str, victim: int) -> bool:
    head = product.run_json()["pids"][part]
    return head != victim and process_runs(head) and product.is_healthy()


def _children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in listed.split()]


@contextmanager
def broker_away(product: Product) -> Iterator[None]:
    """Take the broker away and lose everything it held; it may start again at the end."""
    with locked(product.data_dir, ".valkey.lock"):  # the supervisor cannot start it meanwhile
        os.kill(product.run_json()["pids"]["valkey"], signal.SIGKILL)
        for path in (product.data_dir / "valkey").iterdir():
            if path.is_dir():
                shutil.rmtree(path)
        yield
