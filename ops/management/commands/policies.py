"""Print the policy registry: who may, on which objects, and what class of data is given away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ops.engines.http.registry import doors, entries
from ops.engines.kernel.canonical import canonical_json


class Command(BaseCommand):
    """Print every declared thing and every door."""

    help = "Prints the policy registry: everything declared and every route, with who may."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the output."""
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the registry."""
        if options["json"]:
            told = {
                "entries": [entry.plain() for entry in entries()],
                "doors": [
                    {"method": d.method, "path": d.path, "view": d.view, "policy": d.policy.label}
                    for d in doors()
                ],
            }
            self.stdout.write(canonical_json(told))
            return
        for entry in entries():
            about = f"{entry.policy.objects or '-':10} {entry.data:8} {entry.policy.label}"
            self.stdout.write(f"{entry.kind:10} {entry.name:70} {about}")
        for door in doors():
            self.stdout.write(f"{'door':10} {door.name:70} {door.policy.label}")
