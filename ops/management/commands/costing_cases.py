"""Run worked costing cases through the stock ledger's rules and say where they agree."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory import rules
from ops.engines.kernel import parse
from ops.engines.kernel.errors import OpsError

PLACES = Decimal("0.0001")
METHODS = {"AVG": rules.cost_average, "FIFO": rules.cost_fifo}


class Command(BaseCommand):
    """Print one object per case: id, expected, got, equal (to four decimals)."""

    help = "Run worked costing cases (FIFO, AVG) and compare to four decimals."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file of cases."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="the answer is JSON either way")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every case; exit 2 when one disagrees, 1 when the file cannot be read."""
        try:
            cases = json.loads(options["file"].read_text(), parse_float=Decimal)
            verdicts = [_verdict(case) for case in cases]
        except (OSError, ValueError, KeyError, TypeError, OpsError) as error:
            raise CommandError(f"costing cases unreadable: {error}", returncode=1) from error
        self.stdout.write(json.dumps(verdicts, ensure_ascii=False, default=str))
        wrong = sum(not verdict["equal"] for verdict in verdicts)
        if wrong:
            raise CommandError(f"{wrong} of {len(verdicts)} cases differ", returncode=2)


def _verdict(case: dict[str, Any]) -> dict[str, Any]:
    steps = [_step(*step) for step in case["steps"]]
    costed = METHODS[case["method"]](steps, _number(case.get("start_unit_value", "0")))
    figures: dict[str, Any] = {
        "unit_value_after": _shown(costed.unit_value),
        "issue_costs": [_shown(cost) for cost in costed.issue_costs],
        "qty": costed.quantity,
        "stock_value": _shown(costed.stock_value),
        "cogs": _shown(sum(costed.issue_costs, Fraction(0))),
    }
    expected = case.get("expect", {})
    got = {name: figures[name] for name in expected}
    equal = all(_same(expected[name], got[name]) for name in expected)
    return {"id": case["id"], "expected": expected, "got": got, "equal": equal}


def _step(kind: str, quantity: object, cost: object = None) -> rules.Step:
    pieces = parse.quantity(quantity, least=1)
    if kind == "in":
        return pieces, _number(cost)
    if kind == "out":
        return pieces, None
    raise ValueError(f"no step {kind!r}")


def _number(value: object) -> Decimal:
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return parse.money(text, places=6)


def _shown(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(PLACES, ROUND_HALF_UP))


def _same(expected: Any, got: Any) -> bool:
    if isinstance(expected, list):
        return len(expected) == len(got) and all(map(_same, expected, got))
    wanted = Decimal(str(expected)).quantize(PLACES, ROUND_HALF_UP)
    return wanted == Decimal(str(got)).quantize(PLACES, ROUND_HALF_UP)
