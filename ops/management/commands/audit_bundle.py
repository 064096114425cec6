"""Write the facts of some days with their anchors into one file that proves itself elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ops.engines.audit import bundling
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError


class Command(BaseCommand):
    """Exit 0 when the bundle is written; 1 when it is refused, with the reason."""

    help = "Write a bundle of audit facts that an auditor checks without this product."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the days, both included, and where to write."""
        parser.add_argument("--from", dest="first", required=True, type=date.fromisoformat)
        parser.add_argument("--to", dest="last", required=True, type=date.fromisoformat)
        parser.add_argument("-o", "--output", required=True, type=Path)
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the bundle; making it is a fact itself."""
        try:
            made = bundling.make(
                first=options["first"],
                last=options["last"],
                path=options["output"],
                actor=Actor.system("audit_bundle"),
                at=timezone.now(),
            )
        except (OpsError, OSError) as error:
            raise CommandError(str(error), returncode=1) from error
        if options["json"]:
            told = {"path": str(options["output"]), **asdict(made)}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(
            f"{options['output']}: {made.facts} facts under {made.anchors} anchors"
            f" ({made.first_anchor} to {made.last_anchor}), sha256 {made.sha256}"
        )
        if made.strays:
            self.stdout.write(f"{made.strays} facts stand outside the sealed sequence")
