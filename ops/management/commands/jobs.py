"""List the declared jobs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ops.engines.jobs import selectors
from ops.engines.jobs.types import JobInfo
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.parse import BUSINESS_ZONE


class Command(BaseCommand):
    """Print every job with its cadence, last run, next run and clauses."""

    help = "Lists the declared jobs: cadence, last run, next run, clauses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the output."""
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the catalogue."""
        catalogue = selectors.catalogue(at=timezone.now())
        if options["json"]:
            self.stdout.write(canonical_json({"jobs": [_as_json(job) for job in catalogue]}))
            return
        for job in catalogue:
            following = job.next_due_at
            due = f"{following.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}" if following else "-"
            last = f"{job.last_run.period} {job.last_run.state}" if job.last_run else "-"
            self.stdout.write(
                f"{job.name:32} {job.cadence:28} {last:24} {due}  {' '.join(job.clauses)}"
            )


def _as_json(job: JobInfo) -> dict[str, Any]:
    last = job.last_run
    return {
        "name": job.name,
        "title": job.title,
        "family": job.family,
        "cadence": job.cadence,
        "clauses": job.clauses,
        "policy": job.policy,
        "last_run": last
        and {
            "period": last.period,
            "state": last.state,
            "late": last.late,
            "started_at": last.started_at,
            "finished_at": last.finished_at,
            "error": last.error,
        },
        "change": job.change,
        "next_due_at": job.next_due_at,
        "next_period": job.next_period,
    }
