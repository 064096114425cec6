"""`make faults`: the fault tests at full length, a table, and build/faults.json."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

from tests.support.product import ROOT

RESULTS = ROOT / "build" / "faults"
COLUMNS = (
    ("promise", "promise"),
    ("seconds", "s"),
    ("accepted", "accepted"),
    ("lost", "lost"),
    ("doubled", "doubled"),
    ("other_answer", "other answer"),
    ("writable_s", "writable s"),
    ("part_back_s", "part back s"),
    ("drained_s", "drained s"),
)


def main() -> int:
    """Run the faults one after the other and return pytest's verdict."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/faults", "tests/badinput", "-q", *sys.argv[1:]],
        cwd=ROOT,
        env=os.environ | {"GUIFAN_FAULTS": "full"},
        check=False,
    )
    results = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    print("  ".join(f"{title:>12}" for _key, title in COLUMNS))
    for result in results:
        print("  ".join(f"{result.get(key, '-')!s:>12}" for key, _title in COLUMNS))
    path = ROOT / "build" / "faults.json"
    path.write_text(json.dumps({"passed": done.returncode == 0, "results": results}, indent=1))
    print(f"{path.relative_to(ROOT)} written")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
