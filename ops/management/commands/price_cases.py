"""Run worked price cases through the promotion engine and say where they agree."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.rules.price_cases import judging


class Command(BaseCommand):
    """Print one object per case: id, expected, got, equal."""

    help = "Run worked price cases (docs/promotions.md lists their words) and compare."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file of cases."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="the answer is JSON either way")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every case.

        Exit 1 when one differs or the file can't be read, 2 when words are unknown: those are
        listed by name on the error output, and their cases count as unequal.
        """
        verdicts = judging.judge_all(_cases(options["file"]))
        shown = [verdict.as_json() for verdict in verdicts]
        self.stdout.write(json.dumps(shown, ensure_ascii=False, default=str))
        unknown = [one for one in verdicts if one.unknown]
        if unknown:
            names = "; ".join(f"{one.id}: {one.unknown}" for one in unknown)
            raise CommandError(f"{len(unknown)} cases with unknown words: {names}", returncode=2)
        wrong = [one.id for one in verdicts if not one.equal]
        if wrong:
            raise CommandError(
                f"{len(wrong)} of {len(verdicts)} cases differ: {', '.join(wrong)}", returncode=1
            )


def _cases(file: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(file.read_text(), parse_float=Decimal)
        cases = content["cases"] if isinstance(content, dict) else content
        return [dict(case) for case in cases]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"price cases unreadable: {error}", returncode=1) from error
