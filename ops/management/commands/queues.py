"""Print the health of the outbox: what waits, what was given up, the deepest queues."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ops.engines.events import selectors
from ops.engines.kernel.canonical import canonical_json


class Command(BaseCommand):
    """Print the numbers to watch; all are 0 when everything is delivered."""

    help = "Prints how many deliveries wait or are parked, and the deepest queues by ordering key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the output."""
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the health, then the queues."""
        health = asdict(selectors.health(at=timezone.now()))
        depths = selectors.key_depths(limit=20)
        if options["json"]:
            keys = [asdict(depth) for depth in depths]
            self.stdout.write(canonical_json({**health, "keys": keys}))
            return
        self.stdout.write("  ".join(f"{name} {value}" for name, value in health.items()))
        for depth in depths:
            held = "  held" if depth.is_held else ""
            self.stdout.write(f"{depth.waiting:8} {depth.key:40} {depth.handler}{held}")
