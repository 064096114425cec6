"""No template, expression or query is built from what somebody sent (S16): rules on the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.test_rules import place, sources

FORBIDDEN = {
    "eval": "evaluates text",
    "exec": "runs text",
    "compile": "compiles text",
    "__import__": "imports by text",
    "mark_safe": "trusts a text as HTML",
    "SafeString": "trusts a text as HTML",
    "SafeText": "trusts a text as HTML",
    "Template": "makes a template of text",
    "from_string": "makes a template of text",
    "extra": "puts text into a query",
}
"""Calls nobody makes at all; `re.compile` and other modules' own names are looked at below."""
RAW = {"RawSQL", "raw"}
PLAIN = {"column"}  # a column's value before it is shown
SENT = {"GET", "POST", "data", "query_params", "validated_data", "FILES", "headers", "META"}
NARROWED = {"filter", "exclude", "get", "update", "create", "values", "order_by", "annotate"}
# Their `compile` reads patterns and files of ours; a screen's own `extra` is no query.
HARMLESS = {"re", "typst", "self"}


def breaches(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield what a module does with text that it should not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(node)


def _call(node: ast.Call) -> Iterator[tuple[ast.AST, str]]:
    name, owner = _name(node.func)
    if name in FORBIDDEN and owner not in HARMLESS and not _is_record(name, node):
        yield node, f"{name}: {FORBIDDEN[name]}"
    if (
        name in RAW
        and owner != "self"
        and owner not in PLAIN
        and node.args
        and not _is_constant(node.args[0])
    ):
        yield node, f"{name} with a text that is not written here"
    if name == "format" and not _is_written_here(node):
        yield node, "format of a text that is not written here"
    if name in NARROWED:
        yield from _narrowed(node, name)


def _is_record(name: str, node: ast.Call) -> bool:
    """Say whether a `Template` is a row made of named columns: a text comes first, or by name."""
    names = {keyword.arg for keyword in node.keywords}
    return name == "Template" and not node.args and "key" in names and None not in names


def _is_written_here(node: ast.Call) -> bool:
    """Say whether a call of `format` formats a literal, or composes a statement by the driver."""
    if not isinstance(node.func, ast.Attribute):
        return True
    return _is_constant(node.func.value) or _is_composed(node)


def _narrowed(node: ast.Call, name: str) -> Iterator[tuple[ast.AST, str]]:
    for keyword in node.keywords:
        if keyword.arg is None and _touches_sent(keyword.value):
            yield keyword.value, f"{name}(**what was sent)"
    for argument in node.args:
        if isinstance(argument, ast.Starred) and _touches_sent(argument.value):
            yield argument, f"{name}(*what was sent)"
        elif name == "order_by" and _touches_sent(argument):
            yield argument, "order_by(what was sent)"


def _name(node: ast.expr) -> tuple[str, str]:
    if isinstance(node, ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        return node.attr, owner
    return (node.id, "") if isinstance(node, ast.Name) else ("", "")


def _is_constant(node: ast.expr) -> bool:
    """Say whether a text is written in the source: a literal, or a constant in capitals."""
    if isinstance(node, ast.Name):
        return node.id.isupper() or (node.id.startswith("_") and node.id.upper() == node.id)
    if isinstance(node, ast.Attribute):
        return node.attr.isupper()
    if isinstance(node, ast.BinOp):
        return _is_constant(node.left) and _is_constant(node.right)
    return isinstance(node, ast.Constant)


def _is_composed(node: ast.Call) -> bool:
    """Say whether a statement is put together by the driver, out of quoted names and literals."""
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    if isinstance(receiver, ast.Call):
        return _name(receiver.func) == ("SQL", "sql") and _is_constant(receiver.args[0])
    return bool(node.args) and all(
        isinstance(one, ast.Call) and _name(one.func)[1] == "sql" for one in node.args
    )


def _touches_sent(node: ast.AST) -> bool:
    return any(
        isinstance(inner, ast.Attribute)
        and inner.attr in SENT
        and isinstance(inner.value, ast.Name | ast.Attribute)
        and _is_request(inner.value)
        for inner in ast.walk(node)
    )


def _is_request(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in {"request", "_request", "sent", "asked", "question", "serializer"}


def test_no_text_becomes_code_template_or_query() -> None:
    found = [
        f"{place(path, node)} {why}" for path, tree in sources() for node, why in breaches(tree)
    ]

    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)",
        "exec(text)",
        "Template(text)",
        "engines['django'].from_string(text)",
        "mark_safe(text)",
        "text.format(name=1)",
        "rows.extra(where=[text])",
        "RawSQL(text, [])",
        "Model.objects.raw(f'select {x}')",
        "rows.filter(**request.GET.dict())",
        "rows.filter(**dict(self.request.query_params))",
        "rows.exclude(**request.data)",
        "rows.order_by(request.GET['o'])",
        "rows.values(*request.GET.getlist('c'))",
    ],
)
def test_the_rules_have_teeth(source: str) -> None:
    assert list(breaches(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    ["re.compile('x')", "'%s {}'.format(1)", "RawSQL('select 1', [])", "rows.filter(**{'a': 1})"],
)
def test_the_rules_let_honest_code_pass(source: str) -> None:
    assert not list(breaches(ast.parse(source)))
