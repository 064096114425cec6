"""Found the demo company: `demo --orders N --seed S [--json]`."""

from __future__ import annotations

import json
import resource
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ops.demo import founding, people
from ops.demo.plan import Plan
from ops.engines.identity.models import User

SEED = 20260618


class Command(BaseCommand):
    """Make a Chinese retailer with 18 months of history; the same seed makes the same company."""

    help = "Found the demo company in an empty database; exit 0 done, 1 refused."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare size and seed."""
        parser.add_argument("--orders", type=int, default=settings.DEMO_ORDERS)
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse where a company is; else found one and write its accounts last."""
        if settings.PRODUCTION:
            raise CommandError("The production profile takes no demo company.", returncode=1)
        if options["orders"] < 1:
            raise CommandError("A demo company has at least one order.", returncode=1)
        if User.objects.exists():
            raise CommandError(
                "A company is here already. Point DATA_DIR (or DATABASE_URL) at an empty one.",
                returncode=1,
            )
        began, quiet = time.monotonic(), options["json"]

        def say(text: str) -> None:
            if not quiet and options["verbosity"]:
                self.stdout.write(f"  [{time.monotonic() - began:5.1f} s] {text}")

        plan = Plan(orders=options["orders"], seed=options["seed"], at=timezone.now())
        made = founding.found(plan, folder=settings.DATA_DIR / "demo", say=say)
        made.planted.write(settings.DATA_DIR / "demo_planted.json", seed=plan.seed)
        people.write_accounts(made.staff, settings.ACCOUNTS_FILE)
        used = resource.getrusage(resource.RUSAGE_SELF)
        figures = made.figures | {
            "seed": plan.seed,
            "accounts_file": str(settings.ACCOUNTS_FILE),
            "seconds": round(time.monotonic() - began, 1),
            "own_cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        }
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
        else:
            for name, value in figures.items():
                say(f"{name}: {value}")
