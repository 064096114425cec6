"""The registry of clock kinds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ops.engines.clocks import rules
from ops.engines.clocks.calendars import Calendar
from ops.engines.clocks.limits import Limit
from ops.engines.kernel.policy import Policy

_MOMENT: Final = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Escalation:
    """One level up: so long after the limit passed, the holders of a role are named."""

    after: Limit
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockKind:
    """One declared kind of clock. `title` is a message id (mark it with `gettext_noop`)."""

    name: str
    title: str
    limit: Limit
    area: str
    role: str
    clauses: tuple[str, ...]
    remind: tuple[float, ...]
    escalate: tuple[Escalation, ...]
    extend: Policy

    def reminder_at(self, step: int, round_at: dt.datetime, due_at: dt.datetime) -> dt.datetime:
        """Return when the `step`-th reminder (from 1) is due, to the whole second."""
        spent = (due_at - round_at).total_seconds() * self.remind[step - 1]
        return round_at + dt.timedelta(seconds=int(spent))

    def level_at(self, level: int, due_at: dt.datetime, calendar: Calendar) -> dt.datetime:
        """Return when the `level`-th escalation (from 1) is due."""
        return rules.due(due_at, self.escalate[level - 1].after, calendar) + _MOMENT


_kinds: dict[str, ClockKind] = {}


def enter(kind: ClockKind) -> None:
    """Enter a kind. Raises TypeError when another one has its name."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise TypeError(f"clock {kind.name} is declared twice")


def kinds() -> Mapping[str, ClockKind]:
    """Return every declared kind by name."""
    return MappingProxyType(_kinds)


def kind_named(name: str) -> ClockKind:
    """Return a declared kind. Raises KeyError."""
    return _kinds[name]
