"""The worker's side of the outbox: a wake-up, never a carrier of truth."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from ops.engines.events import delivery, nudging

BUDGET = 20.0  # seconds a worker keeps at it before it lets other tasks in


@shared_task(
    name=nudging.TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True, max_retries=0
)
def deliver() -> None:
    """Deliver what is due. Twice, late or not at all is fine: the receipts decide."""
    until = time.monotonic() + BUDGET
    while delivery.deliver_due(at=timezone.now()).delivered:
        if time.monotonic() > until:
            nudging.ask()
            return
