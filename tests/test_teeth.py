"""The register of mutants is true: each can be applied, each names tests that exist."""

import ast

import pytest

from tests.teeth import ROOT, Mutant, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda one: f"{one.promise} {one.name}")
def test_a_mutant_can_be_applied_and_names_tests_that_exist(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text()

    weak = mutant.applied(text)

    assert weak != text
    if mutant.file.endswith(".py"):
        ast.parse(weak)  # what cannot be imported is noticed by every test and proves none
    for name in mutant.ids:
        path, _colons, function = name.partition("::")
        assert f"def {function.partition('[')[0]}" in (ROOT / path).read_text(), name


@pytest.mark.parametrize("text", ["nothing here", "twice twice"])
def test_an_absent_or_ambiguous_mutation_is_refused(text: str) -> None:
    mutant = Mutant(promise="S0", name="x", file="x", find="twice", replace="once", tests="x")

    with pytest.raises(ValueError, match="times in x"):
        mutant.applied(text)
