"""Content tasks as the catalogue takes them in and hands them out: plain and frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What somebody is asked to make; width and height in pixels, of a design only."""

    title: str
    purpose: str
    due_at: datetime
    words: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentTaskInfo:
    """One content task; `about` says which of the columns `about_id` belongs to."""

    id: int
    number: str
    kind: str
    channel_id: int
    about: str
    about_id: int
    material: str
    title: str
    step: str
    step_no: int
    person_id: int | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One line of the publicity checklist of a promotion; `task_id` None: not yet spawned."""

    material: str
    task_id: int | None
    number: str
    person: str
    step: str
    due_at: datetime | None
    since: datetime | None
    is_ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A promotion that waits, and the material it waits for."""

    promotion_id: int
    lacking: Sequence[str]
