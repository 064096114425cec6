"""`make bench [W1 W2 ...]`: run the workloads, print the table, write build/bench.json."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("DATA_DIR", str(ROOT / ".data-bench"))
os.environ.setdefault("GUIFAN_PROFILE", "development")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.settings")
sys.path.insert(0, str(ROOT))


def main() -> int:
    """Measure what was asked for (everything by default)."""
    from tests.bench import ground

    ground.prepare()
    from tests.bench import (
        counting,
        impact,
        ledger,
        listings,
        orders,
        prices,
        quotes,
        screens,
        searching,
        start,
    )

    workloads = {
        "W1": orders.single,
        "W1.hot": orders.hot,
        "W2": orders.bulk,
        "W3": counting.count,
        "W5": ledger.posting,
        "W7": screens.lists,
        "W8.a": quotes.quotes,
        "W8.b": prices.activation,
        "W8.c": impact.replays,
        "W8.d": listings.scan,
        "W8.e": searching.searches,
        "W11": start.starts,
    }
    wanted = sys.argv[1:] or list(workloads)
    rows = []
    for name in wanted:
        print(f"{name} ...", flush=True)
        for row in workloads[name]():
            rows.append(row)
            print("  " + row.line(), flush=True)
    print("\n" + "\n".join(row.line() for row in rows))
    _write([row.as_json() for row in rows])
    return 0


def _write(workloads: list[dict[str, object]]) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps({"machine": machine, "commit": commit, "workloads": workloads}, indent=1)
    )
    print(f"\n{path.relative_to(ROOT)} written")


if __name__ == "__main__":
    raise SystemExit(main())
