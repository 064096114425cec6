"""Stop the servers that the tests left running for the next run; give back the memory they hold."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ops.embedded.postgres import stop_postgres
from ops.embedded.valkey import stop_valkey
from tests.support.places import data_dir, in_memory

DATA = data_dir()

if DATA.exists():
    stop_valkey(DATA)
    stop_postgres(DATA)
    if in_memory(DATA):
        shutil.rmtree(DATA)
