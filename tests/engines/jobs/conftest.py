"""Jobs of a test: declared for the test alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ops.engines.jobs import declarations
from ops.engines.jobs.declarations import Run, Work, job
from ops.engines.jobs.timetables import Cadence
from ops.engines.kernel import policy

Declare = Callable[..., None]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Forget the declared jobs and declare those of the test; policies too are undone."""
    monkeypatch.setattr(declarations, "_jobs", {})
    monkeypatch.setattr(policy, "_declared", dict(policy._declared))

    def enter(name: str, cadence: Cadence, work: Work | None = None, **more: Any) -> None:
        options: dict[str, Any] = {
            "family": "run",
            "clauses": ["SYS-6.2-05"],
            "policy": policy.may("ops", "P"),
            "title": name,
            **more,
        }
        job(name, cadence=cadence, **options)(work or nothing)

    return enter


def nothing(_run: Run) -> Mapping[str, Any] | None:
    """Do nothing."""
    return None
