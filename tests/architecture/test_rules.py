"""The house rules that a tool can read from the source."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = sorted(path.parent.name for path in ROOT.glob("*/apps.py") if path.parent.name != "ops")
PUBLIC = {"services", "selectors", "events", "errors", "types", "choices", "ports"}
CLOCKS = {("timezone", "now"), ("datetime", "now"), ("date", "today"), ("datetime", "utcnow")}
SIGNALS = {"django.dispatch", "django.db.models.signals", "django.core.signals"}


@cache
def sources() -> tuple[tuple[Path, ast.Module], ...]:
    files = [
        path
        for top in ("ops", *APPS)
        for path in sorted((ROOT / top).rglob("*.py"))
        if "migrations" not in path.parts
    ]
    return tuple((path, ast.parse(path.read_text(), str(path))) for path in files)


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def imported(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield every imported module; `from a import b` counts as a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_stand_at_the_top() -> None:
    found = [
        place(path, node)
        for path, tree in sources()
        for function in functions(tree)
        if not (path.name == "apps.py" and function.name == "ready")
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert found == []


def test_no_model_overrides_save() -> None:
    found = [
        place(path, node)
        for path, tree in sources()
        if "models" in path.parts or path.name == "models.py"
        for node in functions(tree)
        if node.name == "save"
    ]

    assert found == []


def test_no_signals() -> None:
    found = [
        place(path, node)
        for path, tree in sources()
        for node, name in imported(tree)
        if any(name == signal or name.startswith(signal + ".") for signal in SIGNALS)
    ]

    assert found == []


def test_services_never_ask_the_clock() -> None:
    found = [
        place(path, node)
        for path, tree in sources()
        if {"services", "selectors", "rules"} & {*path.parts, path.stem}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    ]

    assert found == []


def test_apps_meet_at_their_public_doors() -> None:
    found = []
    for path, tree in sources():
        here = path.relative_to(ROOT).parts[0]
        if here == "ops":
            continue
        for node, name in imported(tree):
            top, _dot, rest = name.partition(".")
            if top in APPS and top != here and rest.split(".")[0] not in PUBLIC:
                found.append(f"{place(path, node)} {name}")

    assert found == []


def test_engines_know_no_app() -> None:
    found = [
        f"{place(path, node)} {name}"
        for path, tree in sources()
        if "engines" in path.parts
        for node, name in imported(tree)
        if name.split(".")[0] in APPS
    ]

    assert found == []


@pytest.mark.parametrize("contract", ["stack", "drawers"])
def test_every_app_stands_in_the_import_contracts(contract: str) -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    rules = next(rule for rule in linter["contracts"] if rule["id"] == contract)
    named = set(rules.get("containers", [])) | set(rules["layers"])

    assert set(APPS) <= named
    assert set(APPS) <= set(linter["root_packages"])
