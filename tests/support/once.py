"""What is made once per run, by whichever worker needs it first, and copied by the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from ops.embedded.places import locked
from tests.support.cluster import WORK_PREFIX

OF_THE_RUN: Final = ("company", "trade")


def of_the_run(places: pytest.TempPathFactory) -> Path:
    """Return the folder all workers of this run share."""
    base = places.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def run_process() -> int:
    """Return the process that lives as long as the run: workers are its children."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def database_of_the_run(name: str) -> str:
    """Return the database that is founded once for all workers of this run, and only copied."""
    return f"{WORK_PREFIX}{run_process()}_{name}"


def once(
    places: pytest.TempPathFactory, name: str, make: Callable[[Path], str]
) -> tuple[Path, str]:
    """Return a folder that was made once, and what its maker said; others wait meanwhile."""
    folder = of_the_run(places) / name
    with locked(folder, ".making"):
        told = folder / ".made"
        if not told.exists():
            said = make(folder)
            told.write_text(said, "utf-8")
        return folder, told.read_text("utf-8")
