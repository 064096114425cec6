"""Where the servers of the tests keep their data: in memory where there is room, else on disk.

A test with a database of its own makes and drops some 2,600 files. On a disk that costs far more
than the test: ext4 without a journal looks at every file deleted within the last minutes before it
makes a new one, 1.7 s for each database. Nothing in these servers outlives a run but the template.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of one user alone is made in it
ROOM: Final = 4 * 1024**3  # bytes; a whole run takes less than half of it
_AVAILABLE: Final = re.compile(r"^MemAvailable:\s+(\d+) kB", re.MULTILINE)


def data_dir(root: Path = ROOT, memory: Path = MEMORY) -> Path:
    """Return the data directory of this checkout's test servers."""
    if named := os.environ.get("TEST_DATA_DIR"):
        return Path(named)
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:12]
    folder = memory / f"guifan-test-{os.geteuid()}-{digest}"
    return folder if folder.exists() or _room(memory) >= ROOM else root / ".data-test"


def in_memory(folder: Path, memory: Path = MEMORY) -> bool:
    """Say whether a data directory lies in memory."""
    return memory in folder.parents


def _room(memory: Path) -> int:
    try:
        found, told = os.statvfs(memory), Path("/proc/meminfo").read_text()
    except OSError:
        return 0
    available = _AVAILABLE.search(told)
    return min(found.f_bavail * found.f_frsize, int(available[1]) * 1024 if available else 0)
