"""The worker's side: a wake-up names a run, the row decides."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from ops.engines.reports import nudging, services


@shared_task(
    name=nudging.TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True, max_retries=0
)
def build(run_id: int) -> None:
    """Make the file of a run. Twice, late or not at all is fine: the runner finds what is left."""
    services.perform(run_id=run_id, at=timezone.now())
