"""Every gate that is not a test; `--fix` repairs what a tool can repair.

The slowest gate starts first and runs beside the others. All gates run even when one fails, so
that one look shows everything.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ADDRESS = re.compile(r"https?://|file://|git\+|@ /", re.IGNORECASE)
TEMPLATES = ["templates"]


def command(*arguments: str) -> Callable[[], tuple[bool, str]]:
    """Return a gate that passes when a command ends with 0."""

    def run() -> tuple[bool, str]:
        done = subprocess.run(
            [BIN / arguments[0], *arguments[1:]],
            cwd=ROOT,
            env=os.environ | {"PYTHONWARNINGS": "ignore", "GUIFAN_PROFILE": "development"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode == 0, (done.stdout + done.stderr).strip()

    return run


def locks_hold_no_address() -> tuple[bool, str]:
    """Refuse a lock file that names a registry, a path or a repository, or lacks a hash."""
    wrong = []
    for path in sorted(ROOT.glob("requirements*.lock")):
        text = path.read_text()
        wrong += [
            f"{path.name}:{number}: {line}"
            for number, line in enumerate(text.splitlines(), 1)
            if ADDRESS.search(line)
        ]
        pinned = len(re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE))
        hashed = len(re.findall(r"^[\w.\[\]-]+==[^\n]*\\\n\s+--hash=", text, re.MULTILINE))
        if pinned != hashed:
            wrong.append(f"{path.name}: {pinned - hashed} packages without a hash")
    if (ROOT / "uv.lock").exists():
        wrong.append("uv.lock records addresses and must not exist")
    return not wrong, "\n".join(wrong)


GATES: dict[str, Callable[[], tuple[bool, str]]] = {
    "types": command("mypy", "."),
    "lock files": locks_hold_no_address,
    "format": command("ruff", "format", "--check", "."),
    "lint": command("ruff", "check", "."),
    "imports": command("lint-imports", "--no-logo"),
    "migrations": command("python", "manage.py", "makemigrations", "--check", "--dry-run"),
    "translations": command("python", "manage.py", "translations", "--check"),
    "reference": command("python", "manage.py", "reference", "--check"),
    "templates": command("djlint", "--lint", "--quiet", *TEMPLATES),
}
FIXES = (
    command("ruff", "check", "--fix", "."),
    command("ruff", "format", "."),
)


def timed(gate: Callable[[], tuple[bool, str]]) -> tuple[bool, str, float]:
    """Run a gate and measure it."""
    began = time.monotonic()
    passed, output = gate()
    return passed, output, time.monotonic() - began


def main() -> int:
    """Run every gate, print one line for each, and the output of those that fail."""
    if "--fix" in sys.argv[1:]:
        for fix in FIXES:
            print(fix()[1])
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {name: pool.submit(timed, gate) for name, gate in GATES.items()}
        for name, future in running.items():
            passed, output, seconds = future.result()
            print(f"{'ok    ' if passed else 'FAILED'} {name:14} {seconds:5.1f} s", flush=True)
            if not passed:
                failed.append(name)
                print(output, flush=True)
    print(f"{len(GATES) - len(failed)} gates passed, {len(failed)} failed {failed or ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
