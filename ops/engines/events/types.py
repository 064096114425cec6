"""What delivery and its selectors return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """How much one handler has not done; the health number of the outbox."""

    handler: str
    pending: int
    parked: int
    oldest_at: datetime
