"""Prove that what is kept equals its replay: stock, ledger, points, audit, or all of them."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.engines.controls import verification

ALL = "all"
PROMISED = frozenset({"audit", "ledger", "points", "stock"})
SHOWN = 200


class Command(BaseCommand):
    """List every difference; exit 0 when there is none, 1 otherwise."""

    help = "Prove balances by replay and list every difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to verify."""
        names = sorted(PROMISED | verification.checks().keys())
        parser.add_argument("what", choices=[*names, ALL])
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the proofs; a difference exits with 1."""
        names = list(verification.checks()) if options["what"] == ALL else [options["what"]]
        if not verification.checks().keys() >= set(names):
            raise CommandError(f"{options['what']}: not available", returncode=1)
        found = {name: verification.differences(name) for name in names}
        count = sum(map(len, found.values()))
        if options["json"]:
            verdict = {"equal": not count, "differences": found}
            self.stdout.write(json.dumps(verdict, ensure_ascii=False))
        else:
            for name, lines in found.items():
                self.stdout.write(f"{name}: {f'{len(lines)} differences' if lines else 'equal'}")
                for line in lines[:SHOWN]:
                    self.stdout.write(f"  {line}")
        if count:
            raise CommandError(f"{count} differences", returncode=1)
