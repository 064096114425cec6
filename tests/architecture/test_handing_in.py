"""Whoever hands a document in opens the transaction that keeps a refusal known (S2, S22).

Inside a plain `transaction.atomic()` the fact of a refused `submit` is undone with the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.test_rules import functions, place, sources

DOORS = {"submit", "amend"}
KEEPER = "handing_in"


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    yield from (one for one in ast.walk(node) if isinstance(one, ast.Call))


def _opens(node: ast.With, name: str) -> bool:
    return any(
        isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Attribute)
        and item.context_expr.func.attr == name
        for item in node.items
    )


def _hands_in(call: ast.Call, through: set[str]) -> bool:
    if isinstance(call.func, ast.Attribute):
        owner = call.func.value
        return call.func.attr in DOORS and isinstance(owner, ast.Name) and owner.id == "approvals"
    return isinstance(call.func, ast.Name) and call.func.id in through


def losses(tree: ast.Module) -> list[ast.With]:
    """Return the plain transactions in which a module hands something in, a helper away or not."""
    withs = [node for node in ast.walk(tree) if isinstance(node, ast.With)]
    kept = {id(call) for node in withs if _opens(node, KEEPER) for call in _calls(node)}
    through: set[str] = set()
    for function in functions(tree):
        if any(_hands_in(call, set()) and id(call) not in kept for call in _calls(function)):
            through.add(function.name)
    return [
        node
        for node in withs
        if _opens(node, "atomic")
        and any(_hands_in(call, through) for call in _calls(node))
        and not _opens(node, KEEPER)
    ]


def test_no_document_is_handed_in_within_a_plain_transaction() -> None:
    found = [place(path, node) for path, tree in sources() for node in losses(tree)]

    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n with transaction.atomic():\n  return approvals.submit(flow='a')",
        "def f():\n with transaction.atomic():\n  g()\ndef g():\n return approvals.amend(id=1)",
    ],
)
def test_the_rule_sees_both_ways(text: str) -> None:
    assert losses(ast.parse(text))


def test_the_rule_lets_the_keeper_pass() -> None:
    text = "def f():\n with approvals.handing_in('a', actor=a, at=b):\n  approvals.submit(flow='a')"

    assert losses(ast.parse(text)) == []
