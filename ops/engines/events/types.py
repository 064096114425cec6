"""What delivery and its selectors return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one round of deliveries did."""

    delivered: int = 0
    failed: int = 0  # to be tried again
    parked: int = 0  # given up, for staff to look at

    def __add__(self, other: DeliveryReport) -> DeliveryReport:
        return DeliveryReport(
            delivered=self.delivered + other.delivered,
            failed=self.failed + other.failed,
            parked=self.parked + other.parked,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryInfo:
    """One delivery, as staff see it."""

    delivery_id: int
    fact_id: int
    fact: str
    key: str
    handler: str
    state: str
    attempts: int
    dated_on: date | None
    published_at: datetime
    error: str
    due_at: datetime
    done_at: datetime | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """How much one handler has not done; the health number of the outbox."""

    handler: str
    pending: int
    parked: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDepth:
    """How long the queue of one ordering key of one handler is; `is_held` by a parked fact."""

    handler: str
    key: str
    waiting: int
    oldest_at: datetime
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxHealth:
    """The health of the outbox in four numbers.

    `deepest` is the longest queue of one ordering key, `oldest_seconds` how long the first fact
    that is not done has waited.
    """

    pending: int
    parked: int
    deepest: int
    oldest_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryReport:
    """Which parked deliveries will be tried again, and which were not parked any more."""

    retried: tuple[int, ...]
    left: tuple[int, ...]
