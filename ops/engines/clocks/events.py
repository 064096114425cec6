"""Facts of the clocks engine: an app subscribes and looks at `kind`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ops.engines.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBreached(Fact):
    """The limit of a clock has passed and what it waits for is not done."""

    name: ClassVar[str] = "clocks.clock_breached"
    clock_id: int
    kind: str
    subject_type: str
    subject_id: int

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one clock in order."""
        return f"clock:{self.clock_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEscalated(Fact):
    """A breached clock went one level up, to the holders of `role`; levels count from 1."""

    name: ClassVar[str] = "clocks.clock_escalated"
    clock_id: int
    kind: str
    subject_type: str
    subject_id: int
    level: int
    role: str

    @property
    def ordering_key(self) -> str:
        """Keep the facts of one clock in order."""
        return f"clock:{self.clock_id}"
