"""The beat's one entry, and the run of one period: both may come twice, late or never."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from ops.engines.events import tasks as events
from ops.engines.jobs import running, services
from ops.engines.jobs.leases import LEASE

RUN = "jobs.run"

logger = logging.getLogger(__name__)


def send(run_id: int) -> None:
    """Hand a run to a worker. A broker that is away is no loss: a later tick hands it out again."""
    try:
        run.apply_async(args=(run_id,), retry=False)
    except Exception as error:  # noqa: BLE001 - the run is in the table, the message is a hint
        logger.warning("Run %s was not handed out: %s", run_id, error)


@shared_task(
    name="jobs.tick", acks_late=True, reject_on_worker_lost=True, ignore_result=True, max_retries=0
)
def tick() -> None:
    """Hand out the periods that are due, and deliver the facts that nobody was woken for."""
    services.tick(at=timezone.now(), dispatch=send)
    events.deliver()


@shared_task(
    name=RUN,
    bind=True,
    acks_late=True,
    reject_on_worker_lost=True,
    ignore_result=True,
    max_retries=0,
)
def run(self: Task[Any, Any], run_id: int) -> None:
    """Run one period, then hand out what waited for it."""
    if running.execute(run_id=run_id, at=timezone.now()):
        services.hand_out(at=timezone.now(), dispatch=send)
    elif (self.request.delivery_info or {}).get("redelivered"):
        # The first worker died a moment ago: look again when its lease has ended.
        run.apply_async(args=(run_id,), countdown=LEASE + 1, retry=False)
