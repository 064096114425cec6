"""Stop what `up` started."""

import os
import shutil
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.embedded.postgres import stop_postgres
from ops.embedded.valkey import stop_valkey
from ops.launcher import runfile

WAIT_SECONDS = 40


class Command(BaseCommand):
    """Stop everything; on request remove the data after asking."""

    help = "Stop the running product; --remove-data also removes DATA_DIR after asking."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the two switches."""
        parser.add_argument("--remove-data", action="store_true")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stop the supervisor, then whatever it left behind."""
        if pid := runfile.supervisor_pid():
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + WAIT_SECONDS
            while runfile.supervisor_pid() is not None:
                if time.monotonic() > deadline:
                    raise CommandError(f"Process {pid} does not stop.")
                time.sleep(0.1)
        stop_valkey(settings.DATA_DIR)
        stop_postgres(settings.DATA_DIR)
        runfile.remove()
        print("Stopped.")
        if options["remove_data"]:
            self._remove_data(asked=options["yes"])

    def _remove_data(self, *, asked: bool) -> None:
        folder = settings.DATA_DIR
        if not asked and input(f"Remove all data in {folder}? Type yes: ").strip() != "yes":
            print("Kept.")
            return
        shutil.rmtree(folder)
        print(f"Removed {folder}.")
