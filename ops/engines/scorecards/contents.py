"""A version's rules as stored: canonical JSON with decimals as text, and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ops.engines.scorecards.choices import Better, Without
from ops.engines.scorecards.types import Banding, Grade, Rules


def write(rules: Rules) -> dict[str, Any]:
    """Return the stored form; it says everything a score needs beside values and marks."""
    return {
        "weights": {key: str(weight) for key, weight in rules.weights.items()},
        "without": {key: str(word) for key, word in rules.without.items()},
        "bandings": {key: _banding(each) for key, each in rules.bandings.items()},
        "metrics": dict(rules.metrics),
        "grades": [[grade.letter, str(grade.least)] for grade in rules.grades],
        "least": str(rules.least),
    }


def read(content: Mapping[str, Any]) -> Rules:
    """Return the rules of a stored version."""
    return Rules(
        weights={key: Decimal(weight) for key, weight in content["weights"].items()},
        without={key: Without(word) for key, word in content["without"].items()},
        bandings={key: _read_banding(each) for key, each in content["bandings"].items()},
        metrics=dict(content["metrics"]),
        grades=tuple(Grade(letter, Decimal(least)) for letter, least in content["grades"]),
        least=Decimal(content["least"]),
    )


def _banding(banding: Banding) -> dict[str, Any]:
    return {
        "better": str(banding.better),
        "steps": [[str(limit), str(points)] for limit, points in banding.steps],
        "otherwise": str(banding.otherwise),
    }


def _read_banding(stored: Mapping[str, Any]) -> Banding:
    steps = tuple((Decimal(limit), Decimal(points)) for limit, points in stored["steps"])
    return Banding(steps, Better(stored["better"]), Decimal(stored["otherwise"]))
