"""Compile the catalogues and say what is not translated."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from ops.extraction import contradictions, faults
from ops.translations import LOCALES, compile_catalogues


class Command(BaseCommand):
    """Compile; with --check fail when a sentence has no good translation."""

    help = "Compile the catalogues; --check fails on missing, fuzzy or broken translations."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile, list, and leave with 1 when asked to check and something is wrong."""
        for path in compile_catalogues(settings.BASE_DIR / "locale"):
            print(f"compiled {path.relative_to(settings.BASE_DIR)}")
        wrong = [
            line
            for locale in LOCALES
            for line in (
                *faults(settings.BASE_DIR, locale),
                *contradictions(settings.BASE_DIR, locale),
            )
        ]
        for line in wrong:
            print(line)
        print(f"{len(wrong)} sentences need a translator" if wrong else "translations complete")
        if wrong and options["check"]:
            sys.exit(1)
