"""Bring the clause register in the database to the copy beside the code."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.services import register, standing
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError


class Command(BaseCommand):
    """Load the register once per content, then judge every clause."""

    help = "Load the clause register (once per content) and judge every clause by its evidence."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the output form."""
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, scan, print; a refusal exits with 1."""
        actor, at = Actor.system("seed_register"), timezone.now()
        try:
            seeded = register.seed(actor=actor, at=at)
            found = standing.scan(actor=actor, at=at)
        except OpsError as error:
            raise CommandError(f"{error.code}: {error}", returncode=1) from error
        told = {
            "sha256": seeded.sha256,
            "clauses": seeded.clauses,
            "loaded": seeded.is_new,
            "by_state": dict(found.by_state),
        }
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            word = "loaded" if seeded.is_new else "unchanged"
            self.stdout.write(f"{word} {seeded.clauses} clauses {seeded.sha256[:12]}")
