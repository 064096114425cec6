"""Controls: what stands behind a clause, and when it last left evidence.

Declared by apps in their `controls.py`; the compliance app shows them clause by clause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ControlKind(StrEnum):
    """How a control keeps a clause."""

    WORKFLOW = "workflow"
    JOB = "job"
    CONSTRAINT = "constraint"
    RECORD = "record"
    REPORT = "report"
    POLICY = "policy"
    ATTESTATION = "attestation"


Evidence = Callable[[], datetime | None]


@dataclass(frozen=True, slots=True)
class Control:
    """One control of one clause; `evidence` answers when it last left a trace."""

    clause: str
    kind: ControlKind
    name: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class ControlStatus:
    """A control and the moment of its newest evidence (None: none yet, or none is kept)."""

    control: Control
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class ClauseStatus:
    """All controls of a clause and the newest evidence among them."""

    clause: str
    controls: tuple[ControlStatus, ...]

    @property
    def newest(self) -> datetime | None:
        """Return the newest evidence of any control."""
        moments = [status.newest for status in self.controls if status.newest is not None]
        return max(moments, default=None)

    @property
    def is_enforced(self) -> bool:
        """Say whether something refuses or runs, rather than only records."""
        enforcing = {ControlKind.WORKFLOW, ControlKind.JOB, ControlKind.CONSTRAINT}
        return any(status.control.kind in enforcing for status in self.controls)


_controls: dict[tuple[str, ControlKind, str], Control] = {}


def control(clause: str, kind: str, name: str, evidence: Evidence | None = None) -> Control:
    """Declare that a named thing keeps a clause.

    Declaring the same again changes nothing. Raises ValueError for an unknown kind, RuntimeError
    when the same control is declared with other evidence.
    """
    made = Control(clause=clause, kind=ControlKind(kind), name=name, evidence=evidence)
    key = (clause, made.kind, name)
    if _controls.setdefault(key, made) != made:
        raise RuntimeError(f"control {name} of {clause} is declared twice")
    return made


def controls(clause: str | None = None) -> list[Control]:
    """Return the declared controls, all of them or those of a clause, in a stable order."""
    found = (made for made in _controls.values() if clause is None or made.clause == clause)
    return sorted(found, key=lambda made: (made.clause, made.kind, made.name))


def status(clause: str) -> ClauseStatus:
    """Ask every control of a clause for its newest evidence."""
    return ClauseStatus(
        clause=clause,
        controls=tuple(
            ControlStatus(made, made.evidence() if made.evidence is not None else None)
            for made in controls(clause)
        ),
    )
