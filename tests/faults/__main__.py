"""`make faults`: what proves the promises, at full length; two tables and build/faults.json.

The first table holds the figures of the faults, the second every promise there is: kept, broken,
not run, or without a test. Arguments go to pytest; a path among them takes the place of all files.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests import promises
from tests.support.product import ROOT

RESULTS = ROOT / "build" / "faults"
REPORT = ROOT / "build" / "faults.xml"
COLUMNS = (
    ("promise", "promise"),
    ("seconds", "s"),
    ("accepted", "accepted"),
    ("lost", "lost"),
    ("doubled", "doubled"),
    ("longest_s", "longest s"),
    ("other_answer", "other answer"),
    ("writable_s", "writable s"),
    ("part_back_s", "part back s"),
    ("drained_s", "drained s"),
)


def main() -> int:
    """Run the files one after the other and return pytest's verdict."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    REPORT.unlink(missing_ok=True)
    arguments = sys.argv[1:]
    named = any(Path(word.partition("::")[0]).exists() for word in arguments)
    chosen = [] if named else [*promises.files(), "tests/badinput"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--junitxml={REPORT}", *chosen, *arguments],
        cwd=ROOT,
        env=os.environ | {"GUIFAN_FAULTS": os.environ.get("GUIFAN_FAULTS", "full")},
        check=False,
    )
    results = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    print("  ".join(f"{title:>12}" for _key, title in COLUMNS))
    for result in results:
        print("  ".join(f"{result.get(key, '-')!s:>12}" for key, _title in COLUMNS))
    found = {}
    if REPORT.exists():
        found = promises.verdicts(ElementTree.parse(REPORT).getroot())  # noqa: S314 - our own
    print("\n".join(promises.lines(found)))
    told = {
        "passed": done.returncode == 0,
        "promises": {name: verdict.word for name, verdict in found.items()},
        "results": results,
    }
    path = ROOT / "build" / "faults.json"
    path.write_text(json.dumps(told, indent=1))
    print(f"{path.relative_to(ROOT)} written")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
