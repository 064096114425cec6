"""Rounds in turn, project and limit; medians and their spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `better` says whether the larger figure wins."""

    id: str
    name: str
    unit: str
    project: list[float]
    limit: list[float]
    aim: float
    better: str = "higher"
    statements: int | None = None
    note: str = field(default="")

    @property
    def ratio(self) -> float:
        """Return project beside limit, as medians: above 1 beats the limit."""
        project, limit = statistics.median(self.project), statistics.median(self.limit)
        return project / limit if self.better == "higher" else limit / project

    def line(self) -> str:
        """Return the row as people read it."""
        project, limit = self.project, self.limit
        return (
            f"{self.id:7} {self.name:44} {statistics.median(project):>12,.1f} "
            f"[{min(project):,.1f}-{max(project):,.1f}] limit {statistics.median(limit):>12,.1f} "
            f"[{min(limit):,.1f}-{max(limit):,.1f}] {self.unit:10} ratio {self.ratio:6.3f} "
            f"aim {self.aim:g} {self.note}"
        )

    def as_json(self) -> dict[str, object]:
        """Return the row for build/bench.json."""
        return {
            "id": self.id,
            "name": self.name,
            "unit": self.unit,
            "project": statistics.median(self.project),
            "limit": statistics.median(self.limit),
            "ratio": round(self.ratio, 4),
            "aim": self.aim,
            "better": self.better,
            "statements": self.statements,
            "rounds": {"project": self.project, "limit": self.limit},
        }


def in_turn(
    project: Callable[[], float], limit: Callable[[], float], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Run project and limit alternately and return what each measured."""
    ours, theirs = [], []
    for _round in range(rounds):
        theirs.append(limit())
        ours.append(project())
    return ours, theirs


def seconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
