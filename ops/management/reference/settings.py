"""Settings: every variable of the environment the code reads, found where it is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from ops.management.reference.markdown import Page, code

_READERS: Final = ("text", "flag", "integer", "choice", "words", "folder", "database")


def pages() -> list[Page]:
    """Return the page of settings; what they mean stands in docs/configuration.md."""
    page = Page(
        "settings.md",
        "Settings",
        "Every variable the code reads from the environment; [configuration](../configuration.md)"
        " says what each means.",
    )
    page.table(("Variable", "Read as", "Default", "In"), sorted(set(_found())))
    return [page]


def _found() -> Iterator[tuple[str, ...]]:
    base = Path(settings.BASE_DIR)
    for path in sorted((base / "ops").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (name := _variable(node)):
                kind = getattr(node.func, "attr", "")
                yield (
                    code(name),
                    kind,
                    code(_default(node)),
                    code(path.relative_to(base).as_posix()),
                )


def _variable(call: ast.Call) -> str:
    func = call.func
    if not (isinstance(func, ast.Attribute) and func.attr in _READERS and call.args):
        return ""
    first = call.args[0]
    is_ours = isinstance(func.value, ast.Name) and func.value.id == "environment"
    if is_ours and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return ""


def _default(call: ast.Call) -> str:
    given = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "default")]
    return ast.unparse(given[0]) if given else ""
