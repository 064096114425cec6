"""What a confirmed price violation costs: the published table of points (CAT-4.2-03)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from catalog.choices.patrol import Severity, ViolationKind

POINTS: Final[Mapping[str, int]] = MappingProxyType(
    {Severity.SEVERE: 6, Severity.MEDIUM: 3, Severity.LIGHT: 1}
)


def has_fault(kind: str) -> bool:
    """Say whether somebody is to blame: a cost that rose under an approved price is nobody's."""
    return kind != ViolationKind.FLOOR_ROSE
