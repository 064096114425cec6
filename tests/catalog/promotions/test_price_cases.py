"""Worked cases of textbooks, laws and other products, and the command that runs them."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.rules.price_cases import phrases
from catalog.rules.price_cases.judging import judge
from catalog.rules.price_cases.vocabulary import Unknown

FILES = sorted((Path(__file__).parents[1] / "price_cases").glob("*.json"))
CASES = [
    case for file in FILES for case in json.loads(file.read_text(), parse_float=Decimal)["cases"]
]
PLAIN = {
    "id": "plain",
    "rule": {"kind": "percentage", "value": "10"},
    "basket": [{"price": "10.00", "qty": 1}],
    "expect": {"discount": "1.00"},
}


def run(tmp_path: Path, *cases: dict[str, Any]) -> list[dict[str, Any]]:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": cases}))
    out = io.StringIO()
    try:
        call_command("price_cases", str(file), stdout=out)
    finally:
        printed = out.getvalue()
    return list(json.loads(printed))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_worked_case_comes_out_as_its_source_says(case: dict[str, Any]) -> None:
    verdict = judge(case)

    assert verdict.equal, (case["arithmetic"], verdict.got, verdict.unknown)


def test_there_are_a_hundred_cases_each_with_source_and_arithmetic() -> None:
    assert len(CASES) >= 100
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert all(case["source"] and case["arithmetic"] for case in CASES)


def test_a_case_is_printed_with_what_was_expected_and_got(tmp_path: Path) -> None:
    assert run(tmp_path, PLAIN) == [
        {
            "id": "plain",
            "expected": {"discount": "1.00"},
            "got": {"discount": "1.00"},
            "equal": True,
        }
    ]


def test_a_case_that_differs_is_named_and_exits_with_1(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 of 1 cases differ: plain") as caught:
        run(tmp_path, {**PLAIN, "expect": {"discount": "1.01"}})

    assert caught.value.returncode == 1


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"rule": {"kind": "moon_phase", "value": 1}}, "moon_phase"),
        ({"expect": {"colour": "red"}}, "colour"),
        ({"expect": {}}, "nothing expected"),
    ],
)
def test_unknown_words_are_listed_by_name_and_exit_with_2(
    tmp_path: Path, changed: dict[str, Any], word: str
) -> None:
    with pytest.raises(CommandError, match=word) as caught:
        run(tmp_path, PLAIN, {**PLAIN, "id": "strange", **changed})

    assert caught.value.returncode == 2
    assert "strange" in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text("{")

    with pytest.raises(CommandError, match="unreadable"):
        call_command("price_cases", str(file))


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("order 10% with combine(shipping)", {"class": "order", "combine": ["shipping"]}),
        ("free shipping", {"class": "shipping", "kind": "free_shipping", "combine": []}),
        ("product 20% on a without combine", {"goods": "a", "combine": []}),
        ("满300减40", {"kind": "满减", "amount": "300", "save": "40"}),
        ("满3件8折", {"percent": "20"}),
    ],
)
def test_offers_in_words_are_read(phrase: str, expected: dict[str, Any]) -> None:
    assert phrases.read(phrase).items() >= expected.items()


def test_words_without_a_meaning_are_unknown() -> None:
    with pytest.raises(Unknown):
        phrases.read("something nice")
