"""Stop the servers that the tests left running for the next run."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ops.embedded.postgres import stop_postgres
from ops.embedded.valkey import stop_valkey

DATA = Path(__file__).resolve().parent.parent / ".data-test"

if DATA.exists():
    stop_valkey(DATA)
    stop_postgres(DATA)
