"""The last test run, as it wrote itself down: which test proves which clause at which version."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.conf import settings

from compliance.choices import Outcome
from compliance.types import ProofRun, Proofs

FILE = Path("build") / "clause_tests.json"
CURRENT, ABSENT, OTHER = "current", "absent", "other version"


def proofs(*, root: Path | None = None) -> Proofs:
    """Return the tests by clause; a run of another commit, or none, counts as not run.

    An unreadable file is none. Without git nobody can say which version this is: not run either.
    """
    base = root or Path(settings.BASE_DIR)
    commit = commit_of(base)
    entries = _entries(base / FILE)
    if not entries:
        return Proofs(commit, ABSENT, {})
    by_clause: dict[str, list[ProofRun]] = defaultdict(list)
    is_current = False
    for entry in entries:
        ran_here = bool(commit) and entry.get("commit") == commit
        is_current = is_current or ran_here
        outcome = str(entry.get("outcome")) if ran_here else Outcome.NOT_RUN
        by_clause[str(entry["clause"])].append(ProofRun(str(entry["test"]), str(outcome)))
    standing = CURRENT if is_current else OTHER
    return Proofs(commit, standing, {code: tuple(runs) for code, runs in by_clause.items()})


def commit_of(root: Path) -> str:
    """Return the commit that is checked out, read from git's own files; empty when unknown."""
    folder = root / ".git"
    try:
        if folder.is_file():  # a linked work tree names its folder
            folder = (root / folder.read_text().removeprefix("gitdir:").strip()).resolve()
        head = (folder / "HEAD").read_text().strip()
        if not head.startswith("ref:"):
            return head
        return _ref(folder, head.removeprefix("ref:").strip())
    except OSError:
        return ""


def _ref(folder: Path, name: str) -> str:
    shared = folder / "commondir"
    common = (folder / shared.read_text().strip()).resolve() if shared.exists() else folder
    for place in (folder, common):
        if (place / name).is_file():
            return (place / name).read_text().strip()
    packed = common / "packed-refs"
    lines = packed.read_text().splitlines() if packed.exists() else []
    return next((line.split(" ", 1)[0] for line in lines if line.endswith(f" {name}")), "")


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(loaded, list):
        return []
    return [e for e in loaded if isinstance(e, dict) and {"clause", "test"} <= set(e)]
