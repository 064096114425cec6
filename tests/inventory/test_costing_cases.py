"""Worked costing cases, as an examiner writes them."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from inventory import rules

AVERAGE = {
    "id": "avg",
    "method": "AVG",
    "steps": [["in", 10, "8"], ["in", 10, "10.5"], ["out", 15], ["in", 5, "7.123456"]],
    "expect": {
        "unit_value_after": "8.1867",
        "issue_costs": ["138.75"],
        "qty": 10,
        "stock_value": "81.8673",
        "cogs": "138.75",
    },
}
FIFO = {
    "id": "fifo",
    "method": "FIFO",
    "start_unit_value": "3",
    "steps": [["in", 10, "8"], ["in", 10, "10"], ["out", 12], ["out", 8]],
    "expect": {
        "unit_value_after": 10,
        "issue_costs": ["100", "80.0000"],
        "qty": 0,
        "stock_value": "0",
    },
}


def run(tmp_path: Path, *cases: dict[str, Any]) -> list[dict[str, Any]]:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases))
    out = io.StringIO()
    call_command("costing_cases", str(file), stdout=out)
    return list(json.loads(out.getvalue()))


def test_average_and_fifo_cases_agree_to_four_decimals(tmp_path: Path) -> None:
    verdicts = run(tmp_path, AVERAGE, FIFO)

    assert [verdict["equal"] for verdict in verdicts] == [True, True]
    assert verdicts[0]["got"]["stock_value"] == "81.8673"


def test_a_case_that_differs_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 of 1"):
        run(tmp_path, AVERAGE | {"expect": {"cogs": "138.7501"}})


@pytest.mark.parametrize(
    "steps", [[["out", 1]], [["in", "1.5", "2"]], [["in", 1, "NaN"]], [["x", 1]]]
)
def test_cases_that_cannot_be_are_refused(tmp_path: Path, steps: list[Any]) -> None:
    with pytest.raises(CommandError, match="unreadable"):
        run(tmp_path, AVERAGE | {"steps": steps})


@given(
    receipts=st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 10**6).map(lambda n: Decimal(n) / 100)),
        min_size=1,
        max_size=6,
    ),
    part=st.integers(1, 10),
)
def test_both_methods_lose_and_invent_nothing(
    receipts: list[tuple[int, Decimal]], part: int
) -> None:
    whole = sum(quantity for quantity, _cost in receipts)
    steps: list[rules.Step] = [*receipts, (min(part, whole), None)]
    worth = sum(quantity * cost for quantity, cost in receipts)

    for method in (rules.cost_average, rules.cost_fifo):
        costed = method(steps)
        assert costed.stock_value + sum(costed.issue_costs) == worth
        assert costed.quantity == whole - min(part, whole)


@given(quantity=st.integers(1, 100), part=st.integers(1, 100), cents=st.integers(0, 10**6))
def test_the_ledger_is_within_half_a_cent_of_the_exact_average(
    quantity: int, part: int, cents: int
) -> None:
    part, value = min(part, quantity), Decimal(cents) / 100
    exact = rules.cost_average([(quantity, value / quantity), (part, None)]).issue_costs[0]

    _pool, (posted,) = rules.Pool(quantity, value).issue(part)

    assert abs(float(exact) - float(posted)) <= 0.00501
