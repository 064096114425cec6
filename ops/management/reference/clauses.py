"""Clause -> code -> control -> test: where each clause stands in the code, and what proves it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings

from ops.engines.controls.declaring import controls
from ops.management.reference.markdown import Page, code

_CODE: Final = re.compile(r"\b[A-Z]{3}-\d\.\d+-\d{2}\b")
_APPS: Final = ("ops", "catalog", "inventory", "customers", "marketing", "finance", "compliance")


def pages() -> list[Page]:
    """Return one page per chapter of the register."""
    register = Path(settings.BASE_DIR) / "compliance" / "register" / "clauses.yaml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load(register.read_text(encoding="utf-8"), Loader=loader)["clauses"]  # noqa: S506
    named, proofs = _named(), _proofs()
    kept: dict[str, list[str]] = {}
    for one in controls():
        kept.setdefault(one.clause, []).append(f"{one.kind.value} {code(one.name)}")
    chapters: dict[str, list[Any]] = {}
    for clause in found:
        chapters.setdefault(clause["id"].partition("-")[0], []).append(clause)
    return [_page(chapter, rows, named, kept, proofs) for chapter, rows in chapters.items()]


def _page(
    chapter: str,
    rows: list[Any],
    named: dict[str, set[str]],
    kept: dict[str, list[str]],
    proofs: dict[str, set[str]],
) -> Page:
    page = Page(
        f"clauses-{chapter.lower()}.md",
        f"Clauses {chapter}",
        f"{len(rows)} clauses: the files that name each, its controls, the tests that prove it.",
    )
    page.table(
        ("Clause", "Title", "Code", "Controls", "Tests"),
        [
            (
                row["id"],
                f"{row['title_zh']} / {row['title_en']}",
                [code(one) for one in sorted(named.get(row["id"], ()))],
                kept.get(row["id"], []),
                [code(one) for one in sorted(proofs.get(row["id"], ()))],
            )
            for row in rows
        ],
    )
    return page


def _named() -> dict[str, set[str]]:
    """Return the files of the product that name each clause."""
    base, found = Path(settings.BASE_DIR), dict[str, set[str]]()
    for app in _APPS:
        for path in (base / app).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for clause in _CODE.findall(path.read_text(encoding="utf-8")):
                found.setdefault(clause, set()).add(path.relative_to(base).as_posix())
    return found


def _proofs() -> dict[str, set[str]]:
    """Return the tests marked as proof of each clause."""
    base, found = Path(settings.BASE_DIR), dict[str, set[str]]()
    for path in (base / "tests").rglob("test_*.py"):
        place = path.relative_to(base).as_posix()
        text = path.read_text(encoding="utf-8")
        if "mark.clause" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                for clause in _marks(node):
                    found.setdefault(clause, set()).add(f"{place}::{node.name}")
    return found


def _marks(node: ast.FunctionDef) -> Iterator[str]:
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and getattr(mark.func, "attr", "") == "clause":
            yield from (str(each.value) for each in mark.args if isinstance(each, ast.Constant))
