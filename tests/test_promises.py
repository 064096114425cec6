"""The register of promises is whole and true."""

from __future__ import annotations

import ast
import re
from xml.etree import ElementTree

import pytest

from tests import promises, teeth
from tests.promises import PROMISES
from tests.teeth import ROOT

_NAMED = re.compile(r"\b([RS][1-9][0-9]?)\b")


def test_every_promise_is_listed_once_and_names_files_that_exist() -> None:
    assert list(PROMISES) == [f"R{n}" for n in range(1, 19)] + [f"S{n}" for n in range(1, 27)]
    assert [test for test in promises.files() if not (ROOT / test).is_file()] == []


def test_a_file_of_faults_that_names_a_promise_stands_beside_it() -> None:
    missing = [
        f"{path.relative_to(ROOT)} {name}"
        for path in sorted((ROOT / "tests" / "faults").glob("test_*.py"))
        for name in _NAMED.findall(ast.get_docstring(ast.parse(path.read_text())) or "")
        if str(path.relative_to(ROOT)) not in PROMISES[name].tests
    ]

    assert missing == []


def test_every_promise_with_a_mutant_has_tests() -> None:
    bitten = {one.promise for one in teeth.mutants() if _NAMED.fullmatch(one.promise)}

    assert [name for name in sorted(bitten) if not PROMISES[name].tests] == []


def test_a_verdict_is_what_the_report_says() -> None:
    report = ElementTree.fromstring(  # noqa: S314 - written here
        '<testsuites><testsuite><testcase classname="tests.faults.test_kills" name="a"/>'
        '<testcase classname="tests.faults.test_broker" name="b"><failure/></testcase>'
        '<testcase classname="tests.faults.test_imports" name="c"><skipped/></testcase>'
        "</testsuite></testsuites>"
    )

    found = promises.verdicts(report)
    told = list(promises.lines(found))

    assert {name: found[name].word for name in ("R2", "R6", "R16", "R1")} == {
        "R2": "kept", "R6": "BROKEN", "R16": "not run", "R1": "partly",
    }  # fmt: skip
    assert len(told) == len(PROMISES)
    assert any(line.startswith("R10  no test") for line in told)


@pytest.mark.parametrize("text", ["R2", "S1"])
def test_the_tables_name_each_promise(text: str) -> None:
    assert any(line.startswith(text) for line in promises.lines({}))
