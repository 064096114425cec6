"""Write docs/reference from the code, or say that it is old."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import get_resolver

from ops.management.reference import differences, write


class Command(BaseCommand):
    """Generate the reference."""

    help = "Writes docs/reference from what the code declares; --check fails when it is old."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to compare only."""
        parser.add_argument("--check", action="store_true", help="compare, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare.

        Raises CommandError when a page is old and only a comparison was asked for.
        """
        folder = Path(settings.BASE_DIR) / "docs" / "reference"
        _load_routes()
        if not options["check"]:
            changed = write(folder)
            self.stdout.write(f"{len(changed)} pages of docs/reference changed")
            return
        if old := differences(folder):
            raise CommandError(f"docs/reference is old, run `make docs`: {', '.join(old)}")
        self.stdout.write("docs/reference is as the code")


def _load_routes() -> None:
    """Import every view: a screen declares its exports and actions when its module is read."""
    len(get_resolver().url_patterns)
