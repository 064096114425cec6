"""List what is declared: who fills which port, and who takes which facts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ops.engines.events import handling
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.ports import ports


class Command(BaseCommand):
    """Print every port and every handler."""

    help = "Lists the named ports and who fills them, and the handlers with their facts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the output."""
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print both registries."""
        filled = {name: list(port.filled_by) for name, port in sorted(ports().items())}
        taken = {name: each.kind.name for name, each in sorted(handling.handlers().items())}
        if options["json"]:
            self.stdout.write(canonical_json({"ports": filled, "handlers": taken}))
            return
        for name, fillers in filled.items():
            self.stdout.write(f"{name:40} {', '.join(fillers) or '-'}")
        for name, fact in taken.items():
            self.stdout.write(f"{fact:40} {name}")
