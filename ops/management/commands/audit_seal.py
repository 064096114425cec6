"""Seal now what is ready; show or replace the key that signs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ops.engines.audit import sealing
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError


class Command(BaseCommand):
    """Exit 0 when it is done; 1 when it is refused, with the reason."""

    help = "Seal the audit facts that are ready (the job audit_seal does it every minute)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do beside sealing."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--public-key", action="store_true", help="print the key that signs")
        what.add_argument("--rotate-key", action="store_true", help="hand over to a new key")
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it as the sealer."""
        at = timezone.now()
        try:
            if options["public_key"]:
                done: Any = sealing.current_key()
            elif options["rotate_key"]:
                done = sealing.rotate_key(actor=Actor.system("audit_seal"), at=at)
            else:
                done = sealing.seal(at=at)
        except OpsError as error:
            raise CommandError(str(error), returncode=1) from error
        told = asdict(done)
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        elif "public_pem" in told:
            self.stdout.write(told["public_pem"].strip())
        else:
            self.stdout.write(
                f"anchor {told['number']}: {told['facts']} facts sealed now,"
                f" {told['tree_size']} in all, root {told['root']}"
            )
