"""Bring every wrapped key under the newest master key: the second half of a change of keys."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from ops.engines.audit import services as audit
from ops.engines.kernel import crypto, rewrapping
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError

_ACTOR = Actor.system("rotate_field_key")


class Command(BaseCommand):
    """Exit 0 when nothing is left under an older key; 1 when a key is missing.

    First add the new key as the last of FIELD_KEYS and start every process with it; then run this;
    then the old key may go. It may be stopped and run again at any time.
    """

    help = "Re-encrypt wrapped personal keys under the last key of FIELD_KEYS; resumable, online."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of a batch."""
        parser.add_argument("--batch", type=int, default=rewrapping.BATCH, help="rows at once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate every keyring and tell what was done."""
        began, counts = time.monotonic(), {}
        for keyring in rewrapping.keyrings():
            try:
                counts[keyring.name] = _rotated(keyring, options["batch"])
            except OpsError as error:
                raise CommandError(str(error), returncode=1) from error
        seconds = time.monotonic() - began
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count} keys brought under {crypto.current_master_id()}")
        self.stdout.write(f"{sum(counts.values())} keys in {seconds:.1f} s")


def _rotated(keyring: rewrapping.Keyring, most: int) -> int:
    total = last = 0
    while True:
        changed, last = rewrapping.rewrap_batch(keyring, after=last, most=most)
        total += changed
        if last == 0:
            break
    if total:
        with transaction.atomic():
            audit.record(
                actor=_ACTOR,
                at=timezone.now(),
                action="kernel.field_key_rotated",
                obj=("kernel.keyring", keyring.name),
                body={"key": crypto.current_master_id(), "rows": total},
            )
    return total
