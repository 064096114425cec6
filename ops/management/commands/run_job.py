"""Run one declared job for one period."""

import dataclasses
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ops.engines.jobs import services
from ops.engines.jobs.choices import RunState
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.errors import OpsError

DONE, REFUSED, WITH_REJECTS = 0, 1, 2


class Command(BaseCommand):
    """Exit 0 when the period is done, 1 when refused or failed, 2 when rows were rejected."""

    help = "Runs one declared job for one period; a period that is done has no second effect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the job's name and the period."""
        parser.add_argument("name", help="name of the job, see the command jobs")
        parser.add_argument("--period", required=True, help="such as 2026-11-05, 2026-W45, 2026-11")
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print, exit."""
        try:
            info = services.run_now(
                name=options["name"],
                period=options["period"],
                actor=Actor.system("run_job"),
                at=timezone.now(),
            )
        except OpsError as error:
            self._print({"state": "refused", "code": error.code, "error": str(error)}, options)
            sys.exit(REFUSED)
        self._print(dataclasses.asdict(info), options)
        if info.state != RunState.DONE:
            sys.exit(REFUSED)
        sys.exit(WITH_REJECTS if info.result.get("rejected") else DONE)

    def _print(self, said: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(canonical_json(said))
        else:
            self.stdout.writelines(f"{key}: {value}" for key, value in said.items() if value != "")
