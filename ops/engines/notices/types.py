"""What notices hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NoticeInfo:
    """One notice in the reader's language."""

    id: int
    kind: str
    title: str
    body: str
    link: str
    subject: str
    created_at: datetime
    read_at: datetime | None
    acknowledged_at: datetime | None
    is_alarm: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many notices of each kind are still open; `newest` is the highest id (0 = none)."""

    act: int
    fyi: int
    run: int
    newest: int


@dataclass(frozen=True, slots=True)
class AlarmStanding:
    """How many were told of an alarm, how many acknowledged it, and who (id, name) did not."""

    told: int
    acknowledged: int
    waiting: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class MailRound:
    """What one round of sending did: messages sent and failed, mails no longer needed."""

    sent: int
    failed: int
    dropped: int
