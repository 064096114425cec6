"""What the jobs engine returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunInfo:
    """One run, as staff see it."""

    run_id: int
    job: str
    period: str
    state: str
    due_at: datetime
    late: bool
    skipped: int
    requested_by: str
    attempts: int
    next_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress_done: int
    progress_total: int | None
    stage: str
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    shard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInfo:
    """One declared job with its newest run and its next due moment."""

    name: str
    title: str
    family: str
    cadence: str
    clauses: tuple[str, ...]
    policy: str
    last_run: JobRunInfo | None
    next_due_at: datetime | None  # None while staff have switched it off
    next_period: str
    change: str = ""  # what staff changed and holds today, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceChangeInfo:
    """One change of a cadence by staff."""

    first: date
    last: date | None
    words: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """What one tick did."""

    proposed: int
    dispatched: tuple[int, ...]
