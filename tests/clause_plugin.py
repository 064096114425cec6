"""Write down which clause each test proves and how it ended: build/clause_tests.json."""

import json
import subprocess
from pathlib import Path

import pytest

FILE = Path("build") / "clause_tests.json"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Carry each test's clauses on its reports, so that they cross process borders."""
    for item in items:
        for mark in item.iter_markers("clause"):
            item.user_properties.extend(("clause", clause) for clause in mark.args)


class ClauseRecorder:
    """Collect the reports of the controlling process and merge them into the file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.outcomes: dict[tuple[str, str], str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome; a failed set-up or tear-down fails the test."""
        if report.when != "call" and report.passed:
            return
        for name, clause in report.user_properties:
            if name == "clause":
                key = (str(clause), report.nodeid)
                if self.outcomes.get(key) != "failed":
                    self.outcomes[key] = report.outcome

    def pytest_sessionfinish(self) -> None:
        """Replace the entries of the tests that ran; keep the others of the same commit."""
        if not self.outcomes:
            return
        commit = _commit(self.root)
        path = self.root / FILE
        kept = [
            entry
            for entry in (json.loads(path.read_text()) if path.exists() else [])
            if entry["commit"] == commit and (entry["clause"], entry["test"]) not in self.outcomes
        ]
        made = [
            {"clause": clause, "test": test, "outcome": outcome, "commit": commit}
            for (clause, test), outcome in self.outcomes.items()
        ]
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".new")
        everything = sorted(kept + made, key=lambda entry: (entry["clause"], entry["test"]))
        draft.write_text(json.dumps(everything, indent=1) + "\n")
        draft.replace(path)


def _commit(root: Path) -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()


def pytest_configure(config: pytest.Config) -> None:
    """Record in the controlling process only."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ClauseRecorder(config.rootpath), "clause-recorder")
